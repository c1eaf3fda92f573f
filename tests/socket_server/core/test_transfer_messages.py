"""The hand-over in words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socket_server.core.transfer_messages import (
    TransferRequest,
    read_request,
    read_words,
    refusal_output,
    transfer_output,
)

NAMES = ("sales", "workshop", "work_shop")


@pytest.mark.parametrize(
    ("arguments", "wish"),
    [
        ('{"destination":"sales","reason":"angry","summary":"s"}', TransferRequest("sales", "angry", "s")),
        ('{"destination":""}', TransferRequest()),
        ("{}", TransferRequest()),
        ("", TransferRequest()),
        (" ", TransferRequest()),
        ("null", TransferRequest()),
        ('{"destination":null,"reason":null,"summary":null}', TransferRequest()),
        ('{"destination":"sales","reason":null,"urgency":"high"}', TransferRequest("sales")),
        ('{"destination":"Sales "}', TransferRequest("sales")),
        ('{"destination":"functions.Work-Shop"}', TransferRequest("work_shop")),
        ('{"destination":"sales","reason":7,"summary":["a","b"]}', TransferRequest("sales", "7", '["a", "b"]')),
        ('{"number":"+15550100002"}', TransferRequest()),
    ],
)
def test_a_good_wish_is_read(arguments: str, wish: TransferRequest) -> None:
    assert read_request(arguments, NAMES) == wish


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ("{", "bad arguments: "),
        ("[]", "bad arguments: expected an object, got list"),
        ('{"destination":7}', "bad arguments: expected destination to be a name, got int"),
        ('{"destination":"boss"}', "unknown destination 'boss', expected one of: sales, workshop, work_shop"),
        ("[" * 9000, "bad arguments: "),
        ('{"reason":' + "[" * 9000, "bad arguments: "),
    ],
)
def test_what_is_wrong_with_a_wish_is_told(arguments: str, why: str) -> None:
    told = read_request(arguments, NAMES)

    assert isinstance(told, str)
    assert told.startswith(why)


@pytest.mark.parametrize(
    ("arguments", "wish"),
    [
        ("{", TransferRequest()),
        ("[]", TransferRequest()),
        ('{"destination":"boss","reason":"angry","summary":null}', TransferRequest("", "angry", "")),
    ],
)
def test_of_a_wish_that_was_refused_the_reasons_are_kept(arguments: str, wish: TransferRequest) -> None:
    assert read_words(arguments) == wish


def test_where_the_names_are_not_known_any_name_is_tried() -> None:
    assert read_request('{"destination":"boss"}', ()) == TransferRequest("boss")


@given(st.text())
def test_no_arguments_break_the_reader(arguments: str) -> None:
    assert isinstance(read_request(arguments, NAMES), TransferRequest | str)


@pytest.mark.parametrize(
    ("detail", "told"), [("", {"status": "failed"}), ("no line", {"status": "failed", "detail": "no line"})]
)
def test_a_failed_transfer_is_told_with_what_to_do_next(detail: str, told: dict[str, str]) -> None:
    assert json.loads(transfer_output("failed", detail)) == told | {
        "next": "Tell the caller what happened and offer something else."
    }


def test_a_refusal_is_an_error_with_its_reason() -> None:
    assert json.loads(refusal_output('no "such" tool')) == {"error": 'no "such" tool'}
