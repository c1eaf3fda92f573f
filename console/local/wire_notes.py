"""What is noted of the model's wire: each message with its time and direction, without the sound and without keys.

The sound is in the recordings. Here a run of audio is one note with its length: 50 messages a second tell nobody
anything.
"""

import re
from dataclasses import dataclass, field

import msgspec

_AUDIO_TYPES = ("input_audio_buffer.append", "response.output_audio.delta", "response.audio.delta")
# Base64 of 20 ms of mu-law has 216 characters; nothing else that the service sends is as long without a blank.
_BASE64 = re.compile(r'"([A-Za-z0-9+/]{200,}={0,2})"')
_BASE64_PER_MS = 8 * 4 / 3
_SHORTEST_KEY = 12  # what is shorter, such as "sandbox", is no secret and may be a word


@dataclass(slots=True)
class WireNote:
    """A message, or a run of audio messages of one kind."""

    at_ms: int
    to_model: bool
    type: str
    """Empty: it has none."""
    text: str
    """As it was sent, but for sound and keys; of audio empty."""
    until_ms: int = 0
    audio_ms: int = 0
    messages: int = 1

    @property
    def is_audio(self) -> bool:
        return self.type in _AUDIO_TYPES

    def join(self, following: "WireNote") -> bool:
        """Take a message of the same run of audio in; False: it is none."""
        if not self.is_audio or (self.type, self.to_model) != (following.type, following.to_model):
            return False
        self.until_ms = following.until_ms
        self.audio_ms += following.audio_ms
        self.messages += 1
        return True


@dataclass(slots=True)
class WireSession:
    """One connection to the model, from its handshake on."""

    number: int
    model: str
    """As the handshake asked for it; empty: it did not say."""
    opened_at_ms: int
    notes: list[WireNote] = field(default_factory=list)
    refusal: str | None = None
    """The answer to a handshake that was not accepted."""
    closed_at_ms: int | None = None
    close: str = ""
    """Who closed it and how, in words."""
    updated_digest: str = ""
    """Of the first `session.updated`: by it a line of the container's log names the session."""


class _Shape(msgspec.Struct):
    type: str = ""
    audio: msgspec.Raw = msgspec.Raw()
    delta: msgspec.Raw = msgspec.Raw()


_decode = msgspec.json.Decoder(_Shape).decode


def make_note(payload: bytes, at_ms: int, key: str, *, to_model: bool) -> WireNote:
    """The note of one message; `key` is what must not be in it. Anything may come."""
    try:
        shape = _decode(payload)
    except (msgspec.MsgspecError, UnicodeError):
        shape = _Shape()
    if shape.type in _AUDIO_TYPES:
        audio_ms = round(max(0, len(bytes(shape.audio or shape.delta)) - 2) / _BASE64_PER_MS)
        return WireNote(at_ms, to_model, shape.type, "", until_ms=at_ms, audio_ms=audio_ms)
    text = hide_audio(hide_key(payload.decode(errors="replace"), key))
    return WireNote(at_ms, to_model, shape.type, text, until_ms=at_ms)


def hide_audio(text: str) -> str:
    """The same message with the length of each piece of audio in its place."""
    return _BASE64.sub(lambda found: f'"({round(len(found[1]) / _BASE64_PER_MS)} ms of audio)"', text)


def hide_key(text: str, key: str) -> str:
    """The same text without the key, if a server repeats it."""
    return text.replace(key, "…") if len(key) >= _SHORTEST_KEY else text
