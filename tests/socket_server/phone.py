"""Twilio's end of a media stream, driven by a test message by message.

It keeps to the wire and plays nothing: the test says when a mark comes back. Unrealistic where Twilio could not do it
(a mark that nobody sent, a `start` of the wrong shape): that is what some tests are for.
"""

import asyncio
import base64
import json
import secrets
import time
from typing import Any, Self

import jwt
from twilio.request_validator import RequestValidator
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

STREAM_URL = "wss://stream.warmline.test/media-stream"
AUTH_TOKEN = "twilio-auth-token"
TOKEN_SECRET = "stream-token-secret-of-thirty-two-bytes-or-more"
WAIT_TIMEOUT_S = 30.0

type Message = dict[str, Any]


def sign(url: str = STREAM_URL, auth_token: str = AUTH_TOKEN) -> dict[str, str]:
    """The headers of a handshake that Twilio signed."""
    return {"x-twilio-signature": RequestValidator(auth_token).compute_signature(url, {})}


def issue_token(call_sid: str, *, secret: str = TOKEN_SECRET, **changed: object) -> str:
    """A stream token as voice_webhook issues it; `changed` claims replace its own, None takes one away."""
    now = int(time.time())
    claims: dict[str, object] = {
        "aud": "media-stream",
        "sub": call_sid,
        "jti": secrets.token_hex(8),
        "iat": now,
        "exp": now + 120,
        **changed,
    }
    return jwt.encode({name: claim for name, claim in claims.items() if claim is not None}, secret, "HS256")


class Phone:
    """One media stream."""

    def __init__(self, socket: ClientConnection) -> None:
        self.call_sid = "CA" + secrets.token_hex(16)
        self.stream_sid = "MZ" + secrets.token_hex(16)
        self.heard = bytearray()
        self._socket = socket
        self._count = 0

    @classmethod
    async def dial(cls, port: int, headers: dict[str, str] | None = None) -> Self:
        """Shake hands; raises websockets' InvalidStatus when refused."""
        url = f"ws://127.0.0.1:{port}/media-stream"
        return cls(
            await connect(url, additional_headers=sign() if headers is None else headers, compression=None, proxy=None)
        )

    # --- Twilio speaks

    async def send(self, message: Message | str | bytes) -> None:
        await self._socket.send(json.dumps(message) if isinstance(message, dict) else message)

    async def start(self, token: str | None = None, *, again: bool = False, **changed: object) -> None:
        """`connected` and `start`; `again`: the call has had a stream before; `changed` replaces fields of the body."""
        await self.send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        body = {
            "streamSid": self.stream_sid,
            "accountSid": "AC" + "0" * 32,
            "callSid": self.call_sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {"token": issue_token(self.call_sid, again=again) if token is None else token},
            **changed,
        }
        await self.event("start", start=body)

    async def event(self, event: str, **body: object) -> None:
        self._count += 1
        await self.send({"event": event, "sequenceNumber": str(self._count), "streamSid": self.stream_sid, **body})

    async def media(self, audio: bytes) -> None:
        payload = base64.b64encode(audio).decode()
        await self.event("media", media={"track": "inbound", "chunk": "1", "timestamp": "5", "payload": payload})

    async def key(self, digit: str) -> None:
        await self.event("dtmf", dtmf={"track": "inbound_track", "digit": digit})

    async def mark_played(self, name: str) -> None:
        await self.event("mark", mark={"name": name})

    async def was_read(self) -> None:
        """Wait until the server has read all that was sent: it answers a ping in its turn."""
        async with asyncio.timeout(WAIT_TIMEOUT_S):
            await (await self._socket.ping())

    async def stop(self) -> None:
        """The call ended, or was moved: Twilio says so and closes."""
        await self.event("stop", stop={"accountSid": "AC" + "0" * 32, "callSid": self.call_sid})
        await self._socket.close()

    async def close(self) -> None:
        await self._socket.close()

    def abort(self) -> None:
        """The connection is lost without a word."""
        self._socket.transport.abort()

    def deafen(self) -> None:
        """From now on nothing is read; the connection stays."""
        self._socket.transport.pause_reading()

    # --- Twilio listens

    async def receive(self) -> Message:
        """The next message; audio is also added to `heard`."""
        async with asyncio.timeout(WAIT_TIMEOUT_S):
            message: Message = json.loads(await self._socket.recv())
        assert message["streamSid"] == self.stream_sid
        if message["event"] == "media":
            self.heard += base64.b64decode(message["media"]["payload"])
        return message

    async def until(self, event: str) -> Message:
        """Pass over messages until one of this kind."""
        while (message := await self.receive())["event"] != event:
            pass
        return message

    async def hears(self, audio: bytes) -> str:
        """Wait until the last byte of this audio has come, and the mark after it; the mark's name."""
        while not self.heard.endswith(audio):
            await self.until("media")
        name: str = (await self.until("mark"))["mark"]["name"]
        return name

    async def closed(self) -> int:
        """Wait until the server closes, taking whatever comes before; the close code."""
        async with asyncio.timeout(WAIT_TIMEOUT_S):
            try:
                while True:
                    await self._socket.recv()
            except ConnectionClosed as closed:
                return closed.rcvd.code if closed.rcvd else 1006
