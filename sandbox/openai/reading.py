"""Whether the model reads what it is sent: a test may stop its ears for a while."""

import asyncio
import contextlib
from collections.abc import Iterator

from websockets.asyncio.server import ServerConnection


class Ears:
    """Open at first."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._open.set()

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Nothing is read for the time of the block: soon what a client writes is not taken, nor its ping answered."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    async def hear(self, connection: ServerConnection) -> None:
        """Wait until they are open, or it is too late to hear."""
        if self._open.is_set():
            return
        hearing, closing = asyncio.create_task(self._open.wait()), asyncio.create_task(connection.wait_closed())
        try:
            await asyncio.wait([hearing, closing], return_when=asyncio.FIRST_COMPLETED)
        finally:
            hearing.cancel()
            closing.cancel()
