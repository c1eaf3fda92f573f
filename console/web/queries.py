"""What a page asks for, from the query of its address."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import get_args
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from console.call_source import CallQuery
from console.call_view import Outcome

_OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_MOST_CALLS = 1000
_MOST_LETTERS = 200
_NAMES = ("day", "outcome", "destination", "number", "words", "limit", "numbers")


class QueryError(Exception):
    """The message is one sentence: what was expected and what came."""


def read_query(given: QueryParams) -> CallQuery:
    """Which calls; raises QueryError. A parameter that is empty counts as not given, as forms send it."""
    values = _read_values(given)
    return CallQuery(
        day=_read(values, "day", _read_day, None),
        outcome=_read(values, "outcome", _read_outcome, None),
        destination=_read(values, "destination", _read_text, ""),
        number_ends_with=_read(values, "number", _read_digits, ""),
        words=_read(values, "words", _read_text, ""),
        limit=_read(values, "limit", _read_limit, CallQuery().limit),
    )


def read_shows_numbers(given: QueryParams) -> bool:
    """Whether numbers are shown whole; raises QueryError."""
    return _read(_read_values(given, ignore_others=True), "numbers", _read_switch, False)


def write_query(given: QueryParams) -> str:
    """The same query for another address, with its question mark; empty when nothing is asked."""
    kept = [(name, value) for name, value in given.multi_items() if value]
    return f"?{urlencode(kept, errors='replace')}" if kept else ""


def shorten(text: str) -> str:
    """As it came, in quotes, so that a sentence about it stays a sentence."""
    return repr(text if len(text) <= 40 else text[:40] + "…")


def _read_values(given: QueryParams, *, ignore_others: bool = False) -> Mapping[str, str]:
    for name in given:
        if name not in _NAMES and not ignore_others:
            raise QueryError(f"{shorten(name)} is not known: expected one of {', '.join(_NAMES)}.")
        if name in _NAMES and len(given.getlist(name)) > 1:
            raise QueryError(f"Expected {name} once, got it {len(given.getlist(name))} times.")
    return {name: value.strip() for name, value in given.items() if value.strip()}


def _read[T, D](values: Mapping[str, str], name: str, read: Callable[[str], T], default: D) -> T | D:
    value = values.get(name)
    if value is None:
        return default
    try:
        return read(value)
    except ValueError as error:
        raise QueryError(f"Expected {name} as {error}, got {shorten(value)}.") from None


def _read_day(value: str) -> date:
    expected = "a day such as 2026-11-28"
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):  # Python reads 20261128 and 2026-W48-6, too
        raise ValueError(expected)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(expected) from None


def _read_outcome(value: str) -> Outcome:
    for each in _OUTCOMES:
        if each == value:
            return each
    raise ValueError(f"one of {', '.join(_OUTCOMES)}")


def _read_digits(value: str) -> str:
    digits = re.sub(r"[ +….()-]", "", value)
    if not re.fullmatch(r"\d{1,15}", digits, re.ASCII):
        raise ValueError("the last digits of a number, such as 0001")
    return digits


def _read_text(value: str) -> str:
    if len(value) > _MOST_LETTERS:
        raise ValueError(f"at most {_MOST_LETTERS} characters")
    return value


def _read_limit(value: str) -> int:
    if not re.fullmatch(r"\d{1,4}", value, re.ASCII) or not 1 <= int(value) <= _MOST_CALLS:
        raise ValueError(f"a number from 1 to {_MOST_CALLS}")
    return int(value)


def _read_switch(value: str) -> bool:
    if value not in ("0", "1"):
        raise ValueError("0 or 1")
    return value == "1"
