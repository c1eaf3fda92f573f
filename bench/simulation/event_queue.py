"""What happens when: simulated time, and nothing else. What is due at one moment happens in the order it was noted."""

import heapq
from collections.abc import Callable


class Agenda:
    def __init__(self) -> None:
        self.now_s = 0.0
        self._noted: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def note(self, after_s: float, action: Callable[[], None]) -> None:
        """Do this after so many seconds from now."""
        assert after_s >= 0, f"nothing happens in the past, but this was {after_s} s from now"
        self._count += 1
        heapq.heappush(self._noted, (self.now_s + after_s, self._count, action))

    def run_until(self, end_s: float) -> None:
        """Do all that is due until then, that moment included."""
        while self._noted and self._noted[0][0] <= end_s:
            self.now_s, _, action = heapq.heappop(self._noted)
            action()
        self.now_s = end_s
