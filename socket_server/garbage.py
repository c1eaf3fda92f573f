"""Messages that mean nothing: how many of them a peer may send before it is not worth listening to.

A few are dropped and the call goes on: protocols grow, and a call is long. A peer that keeps on is given up, and does
not fill the log.
"""

import logging
from collections import deque

ALLOWED = 10
WITHIN_MS = 60_000

log = logging.getLogger(__name__)


class Garbage:
    """The bad messages of one peer of one call."""

    def __init__(self, peer: str) -> None:
        self._peer = peer
        self._came_ms: deque[int] = deque(maxlen=ALLOWED)
        self._too_much = False

    def too_much(self, reason: str, now_ms: int) -> bool:
        """Count and log one more, which the caller drops; whether the peer is to be given up, from then on always."""
        if self._too_much:
            return True
        came_ms = self._came_ms
        self._too_much = len(came_ms) == ALLOWED and now_ms - came_ms[0] < WITHIN_MS
        came_ms.append(now_ms)
        more = f"; more than {ALLOWED} within {WITHIN_MS // 1000} s: given up" if self._too_much else ""
        log.warning("bad message of the %s: %s%s", self._peer, reason, more)
        return self._too_much
