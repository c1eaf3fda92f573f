"""The two ends of a stream of events: a page that reads it, and a watch whose states the test gives."""

import asyncio
from collections.abc import AsyncIterator

from starlette.types import Message


class Page:
    """The other end: what it was sent, and when it leaves."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[bytes] = asyncio.Queue()
        self.left = asyncio.Event()

    async def receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if body := message.get("body"):
            self.sent.put_nowait(body)

    def take_all(self) -> list[bytes]:
        return [self.sent.get_nowait() for _ in range(self.sent.qsize())]


class Watch:
    """States that the test gives; knows whether it was closed."""

    def __init__(self) -> None:
        self.states: asyncio.Queue[int | Exception | None] = asyncio.Queue()
        self.closed = asyncio.Event()

    def put(self, *states: int | Exception | None) -> None:
        """A state, an error; None ends the watch."""
        for state in states:
            self.states.put_nowait(state)

    async def run(self) -> AsyncIterator[int]:
        try:
            while (state := await self.states.get()) is not None:
                if isinstance(state, Exception):
                    raise state
                yield state
        finally:
            self.closed.set()


class Gate:
    """A pause that lasts until the test ends it."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[float] = asyncio.Queue()
        self.ends = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.begun.put_nowait(seconds)
        await self.ends.wait()
