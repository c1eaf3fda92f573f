"""The client of one media stream: Twilio's side of the WebSocket.

https://www.twilio.com/docs/voice/media-streams/websocket-messages; the handshake as it was captured live: lower-case
names do not matter, no Origin, no subprotocol, no extensions, X-Twilio-Signature over the wss URL of the TwiML.
Pings are answered and never sent.

Simpler than Twilio: frames are always 20 ms, and unless `Call.frames` says otherwise (`frame_faults.py`) one comes
every 20 ms, silence included.
"""

import asyncio
import socket as sockets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from sandbox.speech import mulaw
from sandbox.twilio import errors
from sandbox.twilio.calls import Call
from sandbox.twilio.errors import StreamError
from sandbox.twilio.events import (
    AudioCleared,
    ErrorLogged,
    MarkReason,
    MarkReturned,
    PlayoutDrained,
    PlayoutStarted,
    StreamStarted,
)
from sandbox.twilio.frame_faults import FramePath
from sandbox.twilio.line import Line
from sandbox.twilio.media_messages import ClearSent, MarkSent, MediaSent, Sender, Track, decode
from sandbox.twilio.nouns import Stream
from sandbox.twilio.playout import Playout
from sandbox.twilio.sids import make_sid

OPEN_S = 5.0
_FLUSH_S = 2.0  # a server that no longer reads gets no `stop`
_BACKLOG_S = 1.0  # real seconds of audio that the server did not read; what comes then is thrown away (31930)
_SEND_BUFFER_BYTES = 16 * 1024  # so that a slow server is noticed after seconds, not after minutes of kernel buffers


class MediaStream:
    """Made for one `<Stream>`; `run` is its whole life. `on_start` is called when the handshake has succeeded.

    Both ways, unless a subclass says otherwise (`one_way_stream.py`).
    """

    tracks: tuple[Track, ...] = ("inbound",)

    def __init__(self, call: Call, url: str, verb: Stream, on_start: Callable[[], None]) -> None:
        self.sid = make_sid("MZ")
        self.started = False
        self._url = url
        self._on_start = on_start
        self._call = call
        self._verb = verb
        self.sender = Sender(call.network.account_sid, call.sid, self.sid)
        self._outbox: asyncio.Queue[str] = asyncio.Queue()
        self._playout = Playout(self._return_mark, self._note_playout)
        self.ms = 0  # since it began
        self._path = FramePath(lambda: call.frames)
        self._overflowing = False
        self._backlog_frames = int(_BACKLOG_S * 1000 / mulaw.FRAME_MS * call.network.clock.pace)

    async def run(self) -> None:
        """From the handshake to the close. Raises `StreamError` when the server closed it (31921 included), broke
        it, or could not be reached; when cancelled, sends `stop` and closes first."""
        socket = await self._open()
        try:
            self._begin()
            with self.attach(self._call.line):
                async with asyncio.TaskGroup() as group:
                    writer = group.create_task(self._write(socket))
                    failure = await self._read(socket)
                    writer.cancel()
            if failure.code == errors.STREAM_PROTOCOL:
                await socket.close(1002)
            raise failure
        finally:
            await self._stop(socket)

    @contextmanager
    def attach(self, line: Line) -> Iterator[None]:
        """The stream takes part in the call for the time of the block."""
        with line.hearing(self._playout), line.listening(self.speak), line.taking_keys(self._press):
            yield

    async def _open(self) -> ClientConnection:
        public = self._url
        parts = urlsplit(public)
        if parts.scheme != "wss":
            raise StreamError(errors.STREAM_NOT_WSS, f"expected a wss URL, got {public!r}")
        if not parts.hostname:
            raise StreamError(errors.STREAM_MALFORMED_URL, f"{public!r} names no host")
        if parts.query:
            raise StreamError(errors.STREAM_UPGRADE_FAILED, f"a stream's URL has no query string: {public!r}")
        destination = self._call.network.routes.resolve(public)
        if destination is None:
            raise StreamError(errors.STREAM_REFUSED, f"there is no host for {public!r}")
        loopback = urlsplit(destination.url)
        assert loopback.hostname is not None
        assert loopback.port is not None, "loopback origins have ports"
        uri = loopback._replace(netloc=destination.host).geturl()
        return await self._connect(uri, loopback.hostname, loopback.port, destination.forwarded)

    async def _connect(self, uri: str, host: str, port: int, forwarded: dict[str, str]) -> ClientConnection:
        """`uri` has the public host, which the Host header shows; the connection goes to `host`:`port`."""
        family = sockets.AF_INET6 if ":" in host else sockets.AF_INET
        raw = sockets.socket(family, sockets.SOCK_STREAM, sockets.IPPROTO_TCP)  # see sandbox/loopback.py
        raw.setblocking(False)
        raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, _SEND_BUFFER_BYTES)
        signature = self._call.network.validator.compute_signature(self._url, {})
        try:
            async with asyncio.timeout(OPEN_S):
                await asyncio.get_running_loop().sock_connect(raw, (host, port))
                return await connect(
                    uri,
                    sock=raw,
                    user_agent_header="Twilio.TmeWs/1.0",
                    additional_headers={"X-Twilio-Signature": signature, "Accept-Encoding": "gzip", **forwarded},
                    compression=None,
                    proxy=None,
                    ping_interval=None,
                    max_size=None,
                    open_timeout=None,
                    close_timeout=_FLUSH_S,
                )
        except (TimeoutError, InvalidHandshake, EOFError, OSError) as error:
            raw.close()
            raise _to_stream_error(error) from error
        except asyncio.CancelledError:
            raw.close()
            raise

    def _begin(self) -> None:
        parameters = {each.name: each.value for each in self._verb.nested}
        self._outbox.put_nowait(self.sender.connected())
        self._outbox.put_nowait(self.sender.start(parameters, self.tracks))
        self._call.note(StreamStarted(self.sid, self._url, tuple(parameters.items())))
        self.started = True
        self._on_start()

    async def _write(self, socket: ClientConnection) -> None:
        try:
            while True:
                await socket.send(await self._outbox.get())
        except ConnectionClosed:
            pass  # the reader says why

    async def _read(self, socket: ClientConnection) -> StreamError:
        """Take what the server sends; returns why that came to an end."""
        try:
            while True:
                self.receive(await socket.recv())
        except StreamError as error:
            return error
        except ConnectionClosed as closed:
            if closed.rcvd is None:
                return StreamError(errors.STREAM_BROKEN, "the server dropped the connection")
            detail = f"the server closed the stream: {closed.rcvd.code} {closed.rcvd.reason}".rstrip()
            return StreamError(errors.STREAM_CLOSED_BY_SERVER, detail)

    def receive(self, text: str | bytes) -> None:
        """Take a message of the server's; raises `StreamError`."""
        match decode(text, self.sid):
            case MediaSent() as media:
                self._playout.add(media.audio)
            case MarkSent(mark=mark):
                self._playout.mark(mark.name)
            case ClearSent():
                self._call.note(AudioCleared(self.sid, self._playout.clear()))

    def speak(self, frame: bytes) -> None:
        """The party said this in the tick that is over."""
        for arrived, timestamp_ms in self._path.send(frame, self.ms):
            self.send(arrived, timestamp_ms)
        self.ms += mulaw.FRAME_MS

    def send(self, frame: bytes, timestamp_ms: int, track: Track = "inbound") -> None:
        """Put a frame on its way, unless the server is too far behind."""
        if self._outbox.qsize() < self._backlog_frames:
            self._overflowing = False
            self._outbox.put_nowait(self.sender.media(frame, timestamp_ms, track))
        elif not self._overflowing:
            self._overflowing = True
            self._call.note(ErrorLogged(errors.STREAM_OVERFLOW, "the server reads too slowly: audio is dropped"))

    def _press(self, digit: str) -> None:
        self._outbox.put_nowait(self.sender.dtmf(digit))

    def _return_mark(self, name: str, reason: MarkReason) -> None:
        self._call.note(MarkReturned(self.sid, name, reason))
        self._outbox.put_nowait(self.sender.mark(name))

    def _note_playout(self, playing: bool) -> None:
        self._call.note(PlayoutStarted(self.sid) if playing else PlayoutDrained(self.sid))

    async def _stop(self, socket: ClientConnection) -> None:
        """Send what is still owed, then `stop`, then close. After a close by the server there is nobody to tell."""
        self._outbox.put_nowait(self.sender.stop())
        try:
            async with asyncio.timeout(_FLUSH_S):
                while not self._outbox.empty():
                    await socket.send(self._outbox.get_nowait())
        except (TimeoutError, ConnectionClosed):
            pass
        await socket.close()


def _to_stream_error(error: Exception) -> StreamError:
    match error:
        case TimeoutError():
            return StreamError(errors.STREAM_TIMED_OUT, f"no answer to the handshake in {OPEN_S} s")
        case InvalidStatus(response=response):
            return StreamError(errors.STREAM_UPGRADE_FAILED, f"expected 101, got {response.status_code}")
        case OSError():
            return StreamError(errors.STREAM_REFUSED, str(error))
        case _:
            return StreamError(errors.STREAM_UPGRADE_FAILED, str(error))
