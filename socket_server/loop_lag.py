"""Measures how late the event loop is, which shows whether the process can take one more call.

An overloaded process delays all its calls, more with each second. Nothing else shows that in time: how many calls a CPU
core can carry depends on the core.
"""

import asyncio
import statistics
from collections import deque

EVERY_MS = 100
SAMPLES = 20  # the last two seconds: one garbage collection, or one slow neighbour, is not an overload


class LoopLag:
    """From `start` to `stop`, measures ten times a second how late the loop runs a timer."""

    def __init__(self) -> None:
        self._late_ms: deque[float] = deque(maxlen=SAMPLES)
        self._next: asyncio.TimerHandle
        self._due_s = 0.0

    @property
    def ms(self) -> float:
        """How late the loop is now: the median of the last measurements."""
        return statistics.median(self._late_ms) if self._late_ms else 0.0

    def observe(self, late_ms: float) -> None:
        """The loop ran the timer this late."""
        self._late_ms.append(late_ms)

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._due_s = loop.time() + EVERY_MS / 1000
        self._next = loop.call_at(self._due_s, self._look)

    def stop(self) -> None:
        self._next.cancel()

    def _look(self) -> None:
        self.observe(max(0.0, (asyncio.get_running_loop().time() - self._due_s) * 1000))
        self.start()
