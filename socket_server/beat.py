"""Tells at regular times how many calls there are, also when there are none: the service is scaled on the average."""

import asyncio
from collections.abc import Callable

EVERY_SECONDS = 15.0  # four samples to each minute of CloudWatch's


class Beat:
    """Ticks from `start` on, at once and then every `every_seconds`, until `stop`."""

    def __init__(self, tick: Callable[[], None], every_seconds: float = EVERY_SECONDS) -> None:
        self._tick = tick
        self._every_seconds = every_seconds
        self._next: asyncio.TimerHandle

    def start(self) -> None:
        self._tick()
        self._next = asyncio.get_running_loop().call_later(self._every_seconds, self.start)

    def stop(self) -> None:
        self._next.cancel()
