"""The clock of a call, and the one timer that follows the core's deadline."""

import asyncio
import time
from collections.abc import Callable


def now_ms() -> int:
    """The clock for all times of a call. Its zero has no meaning."""
    return time.monotonic_ns() // 1_000_000  # asyncio's loops count from the same zero


class DeadlineTimer:
    """Fires once at the time it was last set to."""

    def __init__(self, on_due: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_due = on_due
        self._due_ms: int | None = None
        self._handle: asyncio.TimerHandle | None = None

    def set(self, due_ms: int | None) -> None:
        """Fire at this time of `now_ms`; None: not at all."""
        if due_ms == self._due_ms:
            return
        if self._handle is not None:
            self._handle.cancel()
        self._due_ms = due_ms
        self._handle = None if due_ms is None else self._loop.call_at(due_ms / 1000, self._fire)

    def _fire(self) -> None:
        self._due_ms = None  # the next deadline is set again, even for the same time
        self._on_due()
