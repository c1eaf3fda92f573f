"""A relay between the container and its model that changes nothing and notes every message.

It passes bytes on, in both directions, from the handshake's answer to the end: messages in order, pings, close codes, a
refused handshake with its status and text. Only the request of the handshake is written anew: the Host, and without the
extensions that would hide the messages from it. The key in it goes to the model and is kept nowhere else.

For a container of this machine: it listens on loopback, and its `url` takes the place of the model's in REALTIME_URL.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from hashlib import blake2b
from typing import Self
from urllib.parse import parse_qs, urlsplit, urlunsplit

from console.local.websocket_messages import WebSocketMessage, WebSocketReader, encode_text
from console.local.wire_notes import WireSession, hide_key, make_note
from console.local.work_beside import WorkBeside
from sandbox.loopback import make_listener

_HEAD_BYTES = 64 * 1024
_READ_BYTES = 64 * 1024
_REFUSAL_BYTES = 4096  # of the text that is noted
_CONNECT_S = 10.0  # longer than the container waits
_PORTS = {"ws": 80, "wss": 443}
_UNREACHABLE = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n{text}"


class ModelWireError(Exception):
    """The model's URL is none; the message is for the user."""


class ModelWire:
    """`async with ModelWire(target).run() as wire:` relays while the block lasts."""

    def __init__(self, target: str, *, tls: ssl.SSLContext | None = None) -> None:
        """`target`: the model's WebSocket URL. `tls` may trust other authorities than the machine does.

        Raises `ModelWireError`.
        """
        self.target = urlsplit(target)
        if self.target.scheme not in _PORTS or not self.target.hostname:
            raise ModelWireError(f"expected the model's URL to begin with ws:// or wss://, got {target!r}")
        self.sessions: list[WireSession] = []
        """Every connection to the model, refused ones too."""
        self.now_ms: Callable[[], int] = _read_loop_ms
        """The clock of the notes."""
        self.changed: Callable[[], None] = _ignore
        """Is called after each note; it must not wait."""
        self.url = ""
        """For REALTIME_URL: path and query are the model's own. Known while it runs."""
        self._tls = tls or ssl.create_default_context()
        self._relays: dict[int, _Relay] = {}

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncIterator[Self]:
        """Relay; what is still connected at the end is closed."""
        listener = make_listener()
        netloc = f"127.0.0.1:{listener.getsockname()[1]}"
        self.url = urlunsplit(("ws", netloc, self.target.path, self.target.query, ""))
        async with WorkBeside() as work:

            def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                work.start(self._serve(reader, writer))

            server = await asyncio.start_server(serve, sock=listener, limit=_HEAD_BYTES)
            try:
                yield self
            finally:
                server.close()

    def add(self, session: WireSession, text: str) -> None:
        """Say this to the model in the container's place, after the container's next message; the one change that is
        made here, and only for who asks for it. Without effect on a session that is over."""
        if (relay := self._relays.get(session.number)) is not None:
            relay.added.append(text.encode())

    def drop(self, session: WireSession) -> None:
        """The model's socket dies without a word. Without effect on a session that is over."""
        if (relay := self._relays.get(session.number)) is not None:
            relay.drop()

    def drop_all(self) -> None:
        """Every socket of the model dies without a word."""
        for relay in tuple(self._relays.values()):
            relay.drop()

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the model's server."""
        tls = self._tls if self.target.scheme == "wss" else None
        port = self.target.port or _PORTS[self.target.scheme]
        async with asyncio.timeout(_CONNECT_S):
            return await asyncio.open_connection(self.target.hostname, port, ssl=tls, limit=_HEAD_BYTES)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            writer.transport.abort()
            return
        session = WireSession(len(self.sessions) + 1, _read_model(head), self.now_ms())
        relay = self._relays[session.number] = _Relay(self, session, head)
        self.sessions.append(session)
        self.changed()
        try:
            await relay.run(reader, writer)
        finally:
            del self._relays[session.number]
            session.closed_at_ms = self.now_ms()
            writer.close()
            self.changed()


class _Relay:
    """One connection: its two ends, and what is noted of it."""

    def __init__(self, wire: ModelWire, session: WireSession, head: bytes) -> None:
        self._wire = wire
        self._session = session
        self._head = _rewrite(head, wire.target.netloc.rpartition("@")[2])
        self._key = _read_key(head)
        self.added: list[bytes] = []  # messages for the model that are not the container's
        self._writers: list[asyncio.StreamWriter] = []

    async def run(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """From the request of the handshake to the end of either side."""
        self._writers.append(writer)
        try:
            model_reader, model_writer = await self._wire.connect()
        except (OSError, TimeoutError) as error:
            text = f"The model cannot be reached: {str(error) or 'no connection in time'}.\n"
            self._session.refusal = text
            writer.write(_UNREACHABLE.format(size=len(text.encode()), text=text).encode())
            return
        self._writers.append(model_writer)
        try:
            if await self._shake_hands(model_reader, model_writer, writer):
                await self._relay_both(reader, writer, model_reader, model_writer)
        finally:
            model_writer.close()

    def drop(self) -> None:
        """Cut both ends."""
        self._session.close = "the connection was cut off on purpose"
        for writer in self._writers:
            writer.transport.abort()

    async def _shake_hands(
        self, model_reader: asyncio.StreamReader, model_writer: asyncio.StreamWriter, writer: asyncio.StreamWriter
    ) -> bool:
        """Whether the model accepted it. A refusal is passed on to its last byte."""
        try:
            model_writer.write(self._head)
            answer = await model_reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            self._session.refusal = "The connection was closed without an answer."
            return False
        writer.write(answer)
        status = answer.partition(b"\r\n")[0]
        if status.split(b" ")[1:2] == [b"101"]:
            return True
        said = b""
        with contextlib.suppress(ConnectionError):
            while data := await model_reader.read(_READ_BYTES):
                writer.write(data)
                said = (said + data)[:_REFUSAL_BYTES]
        text = f"{status.decode(errors='replace')}\n{said.decode(errors='replace')}"
        self._session.refusal = hide_key(text, self._key).strip()
        return False

    async def _relay_both(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        model_reader: asyncio.StreamReader,
        model_writer: asyncio.StreamWriter,
    ) -> None:
        async with asyncio.TaskGroup() as group:
            pumps = [
                group.create_task(self._pump(reader, model_writer, to_model=True)),
                group.create_task(self._pump(model_reader, writer, to_model=False)),
            ]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
        self._session.close = self._session.close or "the connection broke"

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, to_model: bool) -> None:
        """Pass everything on until one end is gone."""
        messages = WebSocketReader()
        try:
            while data := await reader.read(_READ_BYTES):
                writer.write(data)
                for message in messages.feed(data):
                    self._note(message, to_model=to_model)
                while to_model and self.added and messages.between_messages:
                    writer.write(encode_text(added := self.added.pop(0)))
                    self._note(WebSocketMessage("text", added), to_model=True)
                await writer.drain()
        except ConnectionError:
            writer.transport.abort()

    def _note(self, message: WebSocketMessage, *, to_model: bool) -> None:
        session = self._session
        if message.kind == "close":
            who = "Warmline" if to_model else "the model"
            reason = hide_key(message.payload[2:].decode(errors="replace"), self._key)
            session.close = session.close or f"{who} closed it: {message.close_code or 'no code'} {reason}".rstrip()
        else:
            note = make_note(message.payload, self._wire.now_ms(), self._key, to_model=to_model)
            if note.type == "session.updated" and not session.updated_digest:
                session.updated_digest = blake2b(message.payload, digest_size=8).hexdigest()
            if session.notes and session.notes[-1].join(note):
                return  # 50 times a second
            session.notes.append(note)
        self._wire.changed()


def _read_loop_ms() -> int:
    return int(asyncio.get_running_loop().time() * 1000)


def _ignore() -> None:
    pass


def _rewrite(head: bytes, host: str) -> bytes:
    """The request of a handshake, for another host and without extensions."""
    lines = head.split(b"\r\n")
    kept = [each for each in lines[1:] if _read_name(each) not in (b"host", b"sec-websocket-extensions")]
    return b"\r\n".join([lines[0], b"Host: " + host.encode(), *kept])


def _read_name(line: bytes) -> bytes:
    return line.partition(b":")[0].strip().lower()


def _read_key(head: bytes) -> str:
    """What is in the header Authorization, without its scheme; empty: it has none."""
    values = [each.partition(b":")[2] for each in head.split(b"\r\n") if _read_name(each) == b"authorization"]
    return values[0].strip().rpartition(b" ")[2].decode(errors="replace") if values else ""


def _read_model(head: bytes) -> str:
    request = head.partition(b"\r\n")[0].decode(errors="replace").split(" ")
    query = parse_qs(urlsplit(request[1]).query) if len(request) > 1 else {}
    return query.get("model", [""])[0]
