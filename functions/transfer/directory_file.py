"""The file of people, `directory.toml`, as it is written: its shape, and the line where something stands.

Whether the values make sense is in `directory_check`, what they become in `directory`.
"""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

import msgspec

type Path = tuple[str | int, ...]


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
    mode: Literal["direct", "attended"] = "direct"
    after_talk: Literal["hang_up", "return"] = "hang_up"
    nobody: Literal["continue", "message"] | Fallback = "continue"


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    time_zone: str
    destination: Annotated[list[Entry], msgspec.Meta(min_length=1)]
    caller_id: str = "caller"
    business_number: str = ""
    business_name: str = ""
    holidays: list[date] = []


class FileError(Exception):
    """What is wrong with the file: a place in it and a reason."""

    def __init__(self, reason: str, path: Path = (), line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path
        self.line = line
        """Set only where the text is no TOML, and so no path can be found in it."""


def read(text: str) -> File:
    """Decode the file. Raises `FileError` for the first thing that has the wrong shape."""
    try:
        return msgspec.convert(tomllib.loads(text), File)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise FileError(f"this is not TOML: {error}", line=line) from None
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        unknown = re.search(r"unknown field `(.*)`", reason)
        raise FileError(reason, _path(place) + ((unknown[1],) if unknown else ())) from None


def line_of(text: str, path: Path) -> int:
    """The line, from 1, on which the value of the path begins, or as much of the path as there is.

    The path is found by reading ever more lines of the file: the first part that is TOML and has the value
    ends with the value, which therefore began where the part before it ended.
    """
    lines = text.splitlines(keepends=True)
    for depth in range(len(path), 0, -1):
        before = 0
        for count in range(1, len(lines) + 1):
            try:
                document = tomllib.loads("".join(lines[:count]))
            except tomllib.TOMLDecodeError:
                continue
            if _has(document, path[:depth]):
                return before + 1
            before = count
    return 1


def _path(place: str) -> Path:
    """msgspec's `.destination[0].hours[...]` in parts; a key that it does not name ends the path."""
    return tuple(_parts(place.partition("[...]")[0]))


def _parts(place: str) -> Iterator[str | int]:
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", place):
        yield name or int(index)


def _has(value: object, path: Path) -> bool:
    for part in path:
        match value, part:
            case dict(), str() if part in value:
                value = value[part]
            case list(), int() if part < len(value):
                value = value[part]
            case _:
                return False
    return True
