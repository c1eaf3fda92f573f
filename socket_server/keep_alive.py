"""Pings against a line that is dead without a word: who is silent for two intervals is given up."""

import asyncio
from collections.abc import Callable

LATE_SECONDS = 0.25  # to read an answer that came while this process itself stood still


class KeepAlive:
    """Pings at an interval and tells once if one was not answered before the next was due."""

    def __init__(self, every_seconds: float, ping: Callable[[], None], silent: Callable[[str], None]) -> None:
        """`silent` is told the reason."""
        self._every_seconds = every_seconds
        self._ping = ping
        self._silent = silent
        self._owed = False
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Ping when the first interval is over."""
        self._later(self._every_seconds, self._due)

    def answered(self) -> None:
        self._owed = False

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _due(self) -> None:
        if self._owed:  # or not read yet: a loop that stood still runs its timers before it looks at its sockets
            self._later(LATE_SECONDS, self._overdue)
            return
        self._owed = True
        self._ping()
        self._later(self._every_seconds, self._due)

    def _overdue(self) -> None:
        if self._owed:
            self._silent(f"no answer to a ping for {self._every_seconds} s")
        else:
            self._due()

    def _later(self, seconds: float, act: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, act)
