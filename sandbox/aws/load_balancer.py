"""The load balancer of the sandbox's cloud: the containers take new connections in turn.

Bytes pass as they are. A container that is no target any more keeps the connections it has, until they are cut: AWS's
does that when the deregistration delay is over. Simpler than AWS's: no health checks (a container that does not listen
is passed over), no clock of its own for that delay, and no TLS, which ends in the carrier. A connection that no
container takes is answered with 503.
"""

import asyncio
import contextlib
import socket
from types import TracebackType
from typing import Self

from sandbox.loopback import make_client, make_listener

_UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_BUFFER_BYTES = 16 * 1024  # so that a slow container is felt by whoever sends to it, as in `sandbox.twilio.media`


class LoadBalancer:
    """It has its port from the beginning, and carries connections while it is entered.

    `targets` are the ports of containers on loopback; it may change at any time.
    """

    def __init__(self) -> None:
        self.targets: list[int] = []
        self._last: int | None = None
        """The target whose turn it was."""
        self._connections: dict[asyncio.StreamWriter, int] = {}
        """The connections from outside, and the target that each was carried to."""
        self._socket = make_listener()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self.port: int = self._socket.getsockname()[1]
        self._server: asyncio.Server

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._relay, sock=self._socket, limit=_BUFFER_BYTES)
        return self

    def drop_connections(self, port: int) -> None:
        """Break off every connection to this container, without a word to either side."""
        for writer, target in list(self._connections.items()):
            if target == port:
                writer.transport.abort()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self._server.close_clients()
        await self._server.wait_closed()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = await self._connect()
        if target is None:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                await reader.readuntil(b"\r\n\r\n")  # what is left unread would tear the answer up on its way
            writer.write(_UNAVAILABLE)
        else:
            port, target_reader, target_writer = target
            self._connections[writer] = port
            ways = (copy_bytes(reader, target_writer), copy_bytes(target_reader, writer))
            tasks = [asyncio.create_task(way) for way in ways]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            del self._connections[writer]
            target_writer.close()
            for task in tasks:
                task.cancel()
        writer.close()

    async def _connect(self) -> tuple[int, asyncio.StreamReader, asyncio.StreamWriter] | None:
        for port in self._order_targets():
            # Connected by hand: Python 3.13.0's open_connection leaves the socket of a refusal open.
            connection = make_client()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
            try:
                await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
            except OSError:
                connection.close()
            else:
                self._last = port
                return port, *await asyncio.open_connection(sock=connection)
        return None

    def _order_targets(self) -> list[int]:
        """The targets, beginning with the one whose turn it is."""
        turn = self.targets.index(self._last) + 1 if self._last in self.targets else 0
        return self.targets[turn:] + self.targets[:turn]


async def copy_bytes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until either side has gone."""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
