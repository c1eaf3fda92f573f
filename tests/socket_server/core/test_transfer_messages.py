"""The hand-over in words."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from socket_server.core.actions import Brief
from socket_server.core.attempt_events import AttemptChanged
from socket_server.core.transfer_messages import (
    BRIEF_CHARACTERS,
    NOTE_CHARACTERS,
    TransferRequest,
    announce_person,
    describe_change,
    read_request,
    read_words,
    refusal_output,
    ringing_output,
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


# --- people who ring beside the talk


@pytest.mark.parametrize(
    ("fields", "brief"),
    [
        (
            '"who":"Jo","about":"a flat tyre","done":"looked it up"',
            Brief("Jo", "a flat tyre", "looked it up"),
        ),
        ('"who":null,"about":7', Brief("", "7", "")),
        (f'"about":"{"x" * 5000}"', Brief("", "x" * BRIEF_CHARACTERS, "")),
    ],
)
def test_the_brief_is_read_and_bounded(fields: str, brief: Brief) -> None:
    assert read_request(f'{{"destination":"sales",{fields}}}', NAMES) == TransferRequest("sales", brief=brief)


@pytest.mark.parametrize(("people", "told"), [(0, {}), (2, {"people": 2})])
def test_that_people_ring_is_told_with_their_number(people: int, told: dict[str, int]) -> None:
    output = json.loads(ringing_output(people))

    assert output.pop("next").startswith("The talk goes on.")
    assert output == {"status": "ringing"} | told


@pytest.mark.parametrize(
    ("change", "begins"),
    [
        (AttemptChanged("c1", "ringing", people=1), "1 person is being rung."),
        (AttemptChanged("c1", "ringing", people=3), "3 people are being rung."),
        (AttemptChanged("c1", "ringing"), "Some people are being rung."),
        (AttemptChanged("c1", "listening", "Anna"), "Anna has picked up and hears what the call is about."),
        (AttemptChanged("c1", "listening"), "Somebody has picked up"),
        (AttemptChanged("c1", "passed", "Anna"), "Anna was rung and does not take the call. Others may still be rung"),
        (AttemptChanged("c1", "accepted", "Anna"), "Anna takes the call."),
        (
            AttemptChanged("c1", "answered_through", "Anna", 'On "Monday"'),
            'Anna said what to tell the caller: "On \\"Monday\\"". Nobody is being rung any more. Tell the caller',
        ),
        (AttemptChanged("c1", "answered_through", "Anna"), "Anna does not take the call. Nobody is being rung"),
        (AttemptChanged("c1", "nobody"), "Nobody who was rung takes the call. Tell the caller"),
        (AttemptChanged("c1", "nobody", note="busy"), 'Nobody who was rung takes the call ("busy"). Tell'),
        (AttemptChanged("c1", "failed"), "Nobody can be rung any more. Tell the caller"),
    ],
)
def test_a_change_is_told_in_words(change: AttemptChanged, begins: str) -> None:
    assert describe_change(change).startswith(begins)


def test_what_a_person_says_is_bounded() -> None:
    told = describe_change(AttemptChanged("c1", "answered_through", "Anna", "x" * 10_000))

    assert told.count("x") == NOTE_CHARACTERS


@pytest.mark.parametrize(("person", "who"), [("Anna", "Anna"), ("", "a person")])
def test_whoever_takes_the_call_is_announced(person: str, who: str) -> None:
    assert f"putting them through to {who} now" in announce_person(person)
