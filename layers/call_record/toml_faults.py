"""Finds the values of a TOML document that do not have the type that a struct demands, and names them in TOML's words.

msgspec names only the first fault. It does not name the choices, and often not the value that came.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import product
from types import UnionType
from typing import Annotated, TypeAliasType, Union, get_args, get_origin

import msgspec
from msgspec import Struct, inspect

MAX_CHARACTERS = 60  # of a value that came

type KeyPath = tuple[str | int, ...]
"""Where a value stands: the keys of tables and, from 0, the places in lists that lead to it."""


@dataclass(frozen=True, slots=True)
class Fault:
    path: KeyPath
    reason: str
    """What was expected and what came; the key stands before it."""
    depends_on: tuple[KeyPath, ...] = ()
    """Other values without which nobody can tell whether this is a fault, or that are missing because of it."""

    def concerns(self, paths: Iterable[KeyPath]) -> bool:
        """Whether it is about one of these values, or depends on one; a part counts as the whole."""
        own = (self.path, *self.depends_on)
        return any(all(a == b for a, b in zip(path, each, strict=False)) for path in paths for each in own)

    def __str__(self) -> str:
        """The fault after its key, as in `turn_detection.type: …`. In a list of tables the line says which table.

        One line, in which nothing controls a terminal.
        """
        begin = max((index + 1 for index, part in enumerate(self.path[:-1]) if isinstance(part, int)), default=0)
        keys = ".".join(_quote_key(part) for part in self.path[begin:] if isinstance(part, str))
        line = f"{keys}: {self.reason}" if keys else self.reason
        return "".join(each if each.isprintable() else repr(each)[1:-1] for each in line)


def find_faults(kind: object, value: object, path: KeyPath = ()) -> Iterator[Fault]:
    """Every value, here or below, that is not of its type, with what is allowed."""
    if not fits(kind, value):
        below = list(_find_faults_below(kind, value, path))
        came = f"{_quote(value)}{_describe_missing_quotes(kind, value)}"
        yield from below or [Fault(path, f"expected {describe(inspect.type_info(kind))}, got {came}")]


def fits(kind: object, value: object) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def describe(kind: inspect.Type) -> str:
    """Describes the allowed values."""
    match kind:
        case inspect.LiteralType(values=values):
            return _list_choices([_quote(each) for each in values])
        case inspect.UnionType(types=types):
            return _list_choices([describe(each) for each in types if not isinstance(each, inspect.NoneType)])
        case inspect.Metadata(extra_json_schema={"description": str(words)}):
            return words
        case inspect.StrType(min_length=least, max_length=most):
            return f"text{f' of at most {most} characters' if most else ''}{' that is not empty' if least else ''}"
        case inspect.IntType(ge=least, le=most):
            return f"a whole number{_describe_range(least, most)}"
        case inspect.FloatType(ge=least, le=most):
            return f"a number{_describe_range(least, most)}"
        case inspect.BoolType():
            return "true or false"
        case inspect.DateType():
            return "a date such as 2026-12-24"
        case inspect.ListType() | inspect.VarTupleType():
            return f"a list, {'not empty, ' if kind.min_length else ''}each item {describe(kind.item_type)}"
        case inspect.DictType(value_type=item):
            return f"a table, each value {describe(item)}"
        case inspect.StructType():
            return f"a table with {', '.join(_list_keys(kind.cls))}"
    raise AssertionError(f"no file has a {kind}")


def _find_faults_below(kind: object, value: object, path: KeyPath) -> Iterator[Fault]:
    """The faults in parts of the value. None if it is no table or list, or must not be one."""
    alternatives = list(list_alternatives(kind))
    if isinstance(value, dict):
        if structs := [each for each in alternatives if isinstance(each, type) and issubclass(each, Struct)]:
            yield from _find_faults_of_table(structs, value, path)
        items = [get_args(each)[1] for each in alternatives if get_origin(each) is dict]
        parts: Iterable[tuple[str | int, object]] = value.items()
    elif isinstance(value, list):
        items = [get_args(each)[0] for each in alternatives if get_origin(each) in (list, tuple)]
        parts = enumerate(value)
    else:
        return
    for item, (key, part) in product(items, parts):
        yield from find_faults(item, part, (*path, key))


def _find_faults_of_table(structs: list[type[Struct]], table: dict[str, object], path: KeyPath) -> Iterator[Fault]:
    """The faults of a table that must be one of these structs; its tag says which."""
    tag = structs[0].__struct_config__.tag_field
    if tag is not None:
        tags = _list_choices([_quote(each.__struct_config__.tag) for each in structs])
        structs = [each for each in structs if table.get(tag) == each.__struct_config__.tag]
        if not structs:
            came = f"expected {tags}, got {_quote(table[tag])}" if tag in table else f"missing, expected {tags}"
            yield Fault((*path, tag), came)
            return
    struct, where = structs[0], f" where {tag} = {_quote(table[tag])}" if tag else ""
    fields = {field.name: field for field in msgspec.structs.fields(struct)}
    missing = [name for name, field in fields.items() if field.required and name not in table]
    for key in table.keys() - fields.keys() - {tag}:
        if meant := _find_meant(key, missing, list(fields)):
            missing.remove(meant)
            yield Fault((*path, key), f"unknown key, expected {meant}, which is missing", ((*path, meant),))
        else:
            near = _find_nearest(key, fields.keys() - table.keys())
            meant = f"; perhaps {near} is meant" if near else ""
            yield Fault((*path, key), f"unknown key{where}, expected {_list_choices(_list_keys(struct))}{meant}")
    for name in missing:
        yield Fault((*path, name), f"missing, expected {describe(inspect.type_info(fields[name].type))}")
    for name in fields.keys() & table.keys():
        yield from find_faults(fields[name].type, table[name], (*path, name))


def _find_meant(key: str, missing: list[str], keys: list[str]) -> str:
    """The missing key that was meant by an unknown one: this is one mistake. "": there is none."""
    return "".join(missing) if len(keys) == 1 else _find_nearest(key, missing)


def _find_nearest(key: str, others: Iterable[str]) -> str:
    """Of the others, the one that it may be a misspelling of; "": none."""
    from difflib import get_close_matches  # a function that starts with a good file does not wait for it

    return next(iter(get_close_matches(key, others, 1)), "")


def _describe_missing_quotes(kind: object, value: object) -> str:
    """For a telephone number, say, that was written as a number."""
    is_bare = isinstance(value, int | float | date | time) and not isinstance(value, bool)  # a datetime is a date
    return ": write it in quotes" if is_bare and str in list_alternatives(kind) else ""


def list_alternatives(kind: object) -> Iterator[object]:
    """The types that a value of this one may have, without names and bounds."""
    if isinstance(kind, TypeAliasType):
        yield from list_alternatives(kind.__value__)
    elif get_origin(kind) is Annotated:
        yield from list_alternatives(get_args(kind)[0])
    elif get_origin(kind) in (Union, UnionType):
        for each in get_args(kind):
            yield from list_alternatives(each)
    else:
        yield kind


def _list_keys(struct: type[Struct]) -> list[str]:
    tag = struct.__struct_config__.tag_field
    return [*([tag] if tag else []), *struct.__struct_fields__]


def _list_choices(words: list[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _describe_range(least: float | None, most: float | None) -> str:
    if least is None:
        return "" if most is None else f" of at most {most}"
    return f" of at least {least}" if most is None else f" from {least} to {most}"


def _quote_key(key: str) -> str:
    """As it is written, and no more than one line."""
    return key if key.isprintable() and len(key) <= MAX_CHARACTERS else _quote(key)


def _quote(value: object) -> str:
    """The value as TOML writes it, no longer than a line."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            quoted = f'"{value}"' if value.isprintable() else repr(value)
        case dict():
            return "a table" if value else "an empty table"
        case list():
            return "a list" if value else "an empty list"
        case datetime() | date() | time():
            quoted = value.isoformat()
        case int() if abs(value) >= 10**MAX_CHARACTERS:
            return "a number that is too large"
        case _:
            quoted = str(value)
    return quoted if len(quoted) <= MAX_CHARACTERS else f"{quoted[:MAX_CHARACTERS]}… ({len(str(value))} characters)"
