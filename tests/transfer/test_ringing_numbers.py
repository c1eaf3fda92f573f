"""Whom a dial rings is known, and nobody waits for that."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from threading import Event

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest

import transfer
import transfer_request
from call_record import CallTable, Dial
from ringing import Loop
from ringing_numbers import make_dial, run_beside
from tests.lambdas import TABLE
from tests.transfer.conftest import CALL, DIRECTORY, TRANSFER
from tests.transfer.test_dial import DESK, SEVERAL
from tests.twilio_rest_api import TwilioRestApi

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
REPORTED = "/voice/agent-status?"


def make_rung(number: int = 0, twiml: str = REPORTED, *, by_key: bool = True) -> Dial | None:
    desk = replace(DESK, targets=SEVERAL, accept="keypress" if by_key else "answer")
    return make_dial(desk, number, twiml, call_sid=CALL, request_id="call_1", shown="+1550", now=NOW)


def test_each_dial_notes_whom_it_rings_and_how_many_were_rung_by_then() -> None:
    first = Dial(CALL, "call_1", "+1550", ("+1555",), 1, NOW_MS + 45_000, NOW_MS)

    assert make_rung() == first
    assert make_rung(1) == replace(first, rung=(), lines=2)
    assert make_rung(2) is None  # a client never forwards


def test_where_picking_up_is_enough_a_telephone_counts_before_it_is_reported() -> None:
    """With a key a model that picks up gets nobody, and a caller who redials at once must not be refused."""
    assert make_rung(by_key=False) == Dial(CALL, "call_1", "+1550", ("+1555",), 3, NOW_MS + 45_000, NOW_MS + 5_000)


def test_where_twilio_reports_nothing_it_may_ring_to_the_end() -> None:
    dial = make_rung(twiml="")

    assert dial
    assert dial.unreported_until_ms == dial.until_ms


def test_what_is_done_beside_is_done_at_the_end() -> None:
    begun, done = Event(), Event()

    def task() -> None:
        assert begun.wait(10)
        done.set()

    with run_beside(task):
        assert not done.is_set()
        begun.set()
    assert done.is_set()


@pytest.mark.usefixtures("aws")
def test_a_call_is_moved_while_the_numbers_are_being_noted(rest: TwilioRestApi) -> None:
    client, waited = boto3.client("dynamodb"), list[bool]()
    people = replace(transfer.transfers(DIRECTORY), table=CallTable(client, TABLE))

    def wait(request: AWSPreparedRequest, **_: object) -> None:
        if "number#" in str(request.body):
            waited.append(rest.updated.wait(10))

    client.meta.events.register_first("before-send.dynamodb.PutItem", wait)

    answer = transfer.answer(TRANSFER, lambda: people)
    assert (answer["status"], waited) == ("moved", [True])
    table = CallTable(client, TABLE)
    table.legs.record_event(CALL, "call_1", "CA" + "3" * 32, "initiated")
    assert table.ringing.find_loop("CA" + "2" * 32, "+15550100002", "") == Loop(CALL, "call_1", certain=False)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("left_s", [-1.0, 3.0, 60.0])
def test_next_answers_before_its_own_time_is_over(table: CallTable, left_s: float) -> None:
    request = transfer_request.read({"action": "next", "call_sid": CALL, "cause": "model_failed", "request_id": "n"})
    answer = transfer.transfers(DIRECTORY).answer(request, time.monotonic() + left_s)

    assert answer["status"] == "twiml"
    table.legs.record_event(CALL, "n", "CA" + "3" * 32, "initiated")
    assert bool(table.ringing.find_loop("CA" + "2" * 32, "+15550100002", "")) == (left_s == 60.0)
