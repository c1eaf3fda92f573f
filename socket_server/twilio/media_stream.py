"""The messages of Twilio's media stream: text frames in, text frames out.

Numbers may come as strings or numbers. Unknown events and fields are ignored. A known event of the wrong shape is a
ProtocolError. Audio stays base64 text of mu-law 8 kHz and is never decoded: a payload is the raw JSON string with its
quotes. A timestamp, and a parameter that is not ours, may be anything: nothing depends on them alone.

Source: https://www.twilio.com/docs/voice/media-streams/websocket-messages.
"""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta, Raw, Struct
from msgspec.json import Decoder, encode

from socket_server.core.errors import BAD_JSON, ProtocolError
from socket_server.core.events import KeyPressed, MarkPlayed, PhoneStopped

BACKSLASH, QUOTE = b'\\"'
ENCODING, SAMPLE_RATE, CHANNELS = "audio/x-mulaw", 8000, 1

type Sid = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"\A[A-Za-z0-9_-]+\Z")]


@dataclass(frozen=True, slots=True)
class StreamStarted:
    """The first message of a stream that has any content."""

    stream_sid: str
    call_sid: str
    token: str
    """`<Parameter name="token">`, "" if there was none."""


class MediaBody(Struct, frozen=True, gc=False):
    """A frame of the caller's audio."""

    payload: Raw
    timestamp: int | None = None
    """In milliseconds from the stream's beginning; None if there is none that makes sense."""


class _Media(Struct, frozen=True, gc=False, tag_field="event", tag="media"):
    media: MediaBody


class _PayloadBody(Struct):
    payload: Raw


class _Payload(Struct, tag_field="event", tag="media"):
    media: _PayloadBody


class _Format(Struct, rename="camel"):
    encoding: str
    sample_rate: int
    channels: int


class _Parameters(Struct):
    token: str = ""


class _StartBody(Struct, rename="camel"):
    stream_sid: Sid
    call_sid: Sid
    media_format: _Format
    custom_parameters: _Parameters | None = None


class _Start(Struct, tag_field="event", tag="start"):
    start: _StartBody


class _MarkBody(Struct, frozen=True):
    name: str


class _Mark(Struct, frozen=True, tag_field="event", tag="mark"):
    mark: _MarkBody


class _KeyBody(Struct):
    digit: Annotated[str, Meta(pattern=r"\A[0-9*#A-D]\Z")]


class _Key(Struct, tag_field="event", tag="dtmf"):
    dtmf: _KeyBody


class _Stop(Struct, tag_field="event", tag="stop"):
    pass


class _Connected(Struct, tag_field="event", tag="connected"):
    pass


class _Any(Struct):
    event: str


# strict=False: Twilio is not consistent about numbers and strings.
_read = Decoder(_Media | _Mark | _Key | _Stop | _Start | _Connected, strict=False).decode
_payload = Decoder(_Payload).decode
_any = Decoder(_Any)
_string = Decoder(str)
_KNOWN = frozenset({"media", "mark", "dtmf", "stop", "start", "connected"})


def decode(text: bytes) -> MediaBody | MarkPlayed | KeyPressed | PhoneStopped | StreamStarted | None:
    """One frame: caller audio, an event, or None if there is nothing to do."""
    try:
        message = _read(text)
    except BAD_JSON as error:
        media = _remove_timestamp(text)
        if media is None:
            _refuse_unless_unknown(text, error)
        return media
    match message:
        case _Media(media):
            return media
        case _Mark(mark):
            return MarkPlayed(mark.name)
        case _Key(dtmf):
            return KeyPressed(dtmf.digit)
        case _Start(start):
            return _read_start(start)
        case _Stop():
            return PhoneStopped()
        case _:
            return None


def read_base64_text(peer: str, payload: Raw) -> bytes:
    """A raw payload as it came, with quotes, but without escapes; ProtocolError of its peer if it is not base64.

    Only its ends and length are checked: a wrong character inside is left for the other peer to refuse.
    """
    text = bytes(payload)
    plain = _remove_escapes(text) if BACKSLASH in text else text
    if len(plain) % 4 != 2 or plain[0] != QUOTE:
        raise ProtocolError(peer, f"expected audio as base64 text, got {len(text)} bytes of something else")
    return plain


def count_audio_bytes(text: bytes) -> int:
    """How many bytes of audio such a text holds."""
    return len(text) // 4 * 3 - text.count(b"=", -3)


class MediaStreamWriter:
    """Text frames for one stream."""

    def __init__(self, stream_sid: str) -> None:
        sid = encode(stream_sid)
        self._media = b'{"event":"media","streamSid":' + sid + b',"media":{"payload":'
        self._mark = b'{"event":"mark","streamSid":' + sid + b',"mark":{"name":'
        self._clear = b'{"event":"clear","streamSid":' + sid + b"}"

    def media(self, payload: bytes) -> bytes:
        """Audio to be played; `payload` is the raw JSON string of its base64 text."""
        return b"".join((self._media, payload, b"}}"))

    def mark(self, name: str) -> bytes:
        """A mark: it comes back when all audio before it has been played."""
        return b"".join((self._mark, encode(name), b"}}"))

    def clear(self) -> bytes:
        """Empty the buffer."""
        return self._clear


def _remove_escapes(text: bytes) -> bytes:
    r"""The same JSON string without `\/`, which a peer may write for `/`. Empty if other escapes remain."""
    try:
        plain = encode(_string.decode(text))
    except BAD_JSON:
        return b""
    return b"" if BACKSLASH in plain else plain


def _read_start(start: _StartBody) -> StreamStarted:
    media = start.media_format
    if (media.encoding, media.sample_rate, media.channels) != (ENCODING, SAMPLE_RATE, CHANNELS):
        came = f"{media.encoding} {media.sample_rate} Hz {media.channels} channels"
        raise ProtocolError("phone", f"expected {ENCODING} {SAMPLE_RATE} Hz {CHANNELS} channel, got {came}")
    return StreamStarted(start.stream_sid, start.call_sid, (start.custom_parameters or _Parameters()).token)


def _remove_timestamp(text: bytes) -> MediaBody | None:
    try:
        return MediaBody(_payload(text).media.payload)
    except BAD_JSON:
        return None


def _refuse_unless_unknown(text: bytes, error: Exception) -> None:
    try:
        event = _any.decode(text).event
    except BAD_JSON as outer:
        raise ProtocolError("phone", f"expected a JSON object with an event, got {len(text)} bytes: {outer}") from None
    if event in _KNOWN:
        raise ProtocolError("phone", f"bad {event} message: {error}") from None
