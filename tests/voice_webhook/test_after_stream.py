"""What follows a stream, through the real handler."""

import boto3
import pytest

import call_flow
from call_record import Attempt, CallRecord, CallTable, EndReason
from tests.lambdas import TABLE, lose_writes
from tests.voice_webhook.conftest import CALL, ORIGIN, PERSON, Invoked, ask, read_last_attempt
from transfer_client import TransferClient
from twiml import Urls
from voice_webhook import metrics
from webhook import Webhook
from webhooks import Webhooks


@pytest.mark.parametrize("status", ["completed", "busy", "failed", "no-answer", "canceled"])
def test_for_a_caller_who_has_hung_up_nothing_is_done(table: CallTable, transfer: Invoked, status: str) -> None:
    table.end_stream(CALL, "j1", "model_failed", 0)
    before = table.read(CALL)

    assert ask("/voice/after-stream?stream=j1", CallStatus=status).verbs == []
    assert table.read(CALL) == before
    assert transfer.requests == []


def test_after_a_goodbye_the_call_is_over(table: CallTable) -> None:
    table.end_stream(CALL, "j1", "goodbye", 1000)

    assert ask("/voice/after-stream?stream=j1").verbs == ["Hangup"]


def test_a_container_that_died_is_followed_by_a_stream_of_its_own_name(table: CallTable) -> None:
    table.claim_stream(CALL, "j1", "MZ1")

    answer = ask("/voice/after-stream?stream=j1")

    assert answer.verbs == ["Connect", "Redirect"]
    assert answer.token["sub"] == CALL
    assert answer.token["jti"] != "j1"
    assert answer.token["again"]


def test_before_the_third_try_to_open_a_stream_the_caller_is_told_to_wait(table: CallTable) -> None:
    first = ask("/voice/after-stream?stream=j1")
    second = ask(f"/voice/after-stream?stream={first.token['jti']}")

    assert first.verbs == ["Connect", "Redirect"]
    assert second.verbs == ["Say", "Pause", "Connect", "Redirect"]
    assert second.token["sub"] == CALL
    assert len(table.read(CALL).streams) == 2


def test_one_decision_is_made_for_a_stream_and_repeated(table: CallTable) -> None:
    table.claim_stream(CALL, "j1", "MZ1")
    first = ask("/voice/after-stream?stream=j1")
    table.end_stream(CALL, "j1", "goodbye", 0)

    assert ask("/voice/after-stream?stream=j1") == first
    assert table.read(CALL).streams[0].decision == first.body


def test_a_failed_model_is_followed_by_a_person(table: CallTable, transfer: Invoked) -> None:
    table.end_stream(CALL, "j1", "model_failed", 0)

    assert ask("/voice/after-stream?stream=j1").body == PERSON
    assert ask("/voice/after-stream?stream=j1").body == PERSON
    (request,) = transfer.requests
    assert request == {
        "action": "next",
        "call_sid": CALL,
        "cause": "model_failed",
        "request_id": request["request_id"],
    }


def test_two_streams_ask_for_two_attempts(table: CallTable, transfer: Invoked) -> None:
    for jti in ("j1", "j2"):
        table.end_stream(CALL, jti, "model_failed", 0)
        ask(f"/voice/after-stream?stream={jti}")

    assert len({request["request_id"] for request in transfer.requests}) == 2


NOBODY = "<Response><Say>Nobody can take your call.</Say><Hangup/></Response>"


@pytest.mark.parametrize("reason", ["model_failed", "internal_error"])
def test_where_nobody_can_be_rung_a_failed_model_is_asked_again_and_bounded(
    table: CallTable, transfer: Invoked, reason: EndReason
) -> None:
    transfer.answer = {"status": "twiml", "twiml": NOBODY, "nobody": True}
    jti = ask("/voice/incoming").token["jti"]
    verbs: list[list[str]] = []
    while jti:
        table.claim_stream(CALL, jti, f"MZ{jti}")
        table.end_stream(CALL, jti, reason, 0)
        answer = ask(f"/voice/after-stream?stream={jti}")
        assert ask(f"/voice/after-stream?stream={jti}") == answer
        verbs.append(answer.verbs)
        jti = answer.token["jti"] if "Connect" in answer.verbs else ""

    assert [each[-2:] for each in verbs] == [["Connect", "Redirect"], ["Connect", "Redirect"], ["Say", "Hangup"]]
    assert answer.body == NOBODY
    assert len(transfer.requests) == 3  # people come first each time: somebody may have become free


def test_a_person_comes_before_the_model_that_failed(table: CallTable, transfer: Invoked) -> None:
    table.end_stream(CALL, "j1", "model_failed", 0)

    assert ask("/voice/after-stream?stream=j1").body == PERSON
    assert len(transfer.requests) == 1


@pytest.mark.parametrize("answer", [None, {"status": "failed"}, [], {"errorMessage": "x"}, {"status": "twiml"}])
def test_without_a_person_the_caller_is_back_with_the_model_and_then_hears_an_apology(
    table: CallTable, transfer: Invoked, answer: object
) -> None:
    transfer.answer = answer
    verbs: list[list[str]] = []
    for jti in ("j1", "j2", "j3"):
        table.end_stream(CALL, jti, "model_failed", 0)
        verbs.append(ask(f"/voice/after-stream?stream={jti}").verbs)

    assert verbs == [["Connect", "Redirect"], ["Say", "Pause", "Connect", "Redirect"], ["Say", "Hangup"]]


def test_after_three_streams_a_person_is_rung(table: CallTable, transfer: Invoked) -> None:
    jti = ask("/voice/incoming").token["jti"]
    for _ in range(2):
        answer = ask(f"/voice/after-stream?stream={jti}")
        assert answer.verbs[-2:] == ["Connect", "Redirect"]
        jti = answer.token["jti"]

    assert ask(f"/voice/after-stream?stream={jti}").body == PERSON
    assert [request["cause"] for request in transfer.requests] == ["too_many_streams"]
    assert len(table.read(CALL).streams) == 3


@pytest.mark.usefixtures("no_database")
def test_without_a_database_a_stream_is_followed_by_a_person(transfer: Invoked) -> None:
    assert ask("/voice/after-stream?stream=j1").body == PERSON
    assert transfer.requests[0]["cause"] == "record_unavailable"


def test_a_transfer_under_way_is_waited_for_and_nothing_is_decided(table: CallTable, transfer: Invoked) -> None:
    table.claim_stream(CALL, "j1", "MZ1")
    table.claim_attempt(CALL, Attempt("call_1", "desk"))
    table.end_stream(CALL, "j1", "model_failed", 0)

    first = ask("/voice/after-stream?stream=j1")
    second = ask("/voice/after-stream?stream=j1&waits=1")
    third = ask("/voice/after-stream?stream=j1&waits=3")

    assert first.verbs == third.verbs == ["Say", "Pause", "Redirect"]
    assert second.verbs == ["Pause", "Redirect"]
    assert first.xml[2].text == f"{ORIGIN}/voice/after-stream?stream=j1&waits=1"
    assert second.xml[1].text == f"{ORIGIN}/voice/after-stream?stream=j1&waits=2"
    assert transfer.requests == []
    assert table.read(CALL).streams[0].decision is None


def test_a_transfer_that_never_comes_is_given_up(table: CallTable) -> None:
    table.claim_stream(CALL, "j1", "MZ1")
    table.claim_attempt(CALL, Attempt("call_1", "desk"))
    table.end_stream(CALL, "j1", "transferred", 0)

    answer = ask("/voice/after-stream?stream=j1&waits=10")

    assert answer.verbs == ["Connect", "Redirect"]
    assert (read_last_attempt(table).status, read_last_attempt(table).decision) == ("failed", None)
    assert ask("/voice/after-stream?stream=j1") == answer


def test_a_talk_after_a_transfer_that_was_given_up_is_a_talk(table: CallTable) -> None:
    table.claim_stream(CALL, "j1", "MZ1")
    table.claim_attempt(CALL, Attempt("call_1", "desk"))
    table.end_stream(CALL, "j1", "transferred", 0)
    ask("/voice/after-stream?stream=j1&waits=10")

    talked = {"DialCallStatus": "completed", "DialBridged": "true", "DialCallDuration": "300"}
    table.legs.accept(CALL, "call_1", "CA" + "2" * 32)
    answer = ask("/voice/after-dial?attempt=call_1", talked)

    assert answer.verbs == ["Hangup"]
    assert read_last_attempt(table).status == "bridged"


def test_an_answer_that_was_lost_before_it_was_stored_rings_the_same_person(
    table: CallTable, transfer: Invoked
) -> None:
    table.end_stream(CALL, "j1", "model_failed", 0)
    ask("/voice/after-stream?stream=j1")
    (request,) = transfer.requests
    table.claim_stream(CALL, "j2", "MZ2")
    table.end_stream(CALL, "j2", "model_failed", 0)
    # What `next` writes for the second stream, whose decision is lost.
    name = call_flow.name_attempt_after("j2")
    table.claim_attempt(CALL, Attempt(name, "desk", "model_failed", status="moved"))

    assert ask("/voice/after-stream?stream=j2").body == PERSON
    assert transfer.requests[1] == request | {"request_id": name}
    nobody = {"DialCallStatus": "no-answer", "DialBridged": "false"}
    assert ask(f"/voice/after-dial?attempt={name}", nobody).verbs == ["Connect", "Redirect"]
    assert read_last_attempt(table).status == "no_answer"


def test_streams_that_cannot_be_counted_come_to_an_end(table: CallTable, transfer: Invoked) -> None:
    client = boto3.client("dynamodb")
    for operation in ("PutItem", "UpdateItem"):
        lose_writes(client, operation)
    hooks = Webhooks(
        CallTable(client, TABLE), TransferClient(lambda: boto3.client("lambda"), "transfer"), metrics(), lambda: 0
    )
    urls = Urls(ORIGIN, "wss://stream.example.com/media-stream")

    def webhook(query: dict[str, str]) -> Webhook:
        return Webhook({"CallSid": CALL, "CallStatus": "in-progress"}, query, urls, "s" * 32)

    assert hooks.after_stream(webhook({"stream": "j1"})) == PERSON
    assert "sorry" in hooks.after_dial(webhook({"attempt": transfer.requests[0]["request_id"]}))
    assert table.read(CALL) == CallRecord()
