"""A transfer that comes back as a new call is known by the numbers of the dial."""

from dataclasses import replace

import pytest

from call_record import Attempt, CallTable, Dial, DialFailure
from ringing import NOTE_S, Loop, Ringing
from tests.call_record.conftest import Clock

CALL, NEW = "CA" + "1" * 32, "CA" + "2" * 32
CALLER, ANNA, BEN = "+15550100001", "+15550100002", "+15550100003"
LOOP = Loop(CALL, "call_1")


def comes_back(table: CallTable, caller: str, forwarded_from: str = "") -> Loop | None:
    """A new call is looked at, and counted if it is one."""
    if loop := table.find_loop(NEW, caller, forwarded_from):
        table.count_loop(loop)
    return loop


@pytest.fixture
def dial(table: CallTable, clock: Clock) -> Dial:
    """Somebody is being rung."""
    table.claim_attempt(CALL, Attempt("call_1", "desk"))
    dial = Dial(CALL, "call_1", CALLER, (ANNA, BEN), 2, int(clock.now_s * 1000) + 40_000)
    table.note_ringing(dial)
    return dial


@pytest.mark.usefixtures("dial")
@pytest.mark.parametrize(
    ("caller", "forwarded_from", "found"),
    [
        (CALLER, ANNA, LOOP),
        (CALLER, "", LOOP),  # its network does not say that it forwards
        (ANNA, "", LOOP),  # it shows itself
        ("anonymous", ANNA.removeprefix("+"), LOOP),
        ("+15550100009", "", None),
        ("+15550100009", "+15550100008", None),
        ("client:alice", "", None),
        ("", "", None),
    ],
)
def test_a_dial_is_known_by_its_numbers(table: CallTable, caller: str, forwarded_from: str, found: Loop | None) -> None:
    assert table.find_loop(NEW, caller, forwarded_from) == found


@pytest.mark.usefixtures("dial")
def test_the_caller_s_own_webhook_repeated_is_no_loop(table: CallTable) -> None:
    assert table.find_loop(CALL, CALLER, "") is None


@pytest.mark.usefixtures("dial")
def test_who_shows_the_caller_s_number_is_refused_as_often_as_lines_ring(table: CallTable) -> None:
    assert [comes_back(table, CALLER) for _ in range(3)] == [LOOP, replace(LOOP, times=2), None]
    assert comes_back(table, CALLER, ANNA) == replace(LOOP, times=3)


def test_who_calls_again_after_they_hung_up_while_it_rang_is_no_loop(table: CallTable, dial: Dial) -> None:
    attempt = Attempt("call_2", "desk", whisper="A caller for the desk. Press 1 to take the call.")
    table.claim_attempt(CALL, attempt)
    other = replace(dial, request_id="call_2", shown="+15550100004", rung=("+15550100005",), reported=True)
    table.note_ringing(other)

    assert table.find_loop(NEW, "+15550100004", "") is None  # they hung up before anybody was rung
    table.legs.happened(CALL, "call_2", "CA" + "3" * 32, "initiated")
    assert table.find_loop(NEW, "+15550100004", "") == Loop(CALL, "call_2")
    table.legs.happened(CALL, "call_2", "CA" + "3" * 32, "completed", status="canceled")
    assert table.find_loop(NEW, "+15550100004", "+15550100005") is None


@pytest.mark.usefixtures("dial")
def test_nobody_rings_once_the_call_was_taken(table: CallTable) -> None:
    table.legs.accept(CALL, "call_1", "CA" + "3" * 32)

    assert table.find_loop(NEW, CALLER, "") is None


@pytest.mark.usefixtures("dial")
def test_when_the_ringing_is_over_a_call_is_a_call(table: CallTable, clock: Clock) -> None:
    clock.now_s += 41
    assert table.find_loop(NEW, CALLER, ANNA) is None
    clock.now_s -= 41
    table.settle_attempt(CALL, "call_1", "no_answer", "no-answer", "<Response/>")
    assert table.find_loop(NEW, CALLER, ANNA) is None


@pytest.mark.usefixtures("dial")
def test_the_attempt_tells_that_it_came_back_also_when_its_end_says_nothing(table: CallTable) -> None:
    comes_back(table, CALLER, ANNA)
    settled, _ = table.settle_attempt(
        CALL, "call_1", "busy", "busy", "<Response/>", failure=DialFailure(sip_code="486")
    )

    assert (settled.forwarded_back, settled.failure, settled.sip_code) == (1, "forwarded_back", "486")


def test_one_of_several_dials_with_one_number_is_found(table: CallTable, dial: Dial) -> None:
    other = "CA" + "3" * 32
    table.claim_attempt(other, Attempt("call_9", "desk"))
    table.note_ringing(replace(dial, call_sid=other, request_id="call_9", shown="+15550100009"))
    table.settle_attempt(CALL, "call_1", "busy", "busy", "<Response/>")

    assert table.find_loop(NEW, "+15550100009", ANNA) == Loop(other, "call_9")


def test_numbers_are_not_in_the_table(table: CallTable, dial: Dial) -> None:
    rows = [row for number in (CALLER, ANNA, BEN) for row in table._ringing._rows(number)]

    assert len(rows) == 3
    assert not any(number[1:] in str(rows) for number in (CALLER, ANNA, BEN))
    assert dial.rung == (ANNA, BEN)


def test_a_slow_table_is_not_waited_for(table: CallTable, clock: Clock) -> None:
    ticks = iter([0.0, 0.0, NOTE_S + 0.1])
    ringing = Ringing(table._items, lambda: next(ticks))
    table.claim_attempt(CALL, Attempt("call_1", "desk"))
    ringing.note(Dial(CALL, "call_1", CALLER, (ANNA, BEN), 2, int(clock.now_s * 1000) + 40_000))

    assert table.find_loop(NEW, "anonymous", ANNA) is None
    assert table.find_loop(NEW, CALLER, "") == LOOP
