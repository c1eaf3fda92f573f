"""The shape of the file of people, `directory.toml`.

`directory_check` checks whether the values make sense; `directory` uses them.
"""

from datetime import date
from typing import Annotated, Literal

import msgspec


class Fallback(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`nobody = { destination = "…" }`."""

    destination: str


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[destination]]`; the comments in the shipped file explain each key."""

    name: str
    description: str
    targets: Annotated[list[str], msgspec.Meta(min_length=1)]
    spoken: str = ""
    accept: Literal["keypress", "answer"] = "keypress"
    ring: Literal["together", "in_turn"] = "in_turn"
    ring_seconds: int = 20
    talk_seconds: int = 14_400
    hours: Literal["always"] | dict[str, str | list[str]] = "always"
    time_zone: str = ""
    mode: Literal["direct"] = "direct"
    after_talk: Literal["hang_up", "return"] = "hang_up"
    nobody: Literal["continue", "message"] | Fallback = "continue"
    notify: list[str] = []


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    time_zone: str
    destination: Annotated[list[Entry], msgspec.Meta(min_length=1)]
    caller_id: str = "caller"
    business_number: str = ""
    business_name: str = ""
    sms_from: str = ""
    holidays: list[date] = []
