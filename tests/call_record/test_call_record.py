"""The call table: what it stores, and which writes happen once."""

from typing import TYPE_CHECKING, Any

import boto3
import pytest

from call_record import Attempt, AttemptEnd, Call, CallRecord, CallTable, EndReason, Stream, Turn
from tests.call_record.conftest import Clock
from tests.lambdas import TABLE

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CALL = "CA" + "0" * 32
OTHER = "CA" + "1" * 32
NOW_MS = 1_800_000_000_000


def test_an_unknown_call_is_an_empty_record(table: CallTable) -> None:
    assert table.read(CALL) == CallRecord()


def test_the_first_document_of_a_call_is_returned_ever_after(table: CallTable, clock: Clock) -> None:
    first = table.open_call(CALL, "+15550100001", "+15550100000", "<Response>1</Response>")
    clock.now_s += 5
    again = table.open_call(CALL, "+15550100001", "+15550100000", "<Response>2</Response>")

    assert (first, again) == ("<Response>1</Response>", "<Response>1</Response>")
    assert table.read(CALL).call == Call("+15550100001", "+15550100000", "<Response>1</Response>", NOW_MS)


def test_a_token_is_bound_to_the_first_stream_that_uses_it(table: CallTable) -> None:
    assert table.claim_stream(CALL, "jti-1", "MZ1")
    assert table.claim_stream(CALL, "jti-1", "MZ1")
    assert not table.claim_stream(CALL, "jti-1", "MZ2")
    assert table.claim_stream(OTHER, "jti-1", "MZ2")
    assert table.read(CALL).streams == (Stream("jti-1", "MZ1", opened_at_ms=NOW_MS),)


@pytest.mark.parametrize(
    "reason", ["goodbye", "caller_gone", "transferred", "model_failed", "draining", "stream_lost", "internal_error"]
)
def test_a_stream_keeps_why_it_ended(table: CallTable, reason: EndReason) -> None:
    table.claim_stream(CALL, "jti-1", "MZ1")
    table.end_stream(CALL, "jti-1", reason, 12_345)

    assert table.read(CALL).streams == (Stream("jti-1", "MZ1", reason, 12_345, None, NOW_MS),)


def test_a_stream_keeps_what_it_cost_where_that_is_known(table: CallTable) -> None:
    table.end_stream(CALL, "jti-1", "goodbye", 1000, tokens=4321, cost_micro_usd=98_765)
    table.end_stream(CALL, "jti-2", "goodbye", 1000)

    streams = {stream.jti: (stream.tokens, stream.cost_micro_usd) for stream in table.read(CALL).streams}
    assert streams == {"jti-1": (4321, 98_765), "jti-2": (None, None)}


def test_a_stream_is_decided_once_even_when_no_container_took_it(table: CallTable) -> None:
    assert table.decide(CALL, "jti-1", "<one/>") == "<one/>"
    assert table.decide(CALL, "jti-1", "<two/>") == "<one/>"
    assert table.read(CALL).streams == (Stream("jti-1", decision="<one/>", opened_at_ms=NOW_MS, decided_at_ms=NOW_MS),)


def test_streams_are_in_the_order_in_which_they_opened(table: CallTable, clock: Clock) -> None:
    for jti in ("z", "a", "m"):
        table.claim_stream(CALL, jti, f"MZ{jti}")
        clock.now_s += 1
    table.end_stream(CALL, "z", "model_failed", 0)

    assert [stream.jti for stream in table.read(CALL).streams] == ["z", "a", "m"]


def test_turns_are_in_the_order_of_time_and_none_replaces_another(table: CallTable) -> None:
    turns = (
        Turn(999, "model", "Hello, this is the workshop.", "Hello, this"),
        Turn(1000, "caller", "My bike!", "My bike!"),
        Turn(1000, "keys", "1", "1"),
        Turn(20_000, "model", "", ""),
    )
    for turn in reversed(turns):
        table.add_turn(CALL, turn)

    stored = table.read(CALL).turns
    assert sorted(stored, key=lambda turn: (turn.at_ms, turn.speaker)) == sorted(
        turns, key=lambda turn: (turn.at_ms, turn.speaker)
    )
    assert [turn.at_ms for turn in stored] == [999, 1000, 1000, 20_000]


def test_an_attempt_is_claimed_once_and_the_second_claim_gets_what_is_stored(table: CallTable, clock: Clock) -> None:
    attempt = Attempt("call_1", "front_desk", "asked", "A chain is broken.", after_talk="return", if_nobody="message")
    assert table.claim_attempt(CALL, attempt) is None
    clock.now_s += 1
    assert table.update_attempt(CALL, "call_1", "moved")

    stored = table.claim_attempt(CALL, Attempt("call_1", "workshop"))

    assert stored == Attempt(
        "call_1",
        "front_desk",
        "asked",
        "A chain is broken.",
        status="moved",
        after_talk="return",
        if_nobody="message",
        claimed_at_ms=NOW_MS,
    )
    assert table.claim_attempt(OTHER, attempt) is None


def test_a_claim_whose_answer_was_lost_is_still_ours(table: CallTable, dynamodb: "DynamoDBClient") -> None:
    network = boto3.client("dynamodb", "us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")

    def claimed_by_the_first_try(params: dict[str, Any], **_: object) -> None:
        network.put_item(TableName=params["TableName"], Item=params["Item"])

    dynamodb.meta.events.register("provide-client-params.dynamodb.PutItem", claimed_by_the_first_try)

    assert table.claim_attempt(CALL, Attempt("call_1", "front_desk")) is None


def test_an_attempt_that_is_given_up_is_settled_by_what_twilio_says_later(table: CallTable) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "front_desk"))
    table.give_up_attempt(CALL, "call_1", "waited in vain")
    given_up = table.read(CALL).attempts[0]
    settled, _ = table.settle_attempt(CALL, "call_1", AttemptEnd("bridged", "completed", "<one/>"))

    assert (given_up.status, given_up.detail, given_up.decision) == ("failed", "waited in vain", None)
    assert (settled.status, settled.decision) == ("bridged", "<one/>")
    assert table.read(CALL).attempts == (settled,)


def test_an_attempt_that_has_ended_is_not_given_up(table: CallTable) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "front_desk"))
    table.settle_attempt(CALL, "call_1", AttemptEnd("bridged", "completed", "<one/>"))
    table.give_up_attempt(CALL, "call_1", "waited in vain")
    table.give_up_attempt(CALL, "call_2", "waited in vain")

    (attempt,) = table.read(CALL).attempts
    assert (attempt.status, attempt.detail) == ("bridged", "completed")


def test_a_stream_that_was_never_claimed_began_before_it_ended(table: CallTable) -> None:
    table.end_stream(CALL, "jti-1", "transferred", 12_000)

    assert table.read(CALL).streams[0].opened_at_ms == NOW_MS - 12_000


def test_the_outcome_from_the_telephone_network_outlives_the_late_answer_of_the_rest_request(
    table: CallTable,
) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "front_desk"))
    table.settle_attempt(CALL, "call_1", AttemptEnd("busy", "DialCallStatus busy", "<back/>", dial_call_sid="CA2"))

    assert not table.update_attempt(CALL, "call_1", "moved")
    assert table.read(CALL).attempts[0].status == "busy"


def test_an_unclaimed_attempt_is_not_updated(table: CallTable) -> None:
    assert not table.update_attempt(CALL, "call_1", "moved")
    assert table.read(CALL) == CallRecord()


def test_an_attempt_is_settled_once(table: CallTable, clock: Clock) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "front_desk"))
    clock.now_s += 20
    first = table.settle_attempt(
        CALL, "call_1", AttemptEnd("bridged", "completed", "<one/>", dial_call_sid="CA2", talked_s=12)
    )
    again = table.settle_attempt(CALL, "call_1", AttemptEnd("no_answer", "no-answer", "<two/>"))

    settled = Attempt(
        "call_1",
        "front_desk",
        status="bridged",
        detail="completed",
        claimed_at_ms=NOW_MS,
        settled_at_ms=NOW_MS + 20_000,
        dial_call_sid="CA2",
        talked_s=12,
        decision="<one/>",
    )
    assert (first, again) == ((settled, True), (settled, False))
    assert table.read(CALL).attempts == (settled,)


def test_every_row_expires(table: CallTable, dynamodb: "DynamoDBClient") -> None:
    table.open_call(CALL, "a", "b", "<x/>")
    table.claim_stream(CALL, "jti", "MZ1")
    table.end_stream(CALL, "jti", "goodbye", 1)
    table.decide(CALL, "jti", "<x/>")
    table.add_turn(CALL, Turn(1, "caller", "hi", "hi"))
    table.claim_attempt(CALL, Attempt("call_1"))
    table.settle_attempt(CALL, "call_2", AttemptEnd("failed", "", "<x/>"))

    rows = dynamodb.scan(TableName=TABLE)["Items"]
    assert len(rows) == 5
    assert {row["expires_at"]["N"] for row in rows} == {str(1_800_000_000 + 30 * 86_400)}


def test_a_long_call_is_read_to_its_end(table: CallTable) -> None:
    for at_ms in range(6):  # 6 x 200 kB: more than one page of a query
        table.add_turn(CALL, Turn(at_ms, "model", "x" * 200_000, ""))

    assert [turn.at_ms for turn in table.read(CALL).turns] == [0, 1, 2, 3, 4, 5]


def test_rows_of_a_later_version_are_read_as_far_as_they_are_known(
    table: CallTable, dynamodb: "DynamoDBClient"
) -> None:
    for item in ("attempt#x", "stream#y", "call", "recording#z"):
        dynamodb.put_item(TableName=TABLE, Item={"call_sid": {"S": CALL}, "item": {"S": item}, "new": {"BOOL": True}})

    assert table.read(CALL) == CallRecord(Call(), (Stream("y"),), (), (Attempt("x"),))


def test_a_message_is_kept_beside_the_outcome(table: CallTable) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "front_desk"))
    table.settle_attempt(CALL, "call_1", AttemptEnd("no_answer", "no-answer", "<Record/>"))
    table.add_message(CALL, "call_1", "https://api.twilio.com/RE1", 7)

    attempt = table.read(CALL).attempts[0]
    assert (attempt.status, attempt.message_url, attempt.message_s) == ("no_answer", "https://api.twilio.com/RE1", 7)
