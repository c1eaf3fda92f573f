"""A Starlette application on a loopback port, in the running loop."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial

import uvicorn
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from sandbox.loopback import make_listener

ABORT = "sandbox.abort"
"""The ASGI scope's extensions have under it a function that cuts the connection."""

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

    def abort(self, client: tuple[str, int]) -> None:
        """Cut the connection of this client, whatever it waits for."""
        for connection in list(self.server_state.connections):
            if connection.client == client:  # type: ignore[union-attr]  # each of uvicorn's protocols knows its client
                connection.transport.abort()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals belong to the process that embeds this server."""
        yield


@asynccontextmanager
async def serve(app: Starlette, port: int = 0) -> AsyncIterator[str]:
    """The origin, `http://127.0.0.1:PORT`, where `app` listens for the time of the block; port 0 picks a free one."""
    listener = make_listener(port)

    async def with_abort(scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"] = {**scope.get("extensions", {}), ABORT: partial(server.abort, scope["client"])}
        await app(scope, receive, send)

    config = uvicorn.Config(with_abort, lifespan="off", log_config=None, access_log=False)
    server = _Server(config)
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve([listener]))
        try:
            # The socket listens already: a request that comes before uvicorn is ready waits in its backlog.
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.stop.set()
