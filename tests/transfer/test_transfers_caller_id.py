"""Whose number people see, and what a dial that was refused for it is followed by."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import transfer
from call_record import Attempt, AttemptEnd, CallTable, DialFailure
from ringing import Loop
from tests.transfer.conftest import CALL, TRANSFER
from tests.twilio_rest_api import TwilioRestApi
from transfers import Transfers

DIRECTORY = """
time_zone = "Europe/London"
business_number = "+15550100000"
[[destination]]
name = "desk"
description = "Desk"
targets = ["+15550100002"]
[[destination]]
name = "workshop"
description = "Workshop"
targets = ["+15550100003"]
"""
AGAIN = {"action": "next", "call_sid": CALL, "cause": "caller_id", "request_id": "next-1", "again": "call_1"}

NEW, PERHAPS = "CA" + "2" * 32, Loop(CALL, "call_1", certain=False)
LEG = "CA" + "3" * 32

type Ask = Callable[[dict[str, Any]], dict[str, Any]]


@pytest.fixture
def text() -> str:
    return DIRECTORY


@pytest.fixture
def ask(aws: None, tmp_path: Path, text: str) -> Ask:  # noqa: ARG001 (the function lives in it)
    file = tmp_path / "directory.toml"
    file.write_text(text)
    people: Transfers = transfer.transfers(file)
    return lambda request: transfer.answer(request, lambda: people)


def read_shown(twiml: object) -> str | None:
    (dial,) = ElementTree.fromstring(str(twiml)).iter("Dial")  # noqa: S314 (our own)
    return dial.get("callerId")


@pytest.mark.parametrize(
    ("caller", "called", "number"),
    [
        ("+15550100001", "+15550100000", None),
        ("+266696687", "+15550100007", "+15550100007"),
        ("client:alice", "", "+15550100000"),
        ("sip:alice@example.com", "sip:desk@d.sip.twilio.com", "+15550100000"),
    ],
)
def test_every_caller_is_put_through_with_a_number_that_rings(
    ask: Ask, rest: TwilioRestApi, table: CallTable, caller: str, called: str, number: str | None
) -> None:
    table.open_call(CALL, caller, called, "<Response/>")
    ask(TRANSFER | {"destination": "desk"})
    following = ask({"action": "next", "call_sid": CALL, "cause": "model_failed"})

    ((_, twiml),) = rest.updates
    assert read_shown(twiml) == read_shown(following["twiml"]) == number


@pytest.mark.parametrize(
    ("caller", "shown_number"),
    [("+15550100001", "+15550100001"), ("client:alice", "+15550100000")],
)
def test_the_numbers_of_a_dial_are_known_while_it_rings(
    ask: Ask, rest: TwilioRestApi, table: CallTable, caller: str, shown_number: str
) -> None:
    table.open_call(CALL, caller, "", "<Response/>")
    ask(TRANSFER | {"destination": "desk"})

    assert rest.updates
    assert table.ringing.find_loop(NEW, shown_number, "+15550100002") == Loop(CALL, "call_1")
    assert table.ringing.find_loop(NEW, shown_number, "") is None  # nobody has reported that it rings
    table.legs.record_event(CALL, "call_1", LEG, "initiated")
    assert table.ringing.find_loop(NEW, shown_number, "") == table.ringing.find_loop(NEW, "+15550100002", "") == PERHAPS
    assert table.ringing.find_loop(NEW, "+15550100003", "+15550100002") is None


def test_next_notes_whom_it_rings_too(ask: Ask, table: CallTable) -> None:
    ask({"action": "next", "call_sid": CALL, "cause": "model_failed", "request_id": "next-1"})
    table.legs.record_event(CALL, "next-1", LEG, "initiated")

    assert table.ringing.find_loop(NEW, "+15550100002", "") == Loop(CALL, "next-1", certain=False)


@pytest.mark.parametrize("text", [DIRECTORY.replace('["+15550100002"]', '["+15550100002", "+15550100003"]')])
def test_whoever_is_rung_by_the_next_dial_is_noted_with_it(ask: Ask, table: CallTable) -> None:
    ask(TRANSFER | {"destination": "desk"})
    assert table.ringing.find_loop(NEW, "+15550100003", "") is None

    ask({"action": "next", "call_sid": CALL, "request_id": "call_1", "dial": 1})
    table.legs.record_event(CALL, "call_1", LEG, "initiated")
    assert table.ringing.find_loop(NEW, "+15550100003", "") == PERHAPS


@pytest.mark.parametrize("text", [DIRECTORY.replace('["+15550100002"]', '["+15550100002"]\naccept = "answer"')])
def test_where_picking_up_is_enough_it_is_known_as_well_who_rings(ask: Ask, table: CallTable) -> None:
    ask(TRANSFER | {"destination": "desk"})

    assert table.ringing.find_loop(NEW, "+15550100002", "") == PERHAPS
    table.legs.record_event(CALL, "call_1", "CA" + "3" * 32, "initiated")
    table.legs.record_event(CALL, "call_1", "CA" + "3" * 32, "completed", status="busy")
    assert table.ringing.find_loop(NEW, "+15550100002", "") is None


def test_a_call_without_a_record_is_put_through_with_the_business_number(ask: Ask, rest: TwilioRestApi) -> None:
    ask(TRANSFER | {"destination": "desk"})

    ((_, twiml),) = rest.updates
    assert read_shown(twiml) == "+15550100000"


def test_a_refused_dial_is_repeated_once_with_the_business_number(ask: Ask, table: CallTable) -> None:
    table.open_call(CALL, "+15550100001", "+15550100007", "<Response/>")
    ask(TRANSFER | {"destination": "desk"})
    again = ask(AGAIN)

    assert again == ask(AGAIN)  # the same document for the same question
    assert (read_shown(again["twiml"]), "<Say>" in again["twiml"]) == ("+15550100000", False)
    first, second = table.read(CALL).attempts
    assert (first.if_refused, second.if_refused) == ("business_number", "")
    assert (second.destination, second.summary) == ("desk", TRANSFER["summary"])


@pytest.mark.parametrize("text", [DIRECTORY.replace('["+15550100002"]', '["client:apprentice", "+15550100002"]')])
def test_who_did_not_answer_is_not_rung_once_more_because_the_next_was_refused(ask: Ask, table: CallTable) -> None:
    table.open_call(CALL, "+15550100001", "+15550100007", "<Response/>")
    table.claim_attempt(CALL, Attempt("call_1", "desk", dials=2, if_refused="business_number"))

    again = ask(AGAIN | {"dial": 1})
    assert again == ask(AGAIN | {"dial": 1})
    assert (read_shown(again["twiml"]), "apprentice" in again["twiml"]) == ("+15550100000", False)
    assert "/voice/after-dial?attempt=next-1&amp;dial=1#" in again["twiml"]
    assert (table.read(CALL).attempts[1].dial, table.read(CALL).attempts[1].dials) == (1, 2)
    closed = {"status": "closed", "then": "continue"}  # the directory was changed during the call
    assert ask(AGAIN | {"dial": 2, "request_id": "next-2"}) == closed


def test_after_a_refusal_the_next_person_is_rung_with_the_business_number_at_once(ask: Ask, table: CallTable) -> None:
    table.open_call(CALL, "+15550100001", "+15550100007", "<Response/>")
    table.claim_attempt(CALL, Attempt("call_1", "desk"))
    table.settle_attempt(
        CALL, "call_1", AttemptEnd("failed", "failed", "<Response/>", failure=DialFailure("caller_id"))
    )

    answer = ask({"action": "next", "call_sid": CALL, "cause": "model_failed"})

    assert ("+15550100003" in answer["twiml"], read_shown(answer["twiml"])) == (True, "+15550100000")


@pytest.mark.parametrize("text", [DIRECTORY.replace("business_number", "# "), DIRECTORY.replace("desk", "office")])
def test_what_cannot_be_repeated_leads_back_to_the_model(ask: Ask, table: CallTable) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "desk", if_refused="business_number"))

    assert ask(AGAIN) == {"status": "closed", "then": "continue"}
