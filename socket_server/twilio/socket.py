"""The phone's socket: uvicorn's own WebSocket protocol, with a fast path for text frames.

uvicorn and `websockets` handle handshake, limits, fragments, control frames and closing. A frame comes 50 times a
second for every call, so the fast path skips the library's parser (see `frames`), ASGI's receive queue, the pause of
reading after each message and the task switch. Whole text messages go from the read callback directly to a listener,
and text is written at once.
"""

import asyncio
import logging
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Protocol

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame
from websockets.http11 import Request
from websockets.protocol import State

from socket_server.websocket.frames import FrameCutter, is_utf8, make_text_frames
from socket_server.websocket.keep_alive import KeepAlive

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent

LIBRARY_LOG = "uvicorn.error.phone"
"""The logger of uvicorn and `websockets` for these connections."""
EXTENSION = "warmline.phone"
"""The key of the PhoneSocket in the ASGI scope's extensions."""

OPEN = State.OPEN
MESSAGE_BYTES = 64 * 1024  # Twilio's largest message is a `start` of a few kilobytes; more closes with 1009
PING_SECONDS = 20.0
# A phone from which nothing came is given up after this many pings. We do not know whether Twilio answers them, and a
# line may send nothing in silence. A phone that has answered before, and no longer does, is gone.
PINGS, PINGS_ONCE_ANSWERED = 15, 3
UNSENT_BYTES = 8 * 2**20  # a quarter of an hour of audio that was not accepted: the phone is gone

log = logging.getLogger(__name__)


class PhoneListener(Protocol):
    """Receives what arrives on the phone's socket. No method may raise."""

    def phone_text(self, text: bytes) -> None: ...

    def phone_bad_message(self, reason: str) -> None: ...

    def phone_lost(self) -> None:
        """Nothing has come for long: the bridge must close the socket."""


class PhoneSocket(WebSocketsSansIOProtocol):
    """One connection from Twilio."""

    # Some are read for every frame. With uvicorn's attributes there are more than 30 (SHARED_KEYS_MAX_SIZE), so CPython
    # would keep them in a dict and search that.
    __slots__ = ("_context", "_cutter", "_keep_alive", "_listener", "_phone_text")
    _listener: PhoneListener | None
    _phone_text: Callable[[bytes], None]
    _context: Context
    _cutter: FrameCutter
    _keep_alive: KeepAlive

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.logger = self.conn.logger = logging.getLogger(LIBRARY_LOG)
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(UNSENT_BYTES)
        self._cutter = FrameCutter(masked=True, max_bytes=MESSAGE_BYTES)
        self._cutter.takes_text = False
        self._context = copy_context()
        self._listener = None
        self._keep_alive = KeepAlive(self.ping_interval or 0, self._ping, self._silent, patience=PINGS)

    def listen(self, listener: PhoneListener) -> None:
        """From now on messages go to `listener`, in this context. Call it once, before the handshake is accepted.

        The loop does not provide a context: uvloop reads from all connections of a server in the same one.
        """
        self._listener = listener
        self._phone_text = listener.phone_text
        self._context = copy_context()
        self._cutter.takes_text = True

    def send_text(self, *texts: bytes) -> None:
        """Write text messages now, as one piece. If the socket is closing, nothing happens."""
        if self.disconnected or self.conn.state is not OPEN:
            return
        self.transport.write(make_text_frames(texts))

    async def send(self, message: "ASGISendEvent") -> None:
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True  # refused; uvicorn would take that for an error of the application

    def pause_writing(self) -> None:
        """More data waits than a peer that listens would leave."""
        super().pause_writing()
        self.transport.abort()

    def abort(self) -> None:
        """Cut the connection, whatever waits to be sent. A closed one stays closed."""
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self._keep_alive.heard = True
        text = self._cutter.read_lone_text(data)
        if text is None or self.conn.state is not OPEN:
            self._context.run(self._read, data)
        else:
            self._context.run(self._phone_text, text)

    def _read(self, data: bytes) -> None:
        for is_text, piece in self._cutter.cut(data):
            if self.transport.is_closing():  # nothing is read from then on
                return
            if not is_text:
                super().data_received(piece)
            elif self.conn.state is OPEN:
                self._phone_text(piece)

    def start_keepalive(self) -> None:
        if self.ping_interval and self._listener is not None:
            self._keep_alive.start()

    def stop_keepalive(self) -> None:
        self._keep_alive.stop()

    def handle_pong(self, event: Frame) -> None:
        super().handle_pong(event)
        self._keep_alive.patience = PINGS_ONCE_ANSWERED

    def _ping(self) -> None:
        if self.conn.state is OPEN:
            self.conn.send_ping(b"")
            self.transport.write(b"".join(self.conn.data_to_send()))

    def _silent(self, reason: str) -> None:
        assert self._listener is not None  # there are no pings before
        self._context.run(log.warning, "phone lost: %s", reason)
        self._context.run(self._listener.phone_lost)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.close_sent:
            extensions: dict[str, object] = self.scope["extensions"]  # type: ignore[assignment]  # ASGI: any object
            extensions[EXTENSION] = self

    def handle_cont(self, event: Frame) -> None:
        if event.data or event.fin:  # a limit of bytes would not keep empty ones from filling memory
            super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        if self._listener is None:
            super().send_receive_event_to_app()
            return
        message, self.frames = b"".join(self.frames), []
        if self.close_sent:
            return
        if self.curr_msg_data_type != "text":
            self._listener.phone_bad_message(f"expected text, got a binary message of {len(message)} bytes")
        elif is_utf8(message):
            self._listener.phone_text(message)
        else:
            self._listener.phone_bad_message(f"expected text in UTF-8, got {len(message)} bytes that are not: closed")
            self.conn.send_close(CloseCode.INVALID_DATA)
            self.handle_parser_exception()
