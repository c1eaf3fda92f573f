"""An application for the carrier to talk to: webhooks that answer what a test says, and a media stream's server.

It checks every signature as a real application must, with twilio's own validator, and keeps what it got.
"""

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from twilio.request_validator import RequestValidator

from sandbox.twilio.loopback_server import serve

ACCOUNT_SID = "AC" + "0" * 32
AUTH_TOKEN = "a token of the tests"
VOICE = "https://voice.warmline.test"
STREAM = "wss://stream.warmline.test"
STREAM_STATUS = f'name="talk" statusCallback="{VOICE}/stream-status"'  # for `connect`
CALLER = "+15550100001"
NUMBER = "+15550100000"
PERSON = "+15550100002"


@dataclass(frozen=True, slots=True)
class Asked:
    """One webhook as it arrived; `path` has its query."""

    method: str
    path: str
    form: dict[str, str]
    headers: dict[str, str]


Answer = str | tuple[int, str] | Callable[[dict[str, str]], Awaitable[str]]


@dataclass(slots=True)
class Peer:
    """The server's end of one media stream; `messages` is all that it has read."""

    socket: WebSocket
    headers: dict[str, str]
    messages: list[dict[str, Any]] = field(default_factory=list)

    async def receive(self) -> dict[str, Any]:
        self.messages.append(json.loads(await self.socket.receive_text()))
        return self.messages[-1]

    async def read_until(self, event: str) -> dict[str, Any]:
        while (message := await self.receive())["event"] != event:
            pass
        return message

    async def read_until_closed(self) -> None:
        with suppress(WebSocketDisconnect):
            while True:
                await self.receive()

    @property
    def stream_sid(self) -> str:
        return str(self.of("start")[0]["streamSid"])

    @property
    def call_sid(self) -> str:
        return str(self.of("start")[0]["start"]["callSid"])

    @property
    def heard(self) -> bytes:
        """The caller's audio so far."""
        return b"".join(base64.b64decode(message["media"]["payload"]) for message in self.of("media"))

    async def send(self, event: str, **body: object) -> None:
        await self.socket.send_text(json.dumps({"event": event, "streamSid": self.stream_sid, **body}))

    async def say(self, audio: bytes) -> None:
        await self.send("media", media={"payload": base64.b64encode(audio).decode()})

    async def mark(self, name: str) -> None:
        await self.send("mark", mark={"name": name})

    def of(self, event: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["event"] == event]


@dataclass(slots=True)
class Application:
    """`answers`: path to TwiML, to (status, body), or to a coroutine; each stream is served by `serve`."""

    answers: dict[str, Answer] = field(default_factory=dict)
    sounds: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # path to media type and body
    serve: Callable[[Peer], Awaitable[None]] = Peer.read_until_closed
    refuse_streams: bool = False
    requests: list[Asked] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)
    bad_signatures: int = 0
    origin: str = ""

    def make_routes(self) -> dict[str, str]:
        return {VOICE: self.origin, STREAM: self.origin.replace("http:", "ws:")}

    def list_forms(self, path: str) -> list[dict[str, str]]:
        """The forms that came to `path`, whatever its query."""
        return [request.form for request in self.requests if request.path.partition("?")[0] == path]

    async def webhook(self, request: Request) -> Response:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        signature = request.headers.get("x-twilio-signature", "")
        if not RequestValidator(AUTH_TOKEN).validate(VOICE + path, form, signature):
            self.bad_signatures += 1
            return Response(status_code=403)
        self.requests.append(Asked(request.method, path, form, dict(request.headers)))
        if request.url.path in self.sounds:
            kind, sound = self.sounds[request.url.path]
            return Response(sound, media_type=kind)
        answer = self.answers.get(request.url.path, (404, ""))
        if callable(answer):
            answer = await answer(form)
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        return Response(body, status, media_type="application/xml")

    async def stream(self, socket: WebSocket) -> None:
        signature = socket.headers.get("x-twilio-signature", "")
        signed = RequestValidator(AUTH_TOKEN).validate(STREAM + socket.url.path, {}, signature)
        if self.refuse_streams or not signed:
            await socket.close(1008)
            return
        await socket.accept()
        peer = Peer(socket, dict(socket.headers))
        self.peers.append(peer)
        with suppress(WebSocketDisconnect):
            await self.serve(peer)


@asynccontextmanager
async def run_application() -> AsyncIterator[Application]:
    application = Application()
    app = Starlette(
        routes=[
            WebSocketRoute("/media-stream", application.stream),
            Route("/{path:path}", application.webhook, methods=["GET", "POST"]),
        ]
    )
    async with serve(app) as application.origin:
        yield application


def connect(extra: str = "", after: str = "", stream: str = "", verb: str = "") -> str:
    """A document that opens a media stream; `stream` and `verb` are attributes, `after` are verbs."""
    noun = f'<Stream url="{STREAM}/media-stream" {stream}>{extra}</Stream>'
    return f"<Response><Connect {verb}>{noun}</Connect>{after}</Response>"
