"""Who takes a call by a key, and what Twilio reports about those who were rung: in any order, late, and twice."""

import itertools

import pytest

from call_record import Attempt, AttemptEnd, CallTable, DialFailure, Leg
from tests.call_record.conftest import Clock

CALL = "CA" + "0" * 32
ANNA, BEN = "CA" + "a" * 32, "CA" + "b" * 32
NOW_MS = 1_800_000_000_000


def read_stored(table: CallTable) -> Attempt:
    (attempt,) = table.read(CALL).attempts
    return attempt


def test_the_first_to_press_the_key_has_the_call(table: CallTable, clock: Clock) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "desk"))
    clock.now_s += 30
    first = table.legs.accept(CALL, "call_1", ANNA)
    clock.now_s += 1
    again, late = table.legs.accept(CALL, "call_1", ANNA), table.legs.accept(CALL, "call_1", BEN)

    assert (first.accepted_by, first.accepted_at_ms) == (ANNA, NOW_MS + 30_000)
    assert (again, late) == (first, first)
    assert read_stored(table) == first


def test_a_key_that_comes_when_the_attempt_is_over_takes_nothing(table: CallTable) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "desk"))
    table.settle_attempt(CALL, "call_1", AttemptEnd("caller_gone", "no-answer", "<Response/>"))

    assert table.legs.accept(CALL, "call_1", ANNA).accepted_by is None
    assert read_stored(table).status == "caller_gone"


def test_a_repeated_key_of_who_has_the_call_is_no_late_one(table: CallTable) -> None:
    table.legs.accept(CALL, "call_1", ANNA)
    table.settle_attempt(CALL, "call_1", AttemptEnd("bridged", "completed", "<Response/>"))

    assert table.legs.accept(CALL, "call_1", ANNA).accepted_by == ANNA


def test_an_attempt_that_was_never_claimed_can_be_taken(table: CallTable) -> None:
    assert table.legs.accept(CALL, "lost", ANNA).accepted_by == ANNA
    assert table.legs.read_attempt(CALL, "lost") == Attempt(
        "lost", claimed_at_ms=NOW_MS, accepted_by=ANNA, accepted_at_ms=NOW_MS
    )


def test_an_acceptance_outlives_everything_that_is_written_later(table: CallTable) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "desk"))
    table.legs.accept(CALL, "call_1", ANNA)
    table.update_attempt(CALL, "call_1", "moved")
    table.give_up_attempt(CALL, "call_1", "waited in vain")
    table.legs.decline(CALL, "call_1", ANNA, "2")
    table.legs.record_event(CALL, "call_1", ANNA, "completed", status="no-answer")
    table.settle_attempt(CALL, "call_1", AttemptEnd("bridged", "completed", "<Response/>"))

    assert read_stored(table).accepted_by == ANNA


def test_a_key_of_an_earlier_dial_takes_nothing_from_whoever_is_rung_now(table: CallTable) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "desk", dials=2))
    table.legs.go_on(CALL, "call_1", 1)

    assert table.legs.accept(CALL, "call_1", ANNA, 0).accepted_by is None
    assert table.legs.accept(CALL, "call_1", BEN, 1).accepted_by == BEN


def test_whoever_took_the_call_on_an_earlier_dial_has_it_no_more(table: CallTable, clock: Clock) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "desk", dials=2))
    table.legs.accept(CALL, "call_1", ANNA, 0)
    gone_on = table.legs.go_on(CALL, "call_1", 1)
    clock.now_s += 9

    assert (gone_on.dial, gone_on.accepted_by, gone_on.accepted_at_ms) == (1, None, None)
    assert table.legs.accept(CALL, "call_1", BEN, 1).accepted_at_ms == NOW_MS + 9_000


def test_a_later_dial_may_be_taken_though_nobody_wrote_that_it_began(table: CallTable) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "desk", dials=2))
    table.legs.accept(CALL, "call_1", ANNA, 0)

    taken = table.legs.accept(CALL, "call_1", BEN, 1)
    assert (taken.accepted_by, taken.dial) == (BEN, 1)
    assert table.legs.accept(CALL, "call_1", ANNA, 1) == taken


def test_why_the_dial_before_failed_is_kept_while_the_attempt_goes_on(table: CallTable) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "desk", dials=3))
    table.legs.go_on(CALL, "call_1", 1, DialFailure("no_such_number", "13224", "", "404"))
    table.legs.go_on(CALL, "call_1", 2)

    kept = read_stored(table)
    assert (kept.failure, kept.error_code, kept.sip_code) == ("no_such_number", "13224", "404")
    assert (kept.status, kept.decision) == ("claimed", None)


def test_an_attempt_goes_on_once_and_not_back_and_not_when_it_is_over(table: CallTable) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "desk", dials=3))
    table.legs.go_on(CALL, "call_1", 2)
    taken = table.legs.accept(CALL, "call_1", BEN, 2)

    assert table.legs.go_on(CALL, "call_1", 1) == table.legs.go_on(CALL, "call_1", 2) == taken
    table.settle_attempt(CALL, "call_1", AttemptEnd("bridged", "completed", "<Response/>"))
    assert table.legs.go_on(CALL, "call_1", 3) == read_stored(table)
    assert (read_stored(table).dial, read_stored(table).accepted_by) == (2, BEN)


def test_what_is_reported_of_a_leg_is_kept_once(table: CallTable, clock: Clock) -> None:
    table.legs.record_event(CALL, "call#1", ANNA, "initiated")
    clock.now_s += 2
    table.legs.record_event(CALL, "call#1", ANNA, "answered")
    table.legs.decline(CALL, "call#1", ANNA, "2")
    clock.now_s += 2
    for status in ("completed", "busy"):
        table.legs.record_event(CALL, "call#1", ANNA, "completed", status=status, sip_code="200")
    table.legs.record_event(CALL, "call#1", ANNA, "answered")
    table.legs.decline(CALL, "call#1", ANNA, "3")

    assert table.read(CALL).legs == (
        Leg(ANNA, "call#1", NOW_MS, 0, NOW_MS + 2000, "2", NOW_MS + 4000, "completed", "200"),
    )


@pytest.mark.parametrize("order", list(itertools.permutations(("ringing", "answered", "completed"))))
def test_reports_may_come_in_any_order(table: CallTable, order: tuple[str, ...]) -> None:
    reports = {
        "ringing": lambda: table.legs.record_event(CALL, "call_1", ANNA, "ringing"),
        "answered": lambda: table.legs.record_event(CALL, "call_1", ANNA, "answered"),
        "completed": lambda: table.legs.record_event(CALL, "call_1", ANNA, "completed", status="no-answer"),
    }
    for event in order:
        reports[event]()

    assert table.read(CALL).legs == (Leg(ANNA, "call_1", 0, NOW_MS, NOW_MS, "", NOW_MS, "no-answer"),)


def test_each_leg_of_an_attempt_has_a_row_of_its_own(table: CallTable) -> None:
    for leg_sid in (BEN, ANNA):
        table.legs.record_event(CALL, "call_1", leg_sid, "completed", status="busy")

    assert [(leg.leg_sid, leg.status) for leg in table.read(CALL).legs] == [(ANNA, "busy"), (BEN, "busy")]


def test_the_legs_of_one_attempt_are_listed(table: CallTable) -> None:
    table.legs.decline(CALL, "call_1", ANNA, "2")
    table.legs.decline(CALL, "call_10", BEN, "2")

    assert table.legs.list_of(CALL, "call_1") == (Leg(ANNA, "call_1", key="2"),)
    assert table.legs.list_of(CALL, "call_2") == ()
