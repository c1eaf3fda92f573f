"""A timer for work at regular times, such as reporting the number of calls or looking for silence on a line."""

import asyncio
import logging
from collections.abc import Callable

log = logging.getLogger(__name__)


class PeriodicTimer:
    """Ticks from `start` on, at once and then every `every_seconds`, until `stop`. A tick that fails is logged."""

    def __init__(self, tick: Callable[[], None], every_seconds: float) -> None:
        self._tick = tick
        self._every_seconds = every_seconds
        self._next: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self._next = asyncio.get_running_loop().call_later(self._every_seconds, self.start)  # first: a tick may `stop`
        try:
            self._tick()
        except Exception:  # one tick may fail by a defect of ours; the next ones are still needed
            log.exception("what is done every %s s failed by a defect of ours", self._every_seconds)

    def stop(self) -> None:
        if self._next is not None:
            self._next.cancel()
