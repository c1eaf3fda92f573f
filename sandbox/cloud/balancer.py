"""The load balancer of the sandbox's cloud: every connection goes to the newest container that takes it.

Bytes pass as they are. Simpler than AWS's: no health checks (a container that does not listen is passed over), no
deregistration delay, and no TLS, which ends in the carrier. A connection that no container takes is answered with 503.
"""

import asyncio
import contextlib
from types import TracebackType
from typing import Self

from sandbox.loopback import connecting, listening

_UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Balancer:
    """It has its port from the beginning, and carries connections while it is entered.

    `targets` are the ports of containers on loopback, the newest last; it may change at any time.
    """

    def __init__(self) -> None:
        self.targets: list[int] = []
        self._socket = listening()
        self.port: int = self._socket.getsockname()[1]
        self._server: asyncio.Server

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, sock=self._socket)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self._server.close_clients()
        await self._server.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = await self._connect()
        if target is None:
            writer.write(_UNAVAILABLE)
        else:
            target_reader, target_writer = target
            ways = (pass_on(reader, target_writer), pass_on(target_reader, writer))
            tasks = [asyncio.create_task(way) for way in ways]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            target_writer.close()
            for task in tasks:
                task.cancel()
        writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for port in reversed(self.targets):
            # Connected by hand: Python 3.13.0's open_connection leaves the socket of a refusal open.
            connection = connecting()
            try:
                await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
            except OSError:
                connection.close()
            else:
                return await asyncio.open_connection(sock=connection)
        return None


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until either side has gone."""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
