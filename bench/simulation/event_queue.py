"""Simulated time: runs each action at its time. Actions due at the same time run in the order they were scheduled."""

import heapq
from collections.abc import Callable


class EventQueue:
    def __init__(self) -> None:
        self.now_s = 0.0
        self._scheduled: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def schedule(self, after_s: float, action: Callable[[], None]) -> None:
        """Run the action so many seconds from now."""
        assert after_s >= 0, f"expected 0 s or more, got {after_s}"
        self._count += 1
        heapq.heappush(self._scheduled, (self.now_s + after_s, self._count, action))

    def run_until(self, end_s: float) -> None:
        """Run every action that is due by then, and set the time to `end_s`."""
        while self._scheduled and self._scheduled[0][0] <= end_s:
            self.now_s, _, action = heapq.heappop(self._scheduled)
            action()
        self.now_s = end_s
