"""What the page with the telephones and the server say to each other, by one WebSocket.

From the page: `Command`s as JSON, and binary messages of 161 bytes: the id of a telephone, then 20 ms of what its user
says, as mu-law at 8 kHz. To the page: `telephones`, `error`, `taken` as JSON, and binary messages of the same form with
what each telephone's user hears.
"""

import json
from collections.abc import Iterable
from typing import Annotated

import msgspec

from console.masking import hide_secrets, mask_numbers
from console.play.telephone import Telephone
from sandbox.speech import mulaw
from sandbox.speech.voices.lines import Line

AUDIO_BYTES = 1 + mulaw.FRAME_BYTES
LARGEST_BYTES = 8192
"""Of one message; a longer one closes the socket."""
LONGEST_TEXT = 300
"""Characters of a sentence that is typed."""

_Id = Annotated[int, msgspec.Meta(ge=0, le=255)]


class About(msgspec.Struct, frozen=True):
    """What the page shows beside the telephones."""

    lines: tuple[Line, ...] = ()
    """Recorded ones, of callers and persons."""
    call_sid: str | None = None
    """The call that was placed last."""
    notes: tuple[str, ...] = ()

    def with_notes(self, notes: tuple[str, ...]) -> "About":
        """The same with other notes."""
        return msgspec.structs.replace(self, notes=notes)


class PageError(Exception):
    """A message of the page's cannot be used; one sentence for the page."""


class _Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="command"):
    telephone: _Id


class PlaceCall(_Command, frozen=True, tag="call"):
    """Dial. Only the caller's telephone can."""


class Answer(_Command, frozen=True, tag="answer"):
    """Pick up."""


class Decline(_Command, frozen=True, tag="decline"):
    """Press the red button while it rings."""


class BeVoicemail(_Command, frozen=True, tag="voicemail"):
    """Let a machine pick up."""


class HangUp(_Command, frozen=True, tag="hang_up"):
    """End the telephone's call."""


class PressKey(_Command, frozen=True, tag="key"):
    """Press a key."""

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=1)]


class SayText(_Command, frozen=True, tag="say"):
    """Say a sentence that was typed."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TEXT)]


class SayLine(_Command, frozen=True, tag="say_line"):
    """Say one of the recorded lines."""

    line: str


Command = PlaceCall | Answer | Decline | BeVoicemail | HangUp | PressKey | SayText | SayLine
_decoder: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)


def decode_command(text: str) -> Command:
    """Raises PageError."""
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise PageError(f"The page sent what is no command: {error}") from None


def decode_audio(message: bytes) -> tuple[int, bytes]:
    """The id of a telephone, and a frame. Raises PageError."""
    if len(message) != AUDIO_BYTES:
        raise PageError(f"The page sent {len(message)} bytes of audio; expected {AUDIO_BYTES}.")
    return message[0], message[1:]


def encode_audio(telephone_id: int, frame: bytes) -> bytes:
    """What the user of a telephone hears in 20 ms."""
    return bytes((telephone_id,)) + frame


def encode_telephones(telephones: Iterable[tuple[int, Telephone]], about: About) -> str:
    """All telephones as they are now."""
    return _encode(
        {
            "event": "telephones",
            "telephones": [_describe(telephone_id, each, about) for telephone_id, each in telephones],
            "call": about.call_sid,
            "notes": about.notes,
        }
    )


def encode_error(text: str, telephone_id: int | None = None) -> str:
    """Why something was not done."""
    return _encode({"event": "error", "text": _hide(text), "telephone": telephone_id})


def _describe(telephone_id: int, telephone: Telephone, about: About) -> dict[str, object]:
    return {
        "id": telephone_id,
        "role": telephone.role,
        "name": telephone.name,
        "address": mask_address(telephone.address),
        "state": telephone.state.name,
        "reason": _hide(telephone.state.reason),
        "shown": mask_address(telephone.state.shown),
        "lines": [{"name": each.name, "text": each.text} for each in about.lines if each.who == telephone.role],
    }


def mask_address(address: str) -> str:
    """The last digits of a number, in a SIP address too; whatever else that has, or a client, is a name, and stays."""
    return f"…{address[-4:]}" if address[:1] == "+" else _hide(address)


def _hide(text: str) -> str:
    return mask_numbers(hide_secrets(text), show=False)


def _encode(message: dict[str, object]) -> str:
    return json.dumps(message)  # ASCII: what an application answers may have half a character
