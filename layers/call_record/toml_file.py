"""Reads a TOML file and reports every fault in it: the file, the line, the key, what was expected, what came.

What a file may hold is a msgspec struct. The code that reads the file checks further rules: it finds `Fault`s,
and `TomlFile.refuse` adds their lines. Format: https://toml.io/en/v1.0.0.
"""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from toml_faults import Fault, KeyPath, find_faults


class TomlFileError(Exception):
    """The file cannot be used. Each line of the message is `file:line: reason`, in the order of the file."""


@dataclass(frozen=True, slots=True)
class TomlFile:
    name: str
    """The name in error messages."""
    text: str

    @classmethod
    def read(cls, path: Path, name: str = "") -> "TomlFile":
        """Raises `TomlFileError` if there is no such file, or it is not UTF-8. The default name is the path."""
        try:
            return cls(name or str(path), path.read_text(encoding="utf-8-sig"))  # Windows editors write a mark first
        except (OSError, UnicodeDecodeError) as error:
            raise TomlFileError(f"{name or path}:1: cannot be read: {error}") from None

    def decode[T](self, kind: type[T]) -> T:
        """Its content. Raises `TomlFileError` with every key that is missing, unknown or of a wrong type."""
        try:
            document = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"at line (\d+)", str(error))
            line = int(found[1]) if found else self.text.count("\n") + 1
            raise TomlFileError(f"{self.name}:{line}: not TOML: {error}") from None
        try:
            return msgspec.convert(document, kind)
        except msgspec.ValidationError:
            raise self.refuse(find_faults(kind, document)) from None

    def refuse(self, faults: Iterable[Fault]) -> TomlFileError:
        """The error to raise for faults in this file."""
        found = list(faults)
        lines = _find_lines(self.text, {fault.path for fault in found})
        placed = sorted((lines[fault.path], str(fault)) for fault in found)
        return TomlFileError("\n".join(f"{self.name}:{line}: {fault}" for line, fault in placed))


def _find_lines(text: str, paths: set[KeyPath]) -> dict[KeyPath, int]:
    """The line, from 1, on which the value of each path begins, or the existing part of the path.

    The text is parsed again and again, each time with more lines. The first part that is valid TOML and has the value
    ends with that value. So the value begins where the valid part before it ended.
    """
    found: dict[KeyPath, tuple[int, int]] = dict.fromkeys(paths, (0, 1))  # how much of the path, and its line
    lines = text.splitlines(keepends=True)
    before = 0
    for count in range(1, len(lines) + 1):
        try:
            document = tomllib.loads("".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            continue
        for path, (known, _) in found.items():
            if (depth := _measure(document, path)) > known:
                found[path] = (depth, before + 1)
        before = count
    return {path: line for path, (_, line) in found.items()}


def _measure(value: object, path: KeyPath) -> int:
    """How many parts of the path exist."""
    for depth, part in enumerate(path):
        match value, part:
            case dict(), str() if part in value:
                value = value[part]
            case list(), int() if part < len(value):
                value = value[part]
            case _:
                return depth
    return len(path)
