"""Both sockets of a call as the bridge sees them: they keep what they are sent."""

import asyncio
import base64
import json
import ssl
from typing import Any

from msgspec import Raw
from starlette.websockets import WebSocket

from signing_keys import SigningKeys
from socket_server.aws.metrics import Metrics
from socket_server.core.prices import Prices, Tariff, TokenPrices
from socket_server.openai.agent import OpenAIAgent
from socket_server.openai.codec import OpenAICodec
from socket_server.openai.pool_timing import PoolTiming
from socket_server.openai.session_pool import SessionPool
from socket_server.settings import Settings
from socket_server.twilio.socket import EXTENSION, PhoneListener
from socket_server.twilio.stream_auth import StreamAuth
from tests.socket_server.phone import issue_token

CALL_SID = "CA" + "0" * 32
TARIFF = Tariff(
    Prices("2026-11-22", {"speaks": TokenPrices(1, 2, 3, 4, 5, 6)}, {"writes": 0.6}),
    "speaks",
    "writes",
)
"""USD per million tokens, and per minute, that are easy to reckon with."""
METRICS = Metrics("test")

NOBODY = "ws://127.0.0.1:9/v1/realtime"  # nothing listens on the port of `discard`

type Message = dict[str, Any]


def stream_auth(settings: Settings) -> StreamAuth:
    """With the settings' own keys, and no place where newer ones could be."""
    keys = SigningKeys((settings.twilio_auth_token,), (settings.stream_token_secret,))
    return StreamAuth(keys, settings.stream_url)


def empty_session_pool(url: str = NOBODY) -> SessionPool:
    """Each call opens a session of its own."""
    return SessionPool(url, "the-key", ssl.create_default_context(), 0, PoolTiming(60), METRICS.emit)


OPENAI = OpenAICodec(OpenAIAgent("Be brief.", "Greet."))


class FakePhone:
    """A PhoneSocket that is never closed."""

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send_text(self, *texts: bytes) -> None:
        self.sent.extend(map(json.loads, texts))

    @property
    def events(self) -> list[str]:
        return [message["event"] for message in self.sent]


class Line(FakePhone):
    """The phone's socket and the ASGI channel beside it; what it is sent is played at once."""

    def __init__(self) -> None:
        super().__init__()
        self.aborted = asyncio.Event()
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._listener: PhoneListener
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._to_app.put_nowait({"type": "websocket.connect"})

    def listen(self, listener: PhoneListener) -> None:
        self._listener = listener

    def send_text(self, *texts: bytes) -> None:
        super().send_text(*texts)
        if self.sent[-1]["event"] == "mark":
            asyncio.get_running_loop().call_soon(self._play, self.sent[-1]["mark"])

    def _play(self, mark: dict[str, str]) -> None:
        self.says("mark", mark=mark)

    def abort(self) -> None:
        self.aborted.set()

    @property
    def websocket(self) -> WebSocket:
        scope = {"type": "websocket", "extensions": {EXTENSION: self}, "headers": [], "path": "/media-stream"}
        return WebSocket(scope, self._to_app.get, self._from_app)  # type: ignore[arg-type]  # the same, as dicts

    def says(self, event: str, **body: object) -> None:
        text = json.dumps({"event": event, **body}).encode()
        self._listener.phone_text(text)

    def start(self, token: str | None = None) -> None:
        media_format = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
        parameters = {"token": issue_token(CALL_SID) if token is None else token}
        start = {"streamSid": "MZ1", "callSid": CALL_SID, "mediaFormat": media_format, "customParameters": parameters}
        self.says("start", start=start)

    def leave(self) -> None:
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": 1005})

    async def _from_app(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.close":
            self.closed.set_result(message["code"])


class FakeModel:
    """A ModelSocket; a test says when it is over or stalls."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.stalled = False
        self.over = False

    def send_text(self, text: bytes) -> None:
        assert not self.over, "a closed socket would take this and say nothing: the bridge is to let go of it"
        self.sent.append(json.loads(text))

    def close(self) -> None:
        self.over = True

    @property
    def kinds(self) -> list[str]:
        return [message["type"] for message in self.sent]

    @property
    def audio(self) -> bytes:
        appends = [message for message in self.sent if message["type"] == "input_audio_buffer.append"]
        return b"".join(base64.b64decode(message["audio"]) for message in appends)


def payload(audio: bytes) -> Raw:
    """Audio as it stands in a message."""
    return Raw(json.dumps(base64.b64encode(audio).decode()).encode())
