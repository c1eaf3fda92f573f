"""What was said: kept, or erased when a call is over, whatever is written when."""

from threading import Barrier, Lock
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import EndpointConnectionError

from call_items import Items
from call_record import Attempt, CallTable, EndReason, Turn
from tests.call_record.conftest import Clock
from tests.lambdas import TABLE
from transcripts import WRITERS, Transcripts, WordsLeftError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CALL, OTHER = "CA" + "0" * 32, "CA" + "1" * 32
SAID = Turn(1000, "caller", "My card number is four seven.", "My card number is four seven.")
TYPED = Turn(2000, "keys", "4711", "4711")
ANSWERED = Turn(3000, "tool", 'find_order({"name": "Dana"}) -> ready', 'find_order({"name": "Dana"}) -> ready')
HOUR_S, DAY_S = 3600, 86_400


class SlowItems(Items):
    """Erasing takes time on a clock of its own, and goes on only when as many writers have begun as are to be."""

    def slow_down(self, write_s: float) -> None:
        self.clock_s = 0.0
        self._write_s = write_s
        self._begun = Barrier(WRITERS, self._pass_time, timeout=10)
        self._one_by_one = Lock()  # moto is not atomic under threads

    def _pass_time(self) -> None:
        self.clock_s += self._write_s

    def remove(self, call_sid: str, item: str, names: tuple[str, ...], *, keep_s: int | None = None) -> None:
        self._begun.wait()
        with self._one_by_one:
            super().remove(call_sid, item, names, keep_s=keep_s)


@pytest.fixture
def slow_items(dynamodb: "DynamoDBClient", clock: Clock) -> SlowItems:
    return SlowItems(dynamodb, TABLE, clock, 30)


@pytest.fixture
def forgetful(dynamodb: "DynamoDBClient", clock: Clock) -> CallTable:
    """A table that keeps no words."""
    return CallTable(dynamodb, TABLE, now=clock, keep_transcripts=False)


def list_words(table: CallTable, call_sid: str = CALL) -> list[str]:
    return [words for turn in table.read(call_sid).turns for words in (turn.said, turn.heard) if words]


def read_lifetimes(client: "DynamoDBClient", clock: Clock) -> dict[str, float]:
    """For how many seconds from now each kind of row is kept."""
    rows = client.scan(TableName=TABLE)["Items"]
    return {row["item"]["S"].partition("#")[0]: int(row["expires_at"]["N"]) - clock.now_s for row in rows}


def test_words_are_the_memory_of_a_call_until_it_is_over(forgetful: CallTable) -> None:
    for turn in (SAID, TYPED, ANSWERED):
        forgetful.add_turn(CALL, turn)
        forgetful.add_turn(OTHER, turn)
    assert forgetful.read(CALL).turns == (SAID, TYPED, ANSWERED)

    forgetful.end_call(CALL)

    assert [(turn.at_ms, turn.speaker) for turn in forgetful.read(CALL).turns] == [
        (1000, "caller"),
        (2000, "keys"),
        (3000, "tool"),
    ]
    assert list_words(forgetful) == []
    assert forgetful.read(OTHER).turns == (SAID, TYPED, ANSWERED)


def test_a_turn_that_is_written_after_the_end_has_no_words(forgetful: CallTable) -> None:
    forgetful.end_call(CALL)
    forgetful.add_turn(CALL, ANSWERED)

    assert [turn.speaker for turn in forgetful.read(CALL).turns] == ["tool"]
    assert list_words(forgetful) == []


def test_a_turn_whose_write_overlaps_with_the_end_has_no_words(
    forgetful: CallTable, dynamodb: "DynamoDBClient", clock: Clock
) -> None:
    """The end is written after the turn was put, and before its writer looks."""
    ender = CallTable(dynamodb, TABLE, now=clock, keep_transcripts=False)

    def end_meanwhile(**_: object) -> None:
        dynamodb.meta.events.unregister("before-call.dynamodb.GetItem", end_meanwhile)
        ender.end_call(CALL)

    dynamodb.meta.events.register("before-call.dynamodb.GetItem", end_meanwhile)
    forgetful.add_turn(CALL, SAID)

    assert list_words(forgetful) == []


@pytest.mark.parametrize("reason", ["goodbye", "goodbye_unsaid", "caller_gone"])
def test_the_end_of_the_last_stream_erases(forgetful: CallTable, reason: EndReason) -> None:
    forgetful.claim_stream(CALL, "jti-1", "MZ1")
    forgetful.add_turn(CALL, SAID)
    forgetful.end_stream(CALL, "jti-1", reason, 1000)

    assert list_words(forgetful) == []
    assert forgetful.read(CALL).streams[0].end_reason == reason


@pytest.mark.parametrize("reason", ["transferred", "model_failed", "draining", "stream_lost", "internal_error"])
def test_a_stream_after_which_the_call_goes_on_erases_nothing(forgetful: CallTable, reason: EndReason) -> None:
    forgetful.add_turn(CALL, SAID)
    forgetful.end_stream(CALL, "jti-1", reason, 1000)

    assert forgetful.read(CALL).turns == (SAID,)


def test_a_stream_that_another_one_has_replaced_erases_nothing(forgetful: CallTable, clock: Clock) -> None:
    for jti in ("jti-1", "jti-2"):
        forgetful.claim_stream(CALL, jti, f"MZ-{jti}")
        clock.now_s += 1
    forgetful.add_turn(CALL, SAID)
    forgetful.end_stream(CALL, "jti-1", "caller_gone", 1000)

    assert forgetful.read(CALL).turns == (SAID,)


def test_a_call_that_was_moved_from_outside_keeps_its_words(forgetful: CallTable, clock: Clock) -> None:
    """The container sees the stream end, and cannot tell a caller who hung up from a call that somebody moved."""
    forgetful.claim_stream(CALL, "jti-1", "MZ-1")
    forgetful.add_turn(CALL, SAID)
    clock.now_s += 1
    forgetful.claim_attempt(CALL, Attempt("board_1", "front_desk"))
    forgetful.end_stream(CALL, "jti-1", "caller_gone", 1000)

    record = forgetful.read(CALL)
    assert record.turns == (SAID,)
    assert record.call is None or not record.call.ended_at_ms


def test_an_attempt_that_failed_keeps_no_words(forgetful: CallTable, clock: Clock) -> None:
    forgetful.claim_stream(CALL, "jti-1", "MZ-1")
    forgetful.add_turn(CALL, SAID)
    clock.now_s += 1
    forgetful.claim_attempt(CALL, Attempt("board_1", "front_desk"))
    forgetful.update_attempt(CALL, "board_1", "failed", "HTTP 500")
    forgetful.end_stream(CALL, "jti-1", "caller_gone", 1000)

    assert list_words(forgetful) == []


def test_words_whose_end_nobody_learns_of_expire_after_the_longest_call(
    forgetful: CallTable, dynamodb: "DynamoDBClient", clock: Clock
) -> None:
    forgetful.open_call(CALL, "+15550100001", "+15550100000", "<one/>")
    forgetful.add_turn(CALL, SAID)
    assert read_lifetimes(dynamodb, clock) == {"call": 30 * DAY_S, "turn": 4 * HOUR_S}

    forgetful.end_call(CALL)
    assert read_lifetimes(dynamodb, clock) == {"call": 30 * DAY_S, "turn": 30 * DAY_S}


def test_a_turn_that_has_expired_is_not_written_anew(forgetful: CallTable, dynamodb: "DynamoDBClient") -> None:
    forgetful.add_turn(CALL, SAID)

    def expire(**_: object) -> None:
        for row in dynamodb.scan(TableName=TABLE)["Items"]:
            if row["item"]["S"].startswith("turn#"):
                dynamodb.delete_item(TableName=TABLE, Key={name: row[name] for name in ("call_sid", "item")})

    dynamodb.meta.events.register("after-call.dynamodb.Query", expire)
    forgetful.end_call(CALL)

    assert forgetful.read(CALL).turns == ()


def test_erasing_stops_when_its_time_is_over(forgetful: CallTable) -> None:
    forgetful.add_turn(CALL, SAID)
    with pytest.raises(WordsLeftError, match="no time to erase anything"):
        forgetful.end_call(CALL, until=0)

    assert forgetful.read(CALL).turns == (SAID,)


def test_a_write_that_fails_keeps_no_other_words(forgetful: CallTable, dynamodb: "DynamoDBClient") -> None:
    talk(forgetful, 5)
    failed: list[str] = []

    def fail_once(params: dict[str, Any], **_: object) -> None:
        item = params["Key"]["item"]["S"]
        if item.startswith("turn#") and not failed:
            failed.append(item)
            raise EndpointConnectionError(endpoint_url="DynamoDB")

    dynamodb.meta.events.register("provide-client-params.dynamodb.UpdateItem", fail_once)
    with pytest.raises(EndpointConnectionError):
        forgetful.end_call(CALL)

    assert len([turn for turn in forgetful.read(CALL).turns if turn.said or turn.heard]) == 1


def talk(table: CallTable, turns: int) -> None:
    for number in range(turns):
        table.add_turn(CALL, Turn(number, "caller", "four seven", "four seven"))


def test_a_second_is_enough_for_a_call_of_400_turns(table: CallTable, slow_items: SlowItems) -> None:
    talk(table, 400)
    slow_items.slow_down(write_s=0.01)

    Transcripts(slow_items, keep=False, clock=lambda: slow_items.clock_s).end(CALL, until=1.0)

    assert (len(table.read(CALL).turns), list_words(table)) == (400, [])


def test_turns_that_keep_their_words_are_counted(table: CallTable, slow_items: SlowItems) -> None:
    talk(table, 60)
    slow_items.slow_down(write_s=0.25)

    with pytest.raises(WordsLeftError, match="10 of 60 turns still have their words"):
        Transcripts(slow_items, keep=False, clock=lambda: slow_items.clock_s).end(CALL, until=1.0)

    assert len([turn for turn in table.read(CALL).turns if turn.said or turn.heard]) == 10


def lose_reads(client: "DynamoDBClient") -> None:
    def lose(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="DynamoDB")

    client.meta.events.register("before-call.dynamodb.GetItem", lose)


def test_a_turn_that_is_written_is_not_lost_because_the_mark_of_a_deletion_cannot_be_read(
    table: CallTable, dynamodb: "DynamoDBClient"
) -> None:
    lose_reads(dynamodb)
    table.add_turn(CALL, SAID)

    assert table.read(CALL).turns == (SAID,)


def test_where_no_words_are_kept_it_is_said_that_they_may_be_left(
    forgetful: CallTable, dynamodb: "DynamoDBClient"
) -> None:
    lose_reads(dynamodb)

    with pytest.raises(EndpointConnectionError):
        forgetful.add_turn(CALL, SAID)


def test_where_words_are_kept_the_end_erases_nothing(table: CallTable) -> None:
    table.claim_stream(CALL, "jti-1", "MZ1")
    table.add_turn(CALL, SAID)
    table.end_stream(CALL, "jti-1", "goodbye", 1000)
    table.end_call(CALL)

    assert table.read(CALL).turns == (SAID,)
    assert table.read(CALL).call is None  # nothing is written that nobody needs


def test_rows_are_kept_as_long_as_it_is_set(dynamodb: "DynamoDBClient", clock: Clock) -> None:
    CallTable(dynamodb, TABLE, now=clock, keep_days=3).add_turn(CALL, SAID)

    assert read_lifetimes(dynamodb, clock) == {"turn": 3 * DAY_S}
