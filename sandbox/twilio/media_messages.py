"""The messages of a media stream: what Twilio says, and what a server may say to it.

https://www.twilio.com/docs/voice/media-streams/websocket-messages. Counters are strings, as Twilio sends them.
A server's message is refused whole (31924) for an unknown event, a key that is missing, a wrong type, audio that is no
base64, or another stream's sid. Other keys are ignored: much public code repeats those that Twilio itself sends, such
as `sequenceNumber` and `media.track`, and is heard (believed: nothing is documented).
"""

import base64
import binascii
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import msgspec

from sandbox.twilio import errors
from sandbox.twilio.errors import StreamError

Track = Literal["inbound", "outbound"]
_Name = Annotated[str, msgspec.Meta(min_length=1)]


class _Message(msgspec.Struct, frozen=True, rename="camel", tag_field="event", kw_only=True):
    stream_sid: str


class _Media(msgspec.Struct, frozen=True):
    payload: _Name


class _Mark(msgspec.Struct, frozen=True):
    name: _Name


class MediaSent(_Message, frozen=True, tag="media"):
    media: _Media

    @property
    def audio(self) -> bytes:
        """Raises `StreamError` if the payload is no base64."""
        try:
            return base64.b64decode(self.media.payload, validate=True)
        except binascii.Error as error:
            raise StreamError(errors.STREAM_PROTOCOL, f"media.payload is no base64: {error}") from error


class MarkSent(_Message, frozen=True, tag="mark", kw_only=True):
    mark: _Mark


class ClearSent(_Message, frozen=True, tag="clear"):
    pass


ServerMessage = MediaSent | MarkSent | ClearSent
_DECODER = msgspec.json.Decoder(ServerMessage)


def decode(text: str | bytes, stream_sid: str) -> ServerMessage:
    """A server's message; raises `StreamError` (31924) for anything that Twilio does not understand."""
    if isinstance(text, bytes):
        raise StreamError(errors.STREAM_PROTOCOL, f"expected text, got a binary frame of {len(text)} bytes")
    try:
        message: ServerMessage = _DECODER.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        raise StreamError(errors.STREAM_PROTOCOL, str(error)) from error
    if message.stream_sid != stream_sid:
        raise StreamError(errors.STREAM_PROTOCOL, f"expected streamSid {stream_sid}, got {message.stream_sid!r}")
    return message


class Sender:
    """Writes Twilio's own messages of one stream, numbered."""

    def __init__(self, account_sid: str, call_sid: str, stream_sid: str) -> None:
        self._account_sid = account_sid
        self._call_sid = call_sid
        self._stream_sid = stream_sid
        self._sequence = 0
        self._chunks: Counter[Track] = Counter()

    def connected(self) -> str:
        return json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})

    def start(self, parameters: dict[str, str], tracks: Sequence[Track] = ("inbound",)) -> str:
        start = {
            "accountSid": self._account_sid,
            "streamSid": self._stream_sid,
            "callSid": self._call_sid,
            "tracks": list(tracks),
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": parameters,
        }
        return self._encode("start", start)

    def media(self, sound: bytes, timestamp_ms: int, track: Track = "inbound") -> str:
        """`timestamp_ms` counts from the start of the stream. The chunks of each track are numbered (believed)."""
        self._chunks[track] += 1
        media = {
            "track": track,
            "chunk": str(self._chunks[track]),
            "timestamp": str(timestamp_ms),
            "payload": base64.b64encode(sound).decode(),
        }
        return self._encode("media", media)

    def dtmf(self, digit: str) -> str:
        return self._encode("dtmf", {"track": "inbound_track", "digit": digit})

    def mark(self, name: str) -> str:
        return self._encode("mark", {"name": name})

    def stop(self) -> str:
        return self._encode("stop", {"accountSid": self._account_sid, "callSid": self._call_sid})

    def _encode(self, event: str, body: Mapping[str, object]) -> str:
        self._sequence += 1
        return json.dumps(
            {
                "event": event,
                "sequenceNumber": str(self._sequence),
                event: body,
                "streamSid": self._stream_sid,
            }
        )
