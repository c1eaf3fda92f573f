"""A caller's data that is deleted stays deleted, whatever is written late."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from call_items import DeletedError
from call_record import Attempt, CallTable, Turn
from caller_data import CallerData
from notices import digest
from tests.call_record.conftest import Clock
from tests.lambdas import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CALL, CALLER, URL = "CA" + "0" * 32, "+15550100001", "https://api.twilio.com/RE1"
KEYS = {"call_sid", "item", "expires_at"}
SAID = Turn(1000, "caller", "My name is Dana.", "My name is Dana.")

type Write = Callable[[CallTable], object]

WRITES: list[Write] = [
    lambda table: table.add_turn(CALL, SAID),
    lambda table: table.add_message(CALL, "call_1", URL, 7),
    lambda table: table.add_message(CALL, "call_2", URL, 7),
    lambda table: table.notices.claim(CALL, "call_1", "missed", digest("sns")),
    lambda table: table.notices.report_undelivered(CALL, "call_1", "missed", digest("sns")),
    lambda table: table.legs.accept(CALL, "call_1", "CA9"),
    lambda table: table.legs.decline(CALL, "call_1", "CA9", "2"),
    lambda table: table.legs.record_event(CALL, "call_1", "CA9", "completed", status="completed"),
    lambda table: table.update_attempt(CALL, "call_1", "moved"),
    lambda table: table.open_call(CALL, CALLER, CALLER, "<Response/>"),
]


@pytest.fixture
def data(dynamodb: "DynamoDBClient", clock: Clock) -> CallerData:
    return CallerData(dynamodb, TABLE, CALLER, clock)


@pytest.fixture(autouse=True)
def write_call(table: CallTable) -> None:
    table.open_call(CALL, CALLER, "+15550100002", "<Response/>")
    table.claim_attempt(CALL, Attempt("call_1", "desk", "why", "what"))
    table.add_turn(CALL, SAID)


@pytest.fixture(params=[True, False], ids=["kept", "erased"])
def writer(request: pytest.FixtureRequest, dynamodb: "DynamoDBClient", clock: Clock) -> CallTable:
    """It keeps words, or not."""
    return CallTable(dynamodb, TABLE, now=clock, keep_transcripts=request.param)


def delete(data: CallerData) -> None:
    data.mark(CALL)
    for key in data.list_rows(CALL):
        data.delete(key)


def find_stored(client: "DynamoDBClient") -> dict[str, set[str]]:
    """What is stored in each item, beside its keys and when it expires."""
    rows = client.scan(TableName=TABLE)["Items"]
    return {row["item"]["S"]: names for row in rows if (names := row.keys() - KEYS)}


@pytest.mark.parametrize("write", WRITES)
def test_what_is_written_after_a_deletion_does_not_stay(
    writer: CallTable, data: CallerData, dynamodb: "DynamoDBClient", write: Write
) -> None:
    delete(data)
    with suppress(DeletedError):
        write(writer)

    assert find_stored(dynamodb) == {"call": {"deleted_at_ms"}}
    assert writer.read(CALL).deleted


@pytest.mark.parametrize("write", WRITES[:4])
def test_what_is_written_while_it_is_deleted_does_not_stay(
    writer: CallTable, data: CallerData, dynamodb: "DynamoDBClient", write: Write
) -> None:
    """The deletion comes after the first row of its kind was written, and before its writer looks for the mark."""

    def delete_meanwhile(**_: object) -> None:
        dynamodb.meta.events.unregister("before-call.dynamodb.GetItem", delete_meanwhile)
        delete(data)

    for key in data.list_rows(CALL)[:-1]:
        data.delete(key)
    assert find_stored(dynamodb).keys() == {"call"}
    dynamodb.meta.events.register("before-call.dynamodb.GetItem", delete_meanwhile)
    with suppress(DeletedError):
        write(writer)

    assert find_stored(dynamodb) == {"call": {"deleted_at_ms"}}


def test_a_deletion_that_was_interrupted_can_be_repeated(
    data: CallerData, table: CallTable, dynamodb: "DynamoDBClient"
) -> None:
    data.mark(CALL)
    data.delete(data.list_rows(CALL)[0])
    assert table.read(CALL).deleted

    assert [each.call_sid for each in data.find_calls(lambda *_: None)] == [CALL]
    delete(data)

    assert find_stored(dynamodb) == {"call": {"deleted_at_ms"}}
    assert data.find_calls(lambda *_: None) == []


def test_the_mark_names_nobody_and_expires_after_a_day(
    data: CallerData, clock: Clock, dynamodb: "DynamoDBClient"
) -> None:
    delete(data)
    (mark,) = dynamodb.scan(TableName=TABLE)["Items"]

    assert mark == {
        "call_sid": {"S": CALL},
        "item": {"S": "call"},
        "deleted_at_ms": {"N": str(int(clock.now_s * 1000))},
        "expires_at": {"N": str(int(clock.now_s) + 86_400)},
    }


def test_a_call_that_has_expired_meanwhile_is_not_marked(data: CallerData, dynamodb: "DynamoDBClient") -> None:
    data.mark("CA" + "1" * 32)

    assert {row["call_sid"]["S"] for row in dynamodb.scan(TableName=TABLE)["Items"]} == {CALL}


def test_a_call_without_a_row_of_its_own_is_recorded_as_before(table: CallTable, dynamodb: "DynamoDBClient") -> None:
    dynamodb.delete_item(TableName=TABLE, Key={"call_sid": {"S": CALL}, "item": {"S": "call"}})
    table.add_message(CALL, "next-1", URL, 7)
    table.add_turn(CALL, SAID)

    assert [each.message_url for each in table.read(CALL).attempts if each.request_id == "next-1"] == [URL]
    assert table.read(CALL).turns == (SAID, SAID)
