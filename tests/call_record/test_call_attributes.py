"""The rows of the call record: a row comes back as it was written."""

from collections.abc import Callable
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from call_attributes import (
    Attributes,
    make_attribute,
    read_attempt,
    read_call,
    read_leg,
    read_notice,
    read_stream,
    read_turn,
    to_item,
)
from call_rows import Attempt, Call, Leg, Notice, Stream, Turn

type Row = Call | Stream | Turn | Attempt | Leg | Notice

TEXT = st.text(max_size=20)
NUMBER = st.integers(0, 10**14 - 1)


@given(st.builds(Call, TEXT, TEXT, TEXT, NUMBER, TEXT))
def test_a_call_comes_back(call: Call) -> None:
    assert read_call(to_item(call)) == call


@given(st.builds(Turn, NUMBER, st.sampled_from(["caller", "model", "note"]), TEXT, TEXT))
def test_a_turn_comes_back(turn: Turn) -> None:
    assert read_turn(to_item(turn)) == turn


def test_a_stream_comes_back() -> None:
    stream = Stream("j#1", "MZ1", "goodbye", 5, "<Response/>", 7)
    assert read_stream(to_item(stream) | {"item": {"S": "stream#j#1"}}) == stream


def test_an_attempt_comes_back() -> None:
    attempt = Attempt(
        "r#1", "desk", "why", "what", "moved", "x", "return", "message", "other", 1, 2, "CA1", 3, "url", 4, "<a/>"
    )
    attempt = replace(attempt, if_refused="business_number", failure="refused")
    attempt = replace(attempt, error_code="13214", error_message="no", sip_code="403", forwarded_back=1)
    attempt = replace(attempt, whisper="A caller.", dials=2, accepted_by="CA2", accepted_at_ms=5, mode="attended")
    assert read_attempt(to_item(attempt) | {"item": {"S": "attempt#r#1"}}) == attempt


@pytest.mark.parametrize(
    ("kind", "item", "read"),
    [
        (Call, "call", read_call),
        (Stream, "stream#a jti", read_stream),
        (Turn, "turn#1", read_turn),
        (Attempt, "attempt#a request_id", read_attempt),
        (Leg, "leg#a request_id#a leg_sid", read_leg),
        (Notice, "notice#a about#a told#a request_id", read_notice),
    ],
)
def test_every_field_that_a_row_has_is_read(kind: type[Row], item: str, read: Callable[[Attributes], Row]) -> None:
    values = {field.name: 7 if field.type in (int, int | None) else f"a {field.name}" for field in fields(kind)}
    attributes = {name: make_attribute(value) for name, value in values.items()} | {"item": make_attribute(item)}

    row = read(attributes)

    assert {name: getattr(row, name) for name in values} == values


@pytest.mark.parametrize("number", ["1.5", "-5", "1E+30", "9" * 38, "x", ""])
def test_a_number_that_is_none_of_ours_counts_as_missing(number: str) -> None:
    row: Attributes = {"item": {"S": "stream#1"}, "opened_at_ms": {"N": number}, "talked_ms": {"N": "7"}}

    assert (read_stream(row).opened_at_ms, read_stream(row).talked_ms) == (0, 7)


@pytest.mark.parametrize("item", ["notice", "notice#", "notice#missed", "notice#missed#person"])
def test_a_notice_may_lack_parts_of_its_name(item: str) -> None:
    assert read_notice({"item": {"S": item}}).request_id == ""


def test_none_is_not_written() -> None:
    assert not {"decision", "accepted_by", "accepted_at_ms"} & to_item(Attempt("r")).keys()
