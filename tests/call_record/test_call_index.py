"""The index by day: which rows it has, with what, and by which writes."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

import call_index
from call_record import Attempt, AttemptEnd, CallTable, Turn
from tests.call_record.conftest import Clock
from tests.lambdas import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CALL, PLACE = "CA" + "0" * 32, {"day": {"S": "2027-01-15"}, "at_ms": {"N": "1800000000000"}}
END = AttemptEnd("bridged", "completed", "<one/>", talked_s=5)

type Write = Callable[[CallTable], object]

FIRST_WRITES: list[Write] = [
    lambda table: table.open_call(CALL, "+1", "+2", "<x/>"),
    lambda table: table.claim_stream(CALL, "j", "MZ1"),
    lambda table: table.end_stream(CALL, "j", "goodbye", 0),
    lambda table: table.decide(CALL, "j", "<x/>"),
    lambda table: table.claim_attempt(CALL, Attempt("r")),
    lambda table: table.settle_attempt(CALL, "r", END),
    lambda table: table.legs.accept(CALL, "r", "CA1"),
    lambda table: table.add_message(CALL, "r", "url", 4),
    lambda table: table.goodbyes.claim(CALL, "g"),
]


def list_indexed(dynamodb: "DynamoDBClient", day: str = "2027-01-15") -> list[dict[str, Any]]:
    return dynamodb.query(
        TableName=TABLE,
        IndexName=call_index.NAME,
        KeyConditionExpression="#day = :day",
        ExpressionAttributeNames={"#day": call_index.DAY},
        ExpressionAttributeValues={":day": {"S": day}},
    )["Items"]


@pytest.mark.parametrize("write", FIRST_WRITES)
def test_whatever_write_of_a_row_comes_first_places_it_in_the_index(
    write: Write, table: CallTable, dynamodb: "DynamoDBClient"
) -> None:
    requests: list[str] = []
    dynamodb.meta.events.register("before-call.dynamodb", lambda model, **_: requests.append(model.name))

    write(table)

    writes = [each for each in requests if each != "GetItem"]  # of the mark of a deletion
    assert writes in (["UpdateItem"], ["PutItem"])  # the same single write as without an index
    (row,) = list_indexed(dynamodb)
    assert {name: row[name] for name in PLACE} == PLACE


def test_a_row_stays_at_the_time_of_its_first_write(table: CallTable, clock: Clock, dynamodb: "DynamoDBClient") -> None:
    table.open_call(CALL, "+1", "+2", "<x/>")
    table.claim_stream(CALL, "j", "MZ1")
    table.claim_attempt(CALL, Attempt("r"))
    clock.now_s += 86_400

    table.open_call(CALL, "+1", "+2", "<x/>")
    table.end_stream(CALL, "j", "transferred", 5)
    table.decide(CALL, "j", "<x/>")
    table.update_attempt(CALL, "r", "moved")
    table.settle_attempt(CALL, "r", END)

    assert [{name: row[name] for name in PLACE} for row in list_indexed(dynamodb)] == [PLACE] * 3
    assert list_indexed(dynamodb, "2027-01-16") == []


def test_the_index_has_no_words_and_no_documents(table: CallTable, dynamodb: "DynamoDBClient") -> None:
    table.open_call(CALL, "+1", "+2", "<x/>")
    table.claim_stream(CALL, "j", "MZ1")
    table.decide(CALL, "j", "<x/>")
    table.add_turn(CALL, Turn(1_800_000_000_000, "caller", "secret", "secret"))
    table.claim_attempt(CALL, Attempt("r", "desk", "secret", "secret", whisper="secret"))
    table.add_message(CALL, "r", "secret", 4)

    rows = list_indexed(dynamodb)
    assert sorted(row["item"]["S"] for row in rows) == ["attempt#r", "call", "stream#j"]
    assert {name for row in rows for name in row} <= {"call_sid", "item", "day", "at_ms", *call_index.COPIED}
    assert not {"said", "heard", "reason", "summary", "document", "decision", "whisper", "message_url"} & {
        *call_index.COPIED
    }


def test_dynamodb_takes_so_many_attributes() -> None:
    assert len(call_index.COPIED) <= 20


@pytest.mark.parametrize(
    ("at_ms", "day"), [(0, "1970-01-01"), (1_800_057_599_999, "2027-01-15"), (1_800_057_600_000, "2027-01-16")]
)
def test_a_day_is_one_of_utc(at_ms: int, day: str) -> None:
    assert call_index.name_day(at_ms) == day
