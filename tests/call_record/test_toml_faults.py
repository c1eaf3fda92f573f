"""What is said of values that are not of their type: what is allowed, and what came."""

from datetime import date
from typing import Annotated, Literal

import pytest
from msgspec import Meta, Struct, convert, inspect

from directory_file import Entry, Fallback, File
from socket_server.core.prices import Prices, TokenPrices
from socket_server.openai.agent import Limits, OpenAIAgent, SemanticVad, ServerVad, Transcription
from toml_faults import Fault, describe, find_faults

type Word = Annotated[str, Meta(min_length=1)]


class Round(Struct, forbid_unknown_fields=True, tag_field="shape", tag="round"):
    radius: Annotated[float, Meta(ge=0, le=1)] = 1


class Square(Struct, forbid_unknown_fields=True, tag_field="shape", tag="square"):
    side: int


class Rest(Struct, forbid_unknown_fields=True):
    place: str


class Part(Struct, forbid_unknown_fields=True):
    word: Word
    number: Annotated[int, Meta(ge=2)] = 2


class Box(Struct, forbid_unknown_fields=True):
    size: Annotated[int, Meta(ge=1, le=9)] = 1
    most: Annotated[int, Meta(le=9)] = 1
    long: Annotated[str, Meta(min_length=1, max_length=3)] = "x"
    two: Annotated[str, Meta(pattern="^[a-z]{2}$", description="two letters")] = "en"
    share: float = 0.5
    word: Word = "a"
    open: bool = True
    lid: Round | Square | None = None
    base: Square | None = None
    rest: Literal["continue", "stop"] | Rest = "stop"
    hours: Literal["always"] | dict[str, str | list[str]] = "always"
    parts: Annotated[list[Part], Meta(min_length=1)] | None = None
    named: dict[str, Part] = {}
    codes: tuple[Annotated[int, Meta(le=9)], ...] = ()
    days: list[date] = []


CASES: list[tuple[dict[str, object], list[str]]] = [
    (
        {"siez": 2},
        ["siez: unknown key, expected size, most, long, two, share, word, open, lid, base, rest, hours, parts, "],
    ),
    ({"size": "2"}, ['size: expected a whole number from 1 to 9, got "2"']),
    ({"size": 10}, ["size: expected a whole number from 1 to 9, got 10"]),
    ({"size": True}, ["size: expected a whole number from 1 to 9, got true"]),
    ({"most": 10}, ["most: expected a whole number of at most 9, got 10"]),
    ({"share": "x" * 99}, [f'share: expected a number, got "{"x" * 59}… (99 characters)']),
    ({"long": "abcd"}, ['long: expected text of at most 3 characters that is not empty, got "abcd"']),
    ({"two": "eng"}, ['two: expected two letters, got "eng"']),
    ({"word": ""}, ['word: expected text that is not empty, got ""']),
    ({"word": 7.5}, ["word: expected text that is not empty, got 7.5"]),
    ({"word": {}}, ["word: expected text that is not empty, got an empty table"]),
    ({"word": []}, ["word: expected text that is not empty, got an empty list"]),
    ({"open": "a\nb"}, [r"open: expected true or false, got 'a\nb'"]),
    ({"open": date(2026, 12, 24)}, ["open: expected true or false, got 2026-12-24"]),
    ({"lid": {"shape": "oval"}}, ['lid.shape: expected "round" or "square", got "oval"']),
    ({"lid": {"radius": 2}}, ['lid.shape: missing, expected "round" or "square"']),
    ({"lid": {"shape": "round", "radius": 2}}, ["lid.radius: expected a number from 0 to 1, got 2"]),
    ({"lid": {"shape": "square", "x": 2}}, ["lid.x: unknown key, expected side, which is missing"]),
    ({"lid": {"shape": "round", "side": 2}}, ['lid.side: unknown key where shape = "round", expected shape or radius']),
    ({"parts": [{"wrod": "a"}]}, ["wrod: unknown key, expected word, which is missing"]),
    ({"parts": [{"colour": "a"}]}, ["colour: unknown key, expected word or number", "word: missing, expected text"]),
    ({"lid": "round"}, ['lid: expected a table with shape, radius or a table with shape, side, got "round"']),
    ({"base": {"shape": "round"}}, ['base.shape: expected "square", got "round"']),
    ({"rest": "no"}, ['rest: expected "continue" or "stop" or a table with place, got "no"']),
    ({"rest": {}}, ["rest.place: missing, expected text"]),
    (
        {"hours": "never"},
        ['hours: expected "always" or a table, each value text or a list, each item text, got "never"'],
    ),
    ({"hours": {"mon": 7, "tue": "x"}}, ["hours.mon: expected text or a list, each item text, got 7"]),
    ({"hours": {"mon": [7]}}, ["hours.mon: expected text, got 7"]),
    ({"parts": []}, ["parts: expected a list, not empty, each item a table with word, number, got an empty list"]),
    ({"parts": [{"word": "a"}, 7]}, ["parts: expected a table with word, number, got 7"]),
    (
        {"parts": [{"number": 1}, {"word": 7, "number": "x"}]},
        ["word: missing", "number: expected a whole number of at least 2, got 1", "word: expected", "number: expected"],
    ),
    ({"named": {"a.b": {"word": ""}}}, ["named.a.b.word: expected text that is not empty"]),
    ({"codes": [1, 10]}, ["codes: expected a whole number of at most 9, got 10"]),
    ({"size": 10**70}, ["size: expected a whole number from 1 to 9, got a number that is too large"]),
    ({"a\nb": 7}, [r"'a\nb': unknown key, "]),
    ({"codes": 7}, ["codes: expected a list, each item a whole number of at most 9, got 7"]),
    ({"days": ["x"]}, ['days: expected a date such as 2026-12-24, got "x"']),
]


@pytest.mark.parametrize(("document", "said"), CASES)
def test_each_fault_is_told_with_its_key_what_is_allowed_and_what_came(
    document: dict[str, object], said: list[str]
) -> None:
    faults = sorted(map(str, find_faults(Box, document)))

    assert len(faults) == len(said)
    for fault, begin in zip(faults, sorted(said), strict=True):
        assert fault.startswith(begin)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"lid": {"shape": "square", "side": 1}, "rest": {"place": "x"}, "hours": {"mon": ["x"]}},
        {"parts": [{"word": "a"}], "codes": [9], "days": [date(2026, 12, 24)], "share": 1},
    ],
)
def test_a_document_without_a_fault_has_none(document: dict[str, object]) -> None:
    convert(document, Box)  # msgspec says the same
    assert not list(find_faults(Box, document))


def test_a_fault_in_a_list_says_in_which_item() -> None:
    [fault] = find_faults(Box, {"parts": [{"word": "a"}, {"word": "a", "number": 1}]})

    assert fault.path == ("parts", 1, "number")


@pytest.mark.parametrize(
    "struct",
    [
        *(File, Entry, Fallback),
        *(OpenAIAgent, ServerVad, SemanticVad, Transcription, Limits),
        *(Prices, TokenPrices),
    ],
)
def test_every_key_of_the_files_that_we_read_can_be_described(struct: type[Struct]) -> None:
    kind = inspect.type_info(struct)

    assert isinstance(kind, inspect.StructType)
    assert all(describe(field.type) for field in kind.fields)


def test_a_fault_is_one_line_whatever_came() -> None:
    assert str(Fault(("voice",), 'got "\x1b[31mred\nx é"')) == 'voice: got "\\x1b[31mred\\nx é"'
