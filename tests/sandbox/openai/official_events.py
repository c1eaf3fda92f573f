"""Every field that a client event has by the types of the `openai` package, and the words that may stand in it."""

import typing
from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from openai.types.realtime import RealtimeClientEvent
from pydantic import BaseModel


def list_official(skipped: frozenset[str]) -> dict[str, set[str]]:
    """By path ("session.tools[].type"). What `skipped` names by path, or by path and word, has nothing inside."""
    found: dict[str, set[str]] = {}
    for path, word in _walk(RealtimeClientEvent, "", skipped):
        found.setdefault(path, set()).update({word} if word is not None else ())
    return found


def _walk(kind: object, path: str, skipped: frozenset[str]) -> Iterator[tuple[str, str | None]]:
    origin, arguments = get_origin(kind), get_args(kind)
    if isinstance(kind, typing.TypeAliasType):
        yield from _walk(kind.__value__, path, skipped)
    elif origin is Annotated:
        yield from _walk(arguments[0], path, skipped)
    elif origin in (Union, UnionType):
        for each in arguments:
            yield from _walk(each, path, skipped)
    elif origin is Literal:
        yield from ((path, str(word)) for word in arguments)
    elif origin is list:
        yield from _walk(arguments[0], f"{path}[]", skipped)
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from _walk_model(kind, path, skipped)


def _walk_model(model: type[BaseModel], path: str, skipped: frozenset[str]) -> Iterator[tuple[str, str | None]]:
    fields = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    words = get_args(fields["type"]) if get_origin(fields.get("type")) is Literal else ()
    named = f"{path}.type" if path else "type"
    if len(words) == 1 and f"{named}={words[0]}" in skipped:
        yield named, words[0]
        return
    for name, kind in fields.items():
        where = f"{path}.{name}" if path else name
        yield where, None
        if where not in skipped:
            yield from _walk(kind, where, skipped)
