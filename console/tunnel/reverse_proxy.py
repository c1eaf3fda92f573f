"""The port behind the tunnel. By its path, a request goes to one of the servers on this machine, or nowhere.

Only what Twilio must reach is reachable here: the webhooks, the media stream, the fallback. Everything else gets 404,
whatever listens on this machine. A request that opens a WebSocket keeps its connection; any other connection is closed
after its answer, because the next request on it could be for another server. Bytes pass as they are.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self

from sandbox.aws.load_balancer import copy_bytes
from sandbox.loopback import make_client, make_listener

_HEAD_BYTES = 64 * 1024
_HEAD_S = 10.0  # a tunnel sends the head of a request in one piece


class ReverseProxy:
    """It listens from the beginning, and answers while it is entered.

    `origins`: the first part of a path to the port of a server on loopback. `answers`: a whole path to a text that is
    answered here. Raises `OSError` if the port is in use; 0 takes a free one.
    """

    def __init__(self, origins: Mapping[str, int], answers: Mapping[str, str], port: int = 0) -> None:
        self._origins = dict(origins)
        self._answers = dict(answers)
        self._socket = make_listener(port)
        self.port: int = self._socket.getsockname()[1]
        self._open: Counter[str] = Counter()
        self._closed = asyncio.Event()
        self._server: asyncio.Server

    def count_open(self, first: str) -> int:
        """How many connections there are to the server behind this first part of a path."""
        return self._open[first]

    async def wait_until_closed(self, first: str) -> None:
        """Wait until there is no such connection."""
        while self._open[first]:
            self._closed.clear()
            await self._closed.wait()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, sock=self._socket, limit=_HEAD_BYTES)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self._server.close_clients()
        await self._server.wait_closed()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            head = await _read_head(reader)
            if head is not None:
                await self._forward(head, reader, writer)
        writer.close()

    async def _forward(self, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = _read_path(head)
        first = "/" + path.removeprefix("/").partition("/")[0]
        if (answer := self._answers.get(path)) is not None:
            writer.write(_make_response("200 OK", answer))
        elif (port := self._origins.get(first)) is None:
            writer.write(_make_response("404 Not Found", "Warmline has nothing here.\n"))
        else:
            with self._count(first):
                await _relay(port, head, reader, writer)
        await writer.drain()

    @contextlib.contextmanager
    def _count(self, first: str) -> Iterator[None]:
        self._open[first] += 1
        try:
            yield
        finally:
            self._open[first] -= 1
            self._closed.set()


async def _read_head(reader: asyncio.StreamReader) -> bytes | None:
    """The head of a request, with its empty line; None: none came."""
    try:
        async with asyncio.timeout(_HEAD_S):
            return await reader.readuntil(b"\r\n\r\n")
    except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None


def _read_path(head: bytes) -> str:
    """The path of the request line, without its query; "" if the line is not HTTP's."""
    parts = head.partition(b"\r\n")[0].split(b" ")
    return parts[1].partition(b"?")[0].decode("ascii", "replace") if len(parts) == 3 else ""


async def _relay(port: int, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    connection = make_client()
    try:
        await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
    except OSError:
        connection.close()
        writer.write(_make_response("502 Bad Gateway", "Warmline is not running.\n"))
        return
    server_reader, server_writer = await asyncio.open_connection(sock=connection)
    server_writer.write(_close_after_answer(head))
    ways = (copy_bytes(reader, server_writer), copy_bytes(server_reader, writer))
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        server_writer.close()


def _close_after_answer(head: bytes) -> bytes:
    """The head of a request that its server answers with the last bytes of the connection; a WebSocket's as it is."""
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    names = [line.partition(b":")[0].strip().lower() for line in lines]
    if b"upgrade" in names:
        return head
    kept = [line for name, line in zip(names, lines, strict=True) if name not in (b"connection", b"keep-alive")]
    return b"\r\n".join([first, *kept, b"Connection: close", b"", b""])


def _make_response(status: str, text: str) -> bytes:
    body = text.encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body
