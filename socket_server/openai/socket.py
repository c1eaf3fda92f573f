"""The model's socket: `websockets`' protocol class under an asyncio transport, text frames by plain callbacks.

The library handles handshake, control frames, limits and closing. `frames` handles whole text messages. This file does
the rest: fragments, time-outs, and telling exactly once that the socket is gone.
"""

import asyncio
import ssl
from contextvars import copy_context
from typing import cast

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import WebSocketURI, parse_uri

from socket_server.core.errors import ModelRefusedError
from socket_server.core.model_codec import ModelListener
from socket_server.websocket.frames import FrameCutter, is_utf8, make_masked_text_frame
from socket_server.websocket.keep_alive import KeepAlive

MESSAGE_BYTES = 16 * 2**20  # response.done repeats a whole response
OPEN_SECONDS = 5.0  # the caller hears nothing meanwhile
PING_SECONDS = 4.0  # a dead line is found within twice this time; the caller hears nothing meanwhile
CLOSE_SECONDS = 2.0
STALLED_BYTES = 64 * 1024  # four seconds of the caller's audio: older audio helps nobody


async def open_model_socket(
    url: str, api_key: str, listener: ModelListener, tls: ssl.SSLContext, *, ping_seconds: float = PING_SECONDS
) -> "ModelSocket":
    """Connect and shake hands; ModelRefusedError says at which step it failed and why.

    Messages that come with the answer to the handshake are delivered before this returns: the socket may be `over`
    already.
    """
    uri = parse_uri(url)
    loop = asyncio.get_running_loop()
    opened: asyncio.Future[None] = loop.create_future()
    try:
        async with asyncio.timeout(OPEN_SECONDS):
            _, protocol = await loop.create_connection(
                lambda: ModelSocket(uri, api_key, listener, opened, ping_seconds),
                host=uri.host,
                port=uri.port,
                ssl=tls if uri.secure else None,
                server_hostname=uri.host if uri.secure else None,
            )
            try:
                await opened
            except BaseException:
                protocol.close()
                raise
    except TimeoutError:
        raise ModelRefusedError(f"no handshake within {OPEN_SECONDS} s") from None
    except OSError as error:
        raise ModelRefusedError(f"cannot connect to {uri.host}:{uri.port}: {error}") from error
    finally:
        opened.cancel()  # nobody waits for it any more
    return protocol


class ModelSocket(asyncio.Protocol):
    """One connection to the service."""

    def __init__(
        self,
        uri: WebSocketURI,
        api_key: str,
        listener: ModelListener,
        opened: asyncio.Future[None],
        ping_seconds: float,
    ) -> None:
        self.over = False
        """Closed, or lost: nothing more is sent or told."""
        self.stalled = False
        """The service does not take what it is sent."""
        self._ready = False  # the handshake is over, the connection is not
        self._websocket = ClientProtocol(uri, max_size=MESSAGE_BYTES)
        self._cutter = FrameCutter(masked=False, max_bytes=MESSAGE_BYTES, frames_follow=lambda: self._ready)
        self._api_key = api_key
        self.listen(listener)
        self._opened = opened
        self._pieces: list[bytes] = []
        self._binary = False
        self._transport: asyncio.Transport
        self._keep_alive = KeepAlive(ping_seconds, self._ping, lambda why: self._context.run(self._lost, why))
        self._abort: asyncio.TimerHandle | None = None

    def listen(self, listener: ModelListener) -> None:
        """From now on `listener` gets everything that comes, and the end, in this context."""
        self._listener = listener
        self._context = copy_context()

    def send_text(self, text: bytes) -> None:
        """Write one text message now. If the socket is gone, nothing happens."""
        if self._ready:
            self._transport.write(make_masked_text_frame(text))

    def close(self) -> None:
        """Close without waiting; nothing more is told to the listener."""
        if self.over:
            return
        if self._websocket.state is State.OPEN:
            self._websocket.send_close(1000)
        self._end()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # create_connection makes no other kind
        self._transport.set_write_buffer_limits(STALLED_BYTES, STALLED_BYTES)
        try:
            request = self._websocket.connect()
            request.headers["Authorization"] = f"Bearer {self._api_key}"
            self._websocket.send_request(request)
        except Exception as error:  # the loop would log it with its context, which contains the key
            self._lost(f"cannot ask for the handshake: {type(error).__name__}")
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._keep_alive.heard = True
        text = self._cutter.read_lone_text(data)
        if text is None:
            self._context.run(self._read, data)
        elif self._ready:
            self._context.run(self._listener.model_text, text)

    def _read(self, data: bytes) -> None:
        for is_text, piece in self._cutter.cut(data):
            if not is_text:
                self._read_by_library(piece)
            elif self._ready:
                self._listener.model_text(piece)

    def _read_by_library(self, data: bytes) -> None:
        self._websocket.receive_data(data)
        for event in self._websocket.events_received():
            if self.over:
                return
            if isinstance(event, Frame):
                self._frame(event)
            elif isinstance(event, Response):
                self._finish_handshake(event)
        self._flush()
        if self._websocket.handshake_exc is not None:
            self._lost(f"{self._websocket.handshake_exc}")
        if self._websocket.parser_exc is not None:
            self._lost(f"broke the WebSocket protocol: {self._websocket.parser_exc}")

    def eof_received(self) -> None:
        self._websocket.receive_eof()
        self._context.run(self._lost, "connection lost: closed without a word")  # waiting data may never be sent

    def connection_lost(self, exc: Exception | None) -> None:
        self._context.run(self._lost, f"connection lost: {exc or 'closed without a word'}")
        if self._abort is not None:
            self._abort.cancel()

    def pause_writing(self) -> None:
        self.stalled = True

    def resume_writing(self) -> None:
        self.stalled = False

    def _finish_handshake(self, response: Response) -> None:
        error = self._websocket.handshake_exc
        if self._opened.done():  # nobody waits any more
            return
        if error is None:
            self._ready = True
            self._opened.set_result(None)
            self._keep_alive.start()
        else:
            status = response.status_code if isinstance(error, InvalidStatus) else None
            retry_after = ", ".join(response.headers.get_all("Retry-After"))
            self._lost(f"HTTP {status}" if status else str(error), status, retry_after)

    def _frame(self, frame: Frame) -> None:
        match frame.opcode:
            case Opcode.TEXT | Opcode.BINARY | Opcode.CONT:
                self._piece(frame)
            case Opcode.CLOSE:
                closed = self._websocket.close_rcvd
                self._lost(f"closed with {closed.code} {closed.reason}" if closed else "closed")

    def _piece(self, frame: Frame) -> None:
        """A message, whole or in pieces."""
        if frame.opcode is not Opcode.CONT:
            self._binary = frame.opcode is Opcode.BINARY
        if frame.data:  # no limit of bytes keeps empty ones from filling memory
            self._pieces.append(bytes(frame.data))
        if not frame.fin:
            return
        message, self._pieces = b"".join(self._pieces), []
        if self._binary:
            self._listener.model_bad_message(f"expected text, got a binary message of {len(message)} bytes")
        elif is_utf8(message):
            self._listener.model_text(message)
        else:
            self._websocket.send_close(CloseCode.INVALID_DATA)
            self._lost("broke the WebSocket protocol: sent text that is not UTF-8")

    def _ping(self) -> None:
        self._websocket.send_ping(b"")
        self._flush()

    def _lost(self, reason: str, status: int | None = None, retry_after: str = "") -> None:
        if self.over:
            return
        self._end()
        if not self._opened.done():
            self._opened.set_exception(ModelRefusedError(reason, status, retry_after))
        elif not self._opened.cancelled():  # otherwise the code that opened it has given up
            self._listener.model_lost(reason)

    def _end(self) -> None:
        """Send what is left, a close frame or the echo of one, and end the connection in any case."""
        self.over, self._ready = True, False
        self._keep_alive.stop()
        stalled = self.stalled
        self._flush()
        if stalled:  # waiting for the rest to be taken would keep the connection for minutes
            self._transport.abort()
        else:
            self._transport.close()
            self._abort = asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._transport.abort)

    def _flush(self) -> None:
        # An empty piece asks for a half-close, which `close` of the transport includes.
        data = b"".join(self._websocket.data_to_send())
        if data and not self._transport.is_closing():
            self._transport.write(data)
