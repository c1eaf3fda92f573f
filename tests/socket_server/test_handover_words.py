"""The hand-over in words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socket_server.handover_words import Wish, outcome, read_wish, refusal

NAMES = ("sales", "workshop")


@pytest.mark.parametrize(
    ("arguments", "wish"),
    [
        ('{"destination":"sales","reason":"angry","summary":"s"}', Wish("sales", "angry", "s")),
        ('{"destination":""}', Wish()),
        ("{}", Wish()),
        ("", Wish()),
    ],
)
def test_a_good_wish_is_read(arguments: str, wish: Wish) -> None:
    assert read_wish(arguments, NAMES) == wish


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("{", "bad arguments: "),
        ("[]", "bad arguments: Expected `object`, got `array`"),
        ('{"destination":7}', "bad arguments: Expected `str`, got `int` - at `$.destination`"),
        ('{"number":"+15550100002"}', "bad arguments: Object contains unknown field `number`"),
        ('{"destination":"boss"}', "unknown destination 'boss', expected one of: sales, workshop"),
        ("[" * 9000, "bad arguments: "),
        ('{"reason":' + "[" * 9000, "bad arguments: "),
    ],
)
def test_what_is_wrong_with_a_wish_is_told(arguments: str, why: str) -> None:
    told = read_wish(arguments, NAMES)

    assert isinstance(told, str)
    assert told.startswith(why)


def test_where_the_names_are_not_known_any_name_is_tried() -> None:
    assert read_wish('{"destination":"boss"}', ()) == Wish("boss")


@given(st.text())
def test_no_arguments_break_the_reader(arguments: str) -> None:
    assert isinstance(read_wish(arguments, NAMES), Wish | str)


@pytest.mark.parametrize(
    ("detail", "told"), [("", {"status": "failed"}), ("no line", {"status": "failed", "detail": "no line"})]
)
def test_a_failed_transfer_is_told_with_what_to_do_next(detail: str, told: dict[str, str]) -> None:
    assert json.loads(outcome("failed", detail)) == told | {
        "next": "Tell the caller what happened and offer something else."
    }


def test_a_refusal_is_an_error_with_its_reason() -> None:
    assert json.loads(refusal('no "such" tool')) == {"error": 'no "such" tool'}
