"""Whether the model reads what it is sent: a test may pause it for a while."""

import asyncio
import contextlib
from collections.abc import Iterator

from websockets.asyncio.server import ServerConnection


class ReadPause:
    """Not held at first."""

    def __init__(self) -> None:
        self._reading = asyncio.Event()
        self._reading.set()

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Nothing is read for the time of the block: soon what a client writes is not taken, nor its ping answered."""
        self._reading.clear()
        try:
            yield
        finally:
            self._reading.set()

    async def wait(self, connection: ServerConnection) -> None:
        """Wait until it is over, or the connection is closed."""
        if self._reading.is_set():
            return
        hearing, closing = asyncio.create_task(self._reading.wait()), asyncio.create_task(connection.wait_closed())
        try:
            await asyncio.wait([hearing, closing], return_when=asyncio.FIRST_COMPLETED)
        finally:
            hearing.cancel()
            closing.cancel()
