"""Reads a TOML file and reports every fault in it: the file, the line, the key, what was expected, what came.

What a file may hold is a msgspec struct. The code that reads the file has further rules, which find `Fault`s;
`TomlFile.refuse` adds their lines. Format: https://toml.io/en/v1.0.0.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from toml_faults import Fault, KeyPath, find_faults
from toml_mending import mend

type Rule[T] = Callable[[T], Iterable[Fault]]
"""Finds the values of a file that have their type and make no sense."""

QUOTES = ('"""', "'''")  # of a text of several lines
QUOTED = re.compile(r"""\"(?:[^"\\]|\\.)*\"|'[^']*'""")
BARE = re.compile(r"""(?:[=\[,]\s*|^\s*(?=\+))([^\s"'\[\]{},#=][^"'\[\]{},#=]*+)(?!=)""")
"""A value without quotes; at the beginning of a line, in a list of several lines, only a telephone number."""

MAX_DEPTH = 20
"""How many keys may stand inside each other, as in `a.b.c = 1`: no file of ours has more than four."""


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

    def decode[T](self, kind: type[T], *rules: "Rule[T]") -> T:
        """Its content. Raises `TomlFileError` with every key that is missing, unknown or of a wrong type, and with
        every fault that a rule finds in the rest.
        """
        try:
            document = tomllib.loads(self.text)
        except (ValueError, RecursionError) as error:  # besides its own error, of a number or a nesting too large
            found = re.search(r"at line (\d+)", str(error))
            line = int(found[1]) if found else self.text.count("\n") + 1
            bare = _find_bare_text(self.text.split("\n")[line - 1])
            hint = f"; if {bare} is text, write it in quotes" if bare else ""
            raise TomlFileError(f"{self.name}:{line}: not TOML: {error}{hint}") from None
        if _is_deeper_than(MAX_DEPTH, document):
            raise TomlFileError(f"{self.name}:1: expected at most {MAX_DEPTH} keys inside each other, got more")
        faults = list(find_faults(kind, document))
        try:
            content = msgspec.convert(mend(kind, document) if faults else document, kind)
        except msgspec.ValidationError:  # it cannot be mended
            raise self.refuse(faults) from None
        of_form = [path for fault in faults for path in (fault.path, *fault.depends_on)]
        faults += [fault for rule in rules for fault in rule(content) if not fault.concerns(of_form)]
        if faults:
            raise self.refuse(faults)
        return content

    def refuse(self, faults: Iterable[Fault]) -> TomlFileError:
        """The error to raise for faults in this file."""
        found = list(faults)
        lines = _find_lines(self.text, {fault.path for fault in found})
        placed = sorted((lines[fault.path], str(fault)) for fault in found)
        return TomlFileError("\n".join(f"{self.name}:{line}: {fault}" for line, fault in placed))


def _is_deeper_than(most: int, document: object) -> bool:
    """Whether tables and lists stand inside each other more often."""
    level = [document]
    for _ in range(most + 1):
        level = [
            each
            for outer in level
            if isinstance(outer, dict | list)
            for each in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(level)


def _find_bare_text(line: str) -> str:
    """The first value in a line that is not TOML as it stands, such as a telephone number; "": there is none."""
    without_texts = QUOTED.sub("", line)
    if line.lstrip().startswith("[") or not {'"', "'"}.isdisjoint(without_texts):  # a header; a quote is missing
        return ""
    values = (found[1].strip() for found in BARE.finditer(without_texts))
    return next((value for value in values if not _is_toml(f"value = {value}")), "")


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except ValueError:
        return False
    return True


def _find_lines(text: str, paths: Iterable[KeyPath]) -> dict[KeyPath, int]:
    """The line, from 1, on which each path's statement begins, or that of as much of the path as there is."""
    lines = _read_lines(text)
    return {path: next(lines[known] for known in _list_beginnings(path) if known in lines) for path in paths}


def _list_beginnings(path: KeyPath) -> Iterator[KeyPath]:
    """The whole path first."""
    return (path[:depth] for depth in range(len(path), -1, -1))


def _read_lines(text: str) -> dict[KeyPath, int]:
    """The first line of every table, value and item. The text is TOML."""
    lines: dict[KeyPath, int] = {(): 1}
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}  # of the tables in each list of tables
    for line, statement in _split_statements(text):
        document = tomllib.loads(statement)
        if statement.lstrip().startswith("["):
            table = _resolve(document, counts, is_new=statement.lstrip().startswith("[["))
            for known in _list_beginnings(table):
                lines.setdefault(known, line)
        else:
            for path in _list_paths(document):
                lines.setdefault(table + path, line)
    return lines


def _split_statements(text: str) -> Iterator[tuple[int, str]]:
    """Each header and each key with its value, and the line where it begins; without what is only a comment."""
    begin, statement = 1, ""
    for number, line in enumerate(text.split("\n"), 1):
        statement += line + "\n"
        is_open = any(statement.count(quotes) % 2 for quotes in QUOTES)
        if is_open and not any(quotes in line for quotes in QUOTES):  # within a text of several lines
            continue
        try:
            is_whole = bool(tomllib.loads(statement))
        except ValueError:  # its value goes on
            continue
        if is_whole:
            yield begin, statement
        begin, statement = number + 1, ""


def _resolve(header: dict[str, object], counts: dict[KeyPath, int], *, is_new: bool) -> KeyPath:
    """The path of the table that a header opens, in the newest item of each list of tables on its way."""
    path: KeyPath = ()
    value: object = header
    while isinstance(value, dict) and value:
        [(key, value)] = value.items()
        path = (*path, key)
        if isinstance(value, list) and is_new:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
        if isinstance(value, list):
            value = value[0]
    return path


def _list_paths(value: object) -> Iterator[KeyPath]:
    """Of all that is in a value, tables before their keys."""
    match value:
        case dict():
            parts: Iterable[tuple[str | int, object]] = value.items()
        case list():
            parts = enumerate(value)
        case _:
            return
    for key, part in parts:
        yield (key,)
        for path in _list_paths(part):
            yield (key, *path)
