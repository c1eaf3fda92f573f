"""A transfer that comes back as a new call is known by the numbers of the dial."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from call_record import Attempt, AttemptEnd, CallTable, Dial, DialFailure
from ringing import LOOK_S, NOTE_S, Loop, Ringing
from tests.call_record.conftest import Clock
from tests.lambdas import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CALL, NEW = "CA" + "1" * 32, "CA" + "2" * 32
CALLER, ANNA, BEN, STRANGER = "+15550100001", "+15550100002", "+15550100003", "+15550100009"
LOOP = Loop(CALL, "call_1")
PERHAPS = replace(LOOP, certain=False)
ANNA_S_LEG, BEN_S_LEG = "CA" + "a" * 32, "CA" + "b" * 32


def look_for_loop(table: CallTable, caller: str, forwarded_from: str = "") -> Loop | None:
    """A new call is looked at, and counted if it is one."""
    if loop := table.ringing.find_loop(NEW, caller, forwarded_from):
        table.ringing.count_loop(loop)
    return loop


@pytest.fixture
def table(table: CallTable) -> CallTable:
    """One that is never slow: moto on a busy machine may be."""
    table.ringing = Ringing(table._items, lambda: 0.0)
    return table


@pytest.fixture
def dial(table: CallTable, clock: Clock) -> Dial:
    """Two are being rung at once, and Twilio reports nothing."""
    table.claim_attempt(CALL, Attempt("call_1", "desk"))
    until_ms = int(clock.now_s * 1000) + 40_000
    dial = Dial(CALL, "call_1", CALLER, (ANNA, BEN), 2, until_ms, until_ms)
    table.ringing.note(dial)
    return dial


@pytest.fixture
def anna_s(table: CallTable, clock: Clock) -> Dial:
    """Anna is being rung, Ben is next; Twilio has reported nothing so far."""
    table.claim_attempt(CALL, Attempt("call_1", "desk", dials=2))
    now_ms = int(clock.now_s * 1000)
    dial = Dial(CALL, "call_1", CALLER, (ANNA,), 1, now_ms + 40_000, now_ms + 5_000)
    table.ringing.note(dial)
    return dial


@pytest.mark.usefixtures("dial")
@pytest.mark.parametrize(
    ("caller", "forwarded_from", "found"),
    [
        (CALLER, ANNA, LOOP),
        (CALLER, BEN.removeprefix("+"), LOOP),
        (CALLER, "", PERHAPS),  # its network does not say that it forwards
        (CALLER, STRANGER, PERHAPS),  # Anna's line forwards to another, and that to us
        (ANNA, "", PERHAPS),  # it shows itself
        (ANNA, ANNA, PERHAPS),
        ("anonymous", ANNA, PERHAPS),
        ("", ANNA, PERHAPS),
        ("anonymous", CALLER, None),
        (STRANGER, "", None),
        (STRANGER, ANNA, None),  # they have called Anna, whose line is busy with being rung
        ("client:alice", "", None),
        ("", "", None),
    ],
)
def test_a_dial_is_known_by_its_numbers(table: CallTable, caller: str, forwarded_from: str, found: Loop | None) -> None:
    assert table.ringing.find_loop(NEW, caller, forwarded_from) == found


@pytest.mark.usefixtures("dial")
def test_the_caller_s_own_webhook_repeated_is_no_loop(table: CallTable) -> None:
    assert table.ringing.find_loop(CALL, CALLER, "") is None


@pytest.mark.usefixtures("dial")
@pytest.mark.parametrize(("caller", "forwarded_from"), [(CALLER, ""), (ANNA, ""), ("anonymous", ANNA)])
def test_with_one_number_alone_no_more_are_refused_than_telephones_ring(
    table: CallTable, caller: str, forwarded_from: str
) -> None:
    refused = [look_for_loop(table, caller, forwarded_from) for _ in range(3)]

    assert refused == [PERHAPS, replace(PERHAPS, times=2), None]
    assert look_for_loop(table, CALLER, ANNA) == replace(LOOP, times=3)


@pytest.mark.usefixtures("anna_s")
def test_one_telephone_refuses_one_colleague_of_the_caller(table: CallTable) -> None:
    table.legs.record_event(CALL, "call_1", ANNA_S_LEG, "initiated")

    assert [look_for_loop(table, CALLER) for _ in range(2)] == [PERHAPS, None]


def test_whoever_is_rung_next_comes_back_as_well(table: CallTable, anna_s: Dial) -> None:
    table.legs.record_event(CALL, "call_1", ANNA_S_LEG, "initiated")
    assert look_for_loop(table, CALLER) == PERHAPS
    table.legs.record_event(CALL, "call_1", ANNA_S_LEG, "completed", status="busy")
    assert look_for_loop(table, CALLER) is None  # nobody rings just now

    table.ringing.note(replace(anna_s, rung=(BEN,), lines=2))
    assert look_for_loop(table, CALLER, BEN) == replace(LOOP, times=2)


@pytest.mark.usefixtures("anna_s")
def test_whose_turn_has_not_come_may_call(table: CallTable) -> None:
    assert table.ringing.find_loop(NEW, BEN, "") is None


def test_whose_turn_is_over_may_call(table: CallTable, anna_s: Dial) -> None:
    table.legs.record_event(CALL, "call_1", ANNA_S_LEG, "initiated")
    table.legs.record_event(CALL, "call_1", ANNA_S_LEG, "completed", status="no-answer")
    table.ringing.note(replace(anna_s, rung=(BEN,), lines=2))
    table.legs.record_event(CALL, "call_1", BEN_S_LEG, "initiated")

    assert table.ringing.find_loop(NEW, ANNA, "") is None
    assert table.ringing.find_loop(NEW, BEN, "") == PERHAPS


@pytest.mark.usefixtures("anna_s")
def test_a_telephone_may_ring_before_twilio_s_report_of_it(table: CallTable, clock: Clock) -> None:
    assert table.ringing.find_loop(NEW, CALLER, "") == PERHAPS
    clock.now_s += 6
    assert table.ringing.find_loop(NEW, CALLER, "") is None  # the caller hung up before it rang, and calls again
    assert table.ringing.find_loop(NEW, CALLER, ANNA) == LOOP
    table.legs.record_event(CALL, "call_1", ANNA_S_LEG, "initiated")
    assert table.ringing.find_loop(NEW, CALLER, "") == PERHAPS


@pytest.mark.usefixtures("anna_s")
def test_who_hung_up_while_it_rang_may_call_again(table: CallTable) -> None:
    table.legs.record_event(CALL, "call_1", ANNA_S_LEG, "completed", status="canceled")

    assert table.ringing.find_loop(NEW, CALLER, "") is None


def test_an_attempt_that_nobody_has_claimed_rings_nobody(table: CallTable, anna_s: Dial) -> None:
    table.ringing.note(replace(anna_s, request_id="call_2", shown=STRANGER))

    assert table.ringing.find_loop(NEW, STRANGER, ANNA) is None


@pytest.mark.usefixtures("dial")
def test_nobody_rings_once_the_call_was_taken(table: CallTable) -> None:
    table.legs.accept(CALL, "call_1", "CA" + "3" * 32)

    assert table.ringing.find_loop(NEW, CALLER, "") is None


@pytest.mark.usefixtures("dial")
def test_when_the_ringing_is_over_a_call_is_a_call(table: CallTable, clock: Clock) -> None:
    clock.now_s += 41
    assert table.ringing.find_loop(NEW, CALLER, ANNA) is None
    clock.now_s -= 41
    table.settle_attempt(CALL, "call_1", AttemptEnd("no_answer", "no-answer", "<Response/>"))
    assert table.ringing.find_loop(NEW, CALLER, ANNA) is None


@pytest.mark.usefixtures("dial")
@pytest.mark.parametrize(("forwarded_from", "failure"), [(ANNA, "forwarded_back"), ("", "")])
def test_the_attempt_tells_that_it_came_back_where_that_is_certain(
    table: CallTable, forwarded_from: str, failure: str
) -> None:
    look_for_loop(table, CALLER, forwarded_from)
    settled, _ = table.settle_attempt(
        CALL, "call_1", AttemptEnd("busy", "busy", "<Response/>", failure=DialFailure(sip_code="486"))
    )

    assert (settled.forwarded_back, settled.failure, settled.sip_code) == (1, failure, "486")


def test_one_of_several_dials_with_one_number_is_found(table: CallTable, dial: Dial) -> None:
    other = "CA" + "3" * 32
    table.claim_attempt(other, Attempt("call_9", "desk"))
    table.ringing.note(replace(dial, call_sid=other, request_id="call_9", shown="+15550100009"))
    table.settle_attempt(CALL, "call_1", AttemptEnd("busy", "busy", "<Response/>"))

    assert table.ringing.find_loop(NEW, "+15550100009", ANNA) == Loop(other, "call_9")


def test_numbers_are_not_in_the_table(dynamodb: "DynamoDBClient", dial: Dial) -> None:
    rows = str(dynamodb.scan(TableName=TABLE)["Items"])

    assert rows.count("'number#") == 3
    assert not any(number[1:] in rows for number in (dial.shown, *dial.rung))


def test_a_slow_table_is_not_waited_for(table: CallTable, clock: Clock) -> None:
    ticks = iter([0.0, 0.0, NOTE_S + 0.1])
    ringing = Ringing(table._items, lambda: next(ticks))
    table.claim_attempt(CALL, Attempt("call_1", "desk"))
    until_ms = int(clock.now_s * 1000) + 40_000
    ringing.note(Dial(CALL, "call_1", CALLER, (ANNA, BEN), 2, until_ms, until_ms))

    assert table.ringing.find_loop(NEW, "anonymous", ANNA) is None
    assert table.ringing.find_loop(NEW, CALLER, "") == PERHAPS


@pytest.mark.usefixtures("dial")
@pytest.mark.parametrize("reads", [1, 2, 3])
def test_a_slow_table_is_asked_nothing_more(table: CallTable, reads: int) -> None:
    ticks = iter([0.0] * reads + [LOOK_S + 0.1])
    ringing = Ringing(table._items, lambda: next(ticks))

    with pytest.raises(TimeoutError):
        ringing.find_loop(NEW, CALLER, "")


def test_no_number_is_noted_when_the_time_is_over(table: CallTable, dial: Dial) -> None:
    Ringing(table._items, lambda: 7.1).note(replace(dial, shown=STRANGER), until=7.0)

    assert table.ringing.find_loop(NEW, STRANGER, "") is None
