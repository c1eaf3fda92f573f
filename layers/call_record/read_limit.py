"""Limits how often a secret may be read before its regular time.

If no known key fits a signature, a new key is looked for at once. Forged signatures must not flood Secrets Manager with
requests, or make everybody wait for its answers.
"""

import time
from collections import deque
from collections.abc import Callable

READS = 5  # of which a rotation needs one
WINDOW_S = 60.0


class ReadLimit:
    """So many reads in any `WINDOW_S`, which may come all at once."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._read_at: deque[float] = deque(maxlen=READS)

    def allows(self) -> bool:
        """Whether another read is allowed now. If so, it is counted."""
        now = self._clock()
        if len(self._read_at) == READS and now < self._read_at[0] + WINDOW_S:
            return False
        self._read_at.append(now)
        return True
