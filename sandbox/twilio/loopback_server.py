"""A Starlette application on a loopback port, in the running loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import uvicorn
from starlette.applications import Starlette

from sandbox.loopback import make_listener

_GRACE_S = 1.0


class _Server(uvicorn.Server):
    """Begins and ends at once: uvicorn's own looks ten times a second whether it should, and tests are many."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stop = asyncio.Event()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self.stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every connection, and wait for what still answers for a second at most."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            _, late = await asyncio.wait(self.server_state.tasks, timeout=_GRACE_S)
            for task in late:
                task.cancel()
        with suppress(TimeoutError):  # a peer that does not answer a close keeps nobody
            async with asyncio.timeout(_GRACE_S):
                for server in self.servers:
                    await server.wait_closed()
        for listener in sockets or []:
            listener.close()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the process that embeds this server."""
        yield


@asynccontextmanager
async def serve(app: Starlette, port: int = 0) -> AsyncIterator[str]:
    """The origin, `http://127.0.0.1:PORT`, where `app` listens for the time of the block; port 0 picks a free one."""
    listener = make_listener(port)
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False)
    server = _Server(config)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve([listener]))
        try:
            # The socket listens already: a request that comes before uvicorn is ready waits in its backlog.
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.stop.set()
