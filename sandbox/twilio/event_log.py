"""What has happened so far on all calls: for the demo's terminal and for assertions."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass

from sandbox.twilio.events import Event

# In real seconds: longer than anything in a test lasts on a busy machine, and a test that waits in vain says so.
WAIT_TIMEOUT_S = 45.0


@dataclass(frozen=True, slots=True)
class TimedEvent:
    at_ms: int  # since the call began; for a dialled leg, since the call that dialled it began
    clock_ms: int  # since the carrier began: comparable between calls
    call_sid: str
    what: Event


class EventLog:
    """Everything so far, in order; iterate over it, or wait for what is to come."""

    def __init__(self) -> None:
        self._all: list[TimedEvent] = []
        self._more = asyncio.Event()

    def append(self, event: TimedEvent) -> None:
        self._all.append(event)
        self._more.set()
        self._more = asyncio.Event()

    def __iter__(self) -> Iterator[TimedEvent]:
        return iter(tuple(self._all))

    def of[T](self, kind: type[T], call_sid: str | None = None) -> list[T]:
        """What happened of one kind, on one call or on all."""
        return [
            event.what for event in self._all if isinstance(event.what, kind) and call_sid in (None, event.call_sid)
        ]

    async def watch(self) -> AsyncIterator[TimedEvent]:
        """Every event from the first on, without end."""
        seen = 0
        while True:
            while seen < len(self._all):
                seen += 1
                yield self._all[seen - 1]
            await self._more.wait()

    async def wait_for[T](
        self, kind: type[T], where: Callable[[T], bool] | None = None, *, timeout_s: float = WAIT_TIMEOUT_S
    ) -> T:
        """The first event of `kind` (that `where` accepts), past or to come.

        Fails with an AssertionError that tells what happened instead, and never waits for ever.
        """
        try:
            async with asyncio.timeout(timeout_s):
                return await self._wait_for(kind, where)
        except TimeoutError:
            came = [type(event.what).__name__ for event in self._all]
            raise AssertionError(f"waited {timeout_s} s for {kind.__name__}; there was {came}") from None

    async def _wait_for[T](self, kind: type[T], where: Callable[[T], bool] | None) -> T:
        async for event in self.watch():
            if isinstance(event.what, kind) and (where is None or where(event.what)):
                return event.what
        raise AssertionError("watch() never ends")
