"""Pings that find dead connections: a peer from which nothing at all comes is given up.

Every message shows that the peer is alive, its audio as well as an answer to a ping. An answer may be late behind other
messages, and a peer that does not answer pings never sends one.
"""

import asyncio
from collections.abc import Callable

LATE_SECONDS = 0.25  # to read messages that came while this process stood still


class KeepAlive:
    """Sends pings at an interval, and tells once if nothing came after a number of them."""

    def __init__(
        self, every_seconds: float, ping: Callable[[], None], silent: Callable[[str], None], *, patience: int = 1
    ) -> None:
        """`silent` gets the reason. `patience`: after how many pings without any message."""
        self.heard = True
        """Set it whenever anything came; it is cleared here."""
        self.patience = patience
        self._every_seconds = every_seconds
        self._ping = ping
        self._silent = silent
        self._pings = 0  # since anything came
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Ping when the first interval is over."""
        self._schedule(self._every_seconds, self._due)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _due(self) -> None:
        if self.heard:
            self.heard, self._pings = False, 0
        elif self._pings >= self.patience:  # or not read yet: after a standstill, timers run before reads
            self._schedule(LATE_SECONDS, self._overdue)
            return
        self._pings += 1
        self._ping()
        self._schedule(self._every_seconds, self._due)

    def _overdue(self) -> None:
        if self.heard:
            self._due()
        else:
            self._silent(f"nothing came for {self._pings * self._every_seconds:g} s, nor an answer to a ping")

    def _schedule(self, seconds: float, act: Callable[[], None]) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, act)
