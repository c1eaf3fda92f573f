"""The steps of an attended attempt: in any order, repeated, late, and many at the same moment."""

from typing import TYPE_CHECKING

import pytest

from call_record import Attempt, AttemptEnd, CallTable, Leg
from tests.call_record.conftest import Clock
from tests.lambdas import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CALL = "CA" + "0" * 32
ANNA, BEN = "CA" + "a" * 32, "CA" + "b" * 32
NOW_MS = 1_800_000_000_000
RINGING = Attempt("r", "desk", status="ringing", dials=2, mode="attended")


@pytest.fixture
def rings(table: CallTable) -> CallTable:
    """Two are rung in turn for the attempt, and the first rings."""
    table.claim_attempt(CALL, RINGING)
    return table


def read_stored(table: CallTable) -> Attempt:
    return table.legs.read_attempt(CALL, "r")


def test_the_first_to_press_the_key_has_the_call(rings: CallTable, clock: Clock) -> None:
    first = rings.attended.accept(CALL, "r", ANNA)
    clock.now_s += 1
    again, late = rings.attended.accept(CALL, "r", ANNA), rings.attended.accept(CALL, "r", BEN)

    assert (first.status, first.accepted_by, first.accepted_at_ms) == ("accepted", ANNA, NOW_MS)
    assert again == late == first == read_stored(rings)


def test_each_target_is_rung_by_one(rings: CallTable) -> None:
    assert [rings.attended.claim_target(CALL, "r", target) for target in (0, 1, 1)] == [False, True, False]
    assert (read_stored(rings).status, read_stored(rings).dial) == ("ringing", 1)


@pytest.mark.parametrize("status", ["nobody", "passed", "answered_through", "cancelled_by_caller", "failed"])
def test_nothing_begins_after_the_end(rings: CallTable, status: str) -> None:
    ended, now = rings.attended.end(CALL, "r", status, "why")

    assert (ended.status, ended.detail, ended.settled_at_ms, now) == (status, "why", NOW_MS, True)
    assert rings.attended.accept(CALL, "r", ANNA).accepted_by is None
    assert not rings.attended.claim_target(CALL, "r", 1)
    assert rings.attended.connect(CALL, "r") == (ended, False)
    assert rings.attended.end(CALL, "r", "nobody") == (ended, False)


def test_who_has_the_call_is_not_overwritten(rings: CallTable) -> None:
    taken = rings.attended.accept(CALL, "r", ANNA)
    rings.legs.record_event(CALL, "r", ANNA, "completed", status="no-answer")

    assert rings.attended.end(CALL, "r", "nobody", only=("ringing",)) == (taken, False)
    assert not rings.update_attempt(CALL, "r", "failed")
    rings.give_up_attempt(CALL, "r", "waited in vain")
    assert read_stored(rings) == taken


def test_the_caller_is_sent_to_the_person_once(rings: CallTable, clock: Clock) -> None:
    assert not rings.attended.connect(CALL, "r")[1]
    rings.attended.accept(CALL, "r", ANNA)
    clock.now_s += 5
    (connected, first), again = rings.attended.connect(CALL, "r"), rings.attended.connect(CALL, "r")

    assert (connected.status, connected.connected_at_ms, first) == ("moved", NOW_MS + 5000, True)
    assert again == (connected, False)
    assert not rings.attended.end(CALL, "r", "cancelled_by_caller")[1]
    settled, _ = rings.settle_attempt(CALL, "r", AttemptEnd("bridged", "answered", "<Response/>", talked_s=9))
    assert (settled.status, settled.accepted_by, settled.talked_s) == ("bridged", ANNA, 9)


def test_an_attempt_that_nobody_claimed_can_not_be_taken(table: CallTable) -> None:
    assert table.attended.accept(CALL, "r", ANNA) == Attempt("r")
    assert table.read(CALL).attempts == ()


def test_a_leg_is_written_in_any_order(rings: CallTable, clock: Clock) -> None:
    rings.legs.record_event(CALL, "r", ANNA, "initiated")
    clock.now_s += 1
    rings.attended.hear_brief(CALL, "r", ANNA, 0)
    rings.attended.begin_leg(CALL, "r", ANNA, 0, "Anna")
    rings.attended.note(CALL, "r", ANNA, "On Monday. " * 100)
    rings.attended.refuse_leg(CALL, "r", 1, "Ben", "20429")

    anna, ben = rings.legs.list_of(CALL, "r")
    assert anna == Leg(
        ANNA,
        "r",
        initiated_at_ms=NOW_MS,
        person="Anna",
        brief_at_ms=NOW_MS + 1000,
        note=("On Monday. " * 100)[:500],
    )
    assert (ben.leg_sid, ben.target, ben.failure, ben.status) == ("target-1", 1, "20429", "failed")
    assert ben.completed_at_ms


def test_words_about_the_caller_are_erased_when_they_are_not_kept(dynamodb: "DynamoDBClient", clock: Clock) -> None:
    table = CallTable(dynamodb, TABLE, now=clock, keep_transcripts=False)
    table.claim_attempt(CALL, Attempt("r", "desk", status="ringing", mode="attended", brief="Ms Weber"))
    table.attended.note(CALL, "r", ANNA, "On Monday.")
    table.end_call(CALL)

    record = table.read(CALL)
    assert (record.attempts[0].brief, record.legs[0].note) == ("", "")
    assert record.attempts[0].destination == "desk"
