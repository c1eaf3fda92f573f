"""Shapes of documents, as data: which fields a document may have and what may stand in each.

A shape is checked strictly: what it does not name is refused, with the service's words and the path of the
culprit. `client_events` holds the tables; this file knows no event. Checking changes nothing and returns
nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sandbox.openai.errors import RefusedError

# A decoded JSON document of the wire. The one place where `Any` is right: the shapes are what makes it safe
# to read.
type Message = dict[str, Any]

_NAMES = {bool: "a boolean", int: "an integer", float: "a decimal", str: "a string", list: "an array"}


class Shape(Protocol):
    """Something a value can be checked against."""

    def check(self, value: object, path: str) -> None:
        """Raise RefusedError, naming `path`, if the value does not fit."""


@dataclass(frozen=True, slots=True)
class Text:
    """A string; `pattern` must match all of it."""

    pattern: str = ""
    longest: int | None = None

    def check(self, value: object, path: str) -> None:
        """See Shape."""
        if not isinstance(value, str):
            raise _make_type_error("a string", value, path)
        if self.longest is not None and len(value) > self.longest:
            message = (
                f"Invalid '{path}': string too long. Expected a string with maximum length {self.longest}, "
                f"but got a string with length {len(value)} instead."
            )
            raise RefusedError(message, code="string_above_max_length", param=path)
        if self.pattern and not re.fullmatch(self.pattern, value):
            message = (
                f"Invalid '{path}': string does not match pattern. "
                f"Expected a string that matches the pattern '^{self.pattern}$'."
            )
            raise RefusedError(message, code="invalid_value", param=path)


@dataclass(frozen=True, slots=True)
class Boolean:
    """True or false."""

    def check(self, value: object, path: str) -> None:
        """See Shape."""
        if not isinstance(value, bool):
            raise _make_type_error("a boolean", value, path)


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer; True and 1.0 are none."""

    least: int
    most: int | None = None

    def check(self, value: object, path: str) -> None:
        """See Shape."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise _make_type_error("an integer", value, path)
        _check_range("integer", value, self.least, self.most, path)


@dataclass(frozen=True, slots=True)
class Number:
    """An integer or a decimal."""

    least: float
    most: float | None = None

    def check(self, value: object, path: str) -> None:
        """See Shape."""
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise _make_type_error("a decimal", value, path)
        _check_range("decimal", value, self.least, self.most, path)


class OneOf:
    """One of some words."""

    def __init__(self, *words: str | int) -> None:
        self.words = words

    def check(self, value: object, path: str) -> None:
        """See Shape."""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise _make_type_error("a string", value, path)
        if value not in self.words:
            raise _make_value_error(value, self.words, path)


@dataclass(frozen=True, slots=True)
class Anything:
    """Any object (a JSON schema, say): not looked into."""

    def check(self, value: object, path: str) -> None:
        """See Shape."""
        if not isinstance(value, dict):
            raise _make_type_error("an object", value, path)


@dataclass(frozen=True, slots=True)
class Null:
    """Only null."""

    def check(self, value: object, path: str) -> None:
        """See Shape."""
        if value is not None:
            raise _make_type_error("null", value, path)


@dataclass(frozen=True, slots=True)
class ListOf:
    """An array of equals."""

    element: Shape

    def check(self, value: object, path: str) -> None:
        """See Shape."""
        if not isinstance(value, list):
            raise _make_type_error("an array", value, path)
        for index, element in enumerate(value):
            self.element.check(element, f"{path}[{index}]")


class Document:
    """An object with these fields and no others; those in `required` must be there."""

    def __init__(self, fields: Mapping[str, Shape], required: tuple[str, ...] = ()) -> None:
        self.fields = fields
        self.required = required

    def check(self, value: object, path: str) -> None:
        """See Shape."""
        if not isinstance(value, dict):
            raise _make_type_error("an object", value, path)
        # Missing before unknown: a beta-shaped session is answered with "Missing required parameter:
        # 'session.type'" although it has unknown fields too (TanStack/ai issue 586).
        for name in self.required:
            if name not in value:
                raise _make_missing_error(_join(path, name))
        for name, field in value.items():
            if name not in self.fields:
                where = _join(path, name)
                raise RefusedError(f"Unknown parameter: '{where}'.", code="unknown_parameter", param=where)
            self.fields[name].check(field, _join(path, name))


class Tagged:
    """An object whose field `tag` says which of the documents it is."""

    def __init__(self, tag: str, documents: Mapping[str, Shape]) -> None:
        self.tag = tag
        self.documents = documents

    def check(self, value: object, path: str) -> None:
        """See Shape."""
        if not isinstance(value, dict):
            raise _make_type_error("an object", value, path)
        where = _join(path, self.tag)
        if self.tag not in value:
            raise _make_missing_error(where)
        word = value[self.tag]
        OneOf(*self.documents).check(word, where)
        self.documents[word].check(value, path)


class Either:
    """A value that fits one of the shapes; the last one's refusal is reported, so put the richest last."""

    def __init__(self, *shapes: Shape) -> None:
        self.shapes = shapes

    def check(self, value: object, path: str) -> None:
        """See Shape."""
        for shape in self.shapes[:-1]:
            try:
                return shape.check(value, path)
            except RefusedError:
                continue
        return self.shapes[-1].check(value, path)


def _make_missing_error(path: str) -> RefusedError:
    """Return the refusal of a document without the field at `path`."""
    return RefusedError(f"Missing required parameter: '{path}'.", code="missing_required_parameter", param=path)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _make_type_error(expected: str, value: object, path: str) -> RefusedError:
    got = "null" if value is None else _NAMES.get(type(value), "an object")
    message = f"Invalid type for '{path}': expected {expected}, but got {got} instead."
    return RefusedError(message, code="invalid_type", param=path)


def _make_value_error(value: object, words: tuple[str | int, ...], path: str) -> RefusedError:
    supported = ", ".join(f"'{word}'" for word in words)
    message = f"Invalid value: '{value}'. Supported values are: {supported}."
    return RefusedError(message, code="invalid_value", param=path)


def _check_range(kind: str, value: float, least: float, most: float | None, path: str) -> None:
    if value < least:
        rule = "below minimum value. Expected a value >="
        message = f"Invalid '{path}': {kind} {rule} {least}, but got {value} instead."
        raise RefusedError(message, code=f"{kind}_below_min_value", param=path)
    if most is not None and value > most:
        rule = "above maximum value. Expected a value <="
        message = f"Invalid '{path}': {kind} {rule} {most}, but got {value} instead."
        raise RefusedError(message, code=f"{kind}_above_max_value", param=path)
