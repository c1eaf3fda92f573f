"""Reading many calls: by the index and by a call's key, and what that costs."""

from datetime import date
from typing import TYPE_CHECKING, Any

from call_attributes import read_record
from call_record import Attempt, CallTable, Turn
from call_search import CallSearch, to_ms
from tests.call_record.conftest import Clock
from tests.lambdas import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CALL, OTHER = "CA" + "0" * 32, "CA" + "1" * 32
DAY = date(2027, 1, 15)


def fill(table: CallTable, clock: Clock) -> None:
    table.open_call(CALL, "+1", "+2", "<x/>")
    clock.now_s += 1
    table.claim_stream(CALL, "j", "MZ1")
    table.add_turn(CALL, Turn(1_800_000_000_000, "caller", "hi", "hi"))
    clock.now_s += 1
    table.claim_attempt(CALL, Attempt("r", "desk", "secret"))
    table.legs.record_event(CALL, "r", "CA9", "ringing")


def list_items(search: CallSearch, day: date) -> list[str]:
    return [row["item"]["S"] for page in search.list_day(day) for row in page.rows]


def test_a_day_is_read_from_its_end(table: CallTable, clock: Clock, dynamodb: "DynamoDBClient") -> None:
    fill(table, clock)

    search = CallSearch(dynamodb, TABLE)
    assert list_items(search, DAY) == ["attempt#r", "stream#j", "call"]
    assert list_items(search, date(2027, 1, 14)) == []


def test_the_rows_of_the_index_are_a_record_with_its_times(
    table: CallTable, clock: Clock, dynamodb: "DynamoDBClient"
) -> None:
    fill(table, clock)
    whole = table.read(CALL)

    (page,) = CallSearch(dynamodb, TABLE).list_day(DAY)

    record = read_record(page.rows)
    assert record.call
    assert whole.call
    assert (record.call.started_at_ms, record.call.caller) == (whole.call.started_at_ms, "+1")
    assert record.streams[0].opened_at_ms == whole.streams[0].opened_at_ms
    assert (record.attempts[0].claimed_at_ms, record.attempts[0].reason) == (whole.attempts[0].claimed_at_ms, "")


def test_parts_of_a_call_are_read_by_themselves(table: CallTable, clock: Clock, dynamodb: "DynamoDBClient") -> None:
    fill(table, clock)
    table.open_call(OTHER, "+1", "+2", "<x/>")
    search = CallSearch(dynamodb, TABLE)

    kinds = [
        [row["item"]["S"].partition("#")[0] for row in read(CALL).rows]
        for read in (search.read_call, search.read_head, search.read_turns)
    ]

    assert kinds == [["attempt", "call", "leg", "stream", "turn"], ["attempt", "call", "leg", "stream"], ["turn"]]


def test_what_was_read_is_counted(table: CallTable, clock: Clock, dynamodb: "DynamoDBClient") -> None:
    fill(table, clock)
    search = CallSearch(dynamodb, TABLE)

    assert search.read_call(CALL).read_units > 0
    assert all(page.read_units > 0 for page in search.list_day(DAY))


def test_what_cannot_be_ours_is_left_out(table: CallTable, clock: Clock, dynamodb: "DynamoDBClient") -> None:
    fill(table, clock)
    garbage: dict[str, Any] = {
        "talked_ms": {"N": "1.5"},
        "caller": {"L": []},
        "cost_micro_usd": {"N": "9" * 30},
        "status": {"B": b"x"},
    }
    for item in ("call", "stream#g", "attempt#", "notice#x", "unheard-of"):
        place = {"day": {"S": "2027-01-15"}, "at_ms": {"N": "1800000000000"}}
        dynamodb.put_item(TableName=TABLE, Item={"call_sid": {"S": OTHER}, "item": {"S": item}} | place | garbage)
    dynamodb.put_item(
        TableName=TABLE,
        Item={"call_sid": {"S": OTHER}, "item": {"S": "stream#off"}, "day": {"S": "2027-01-15"}, "at_ms": {"N": "-5"}},
    )
    search = CallSearch(dynamodb, TABLE)

    rows = [row for page in search.list_day(DAY) for row in page.rows if row["call_sid"]["S"] == OTHER]

    assert not {name for row in rows for name in row} & garbage.keys()
    assert "stream#off" not in [row["item"]["S"] for row in rows]  # its time is not on its day
    assert read_record(rows).call
    assert read_record(search.read_call(OTHER).rows).notices == ()


def test_a_day_begins_in_utc() -> None:
    assert to_ms(date(1970, 1, 2)) == 86_400_000
