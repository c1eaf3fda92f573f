"""The actions of the transfer function: what is answered, what is asked of Twilio, what is stored."""

import re
from typing import TYPE_CHECKING, Any

import pytest

from call_record import Attempt, AttemptEnd, CallTable
from sandbox.twilio.faults import RestFault
from tests.lambdas import delete_data
from tests.transfer.conftest import CALL, TRANSFER, Invoke
from tests.twilio_rest_api import TwilioRestApi

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DIAL = (
    '<?xml version="1.0" encoding="UTF-8"?><Response>'
    '<Dial action="https://voice.example.com/voice/after-dial?attempt=call_1#rp=all" answerOnBridge="true"'
    ' method="POST" timeLimit="14400" timeout="20"><Number'
    f' statusCallback="https://voice.example.com/voice/agent-status?call={CALL}&amp;attempt=call_1#rp=all"'
    ' statusCallbackEvent="initiated ringing answered completed"'
    f' url="https://voice.example.com/voice/agent-leg?call={CALL}&amp;attempt=call_1#rp=all"'
    ">+15550100002</Number></Dial></Response>"
)


def test_destinations_are_names_and_descriptions_and_no_number(invoke: Invoke) -> None:
    answer = invoke({"action": "destinations"})

    assert [each["name"] for each in answer["destinations"]] == ["front_desk", "workshop"]
    assert answer["destinations"][0] == {
        "name": "front_desk",
        "description": "Anna at the front desk: repairs, orders, anything else",
        "mode": "direct",
        "open": True,
        "opens_at": None,
        "opens": None,
    }
    assert not re.search(r"\d{5}", str(answer))


def test_destinations_say_who_has_a_number_of_the_account(invoke: Invoke) -> None:
    answer = invoke({"action": "destinations", "own_numbers": ["+15550100000", "+15550100004"]})

    assert (answer["rings_own"], len(answer["destinations"])) == (["workshop"], 2)
    assert not re.search(r"\d{5}", str(answer))


def test_a_transfer_replaces_the_twiml_of_the_call_and_is_recorded(
    invoke: Invoke, rest: TwilioRestApi, table: CallTable
) -> None:
    assert invoke(TRANSFER) == {"status": "moved", "destination": "front_desk"}
    assert rest.updates == [(CALL, DIAL)]
    (attempt,) = table.read(CALL).attempts
    assert (attempt.request_id, attempt.destination, attempt.status) == ("call_1", "front_desk", "moved")
    assert (attempt.reason, attempt.summary) == (TRANSFER["reason"], TRANSFER["summary"])
    assert (attempt.after_talk, attempt.if_nobody) == ("hang_up", "continue")
    assert (attempt.whisper, attempt.dials) == (
        "Bikes: a caller for Anna at the front desk. Press 1 to take the call.",
        1,
    )


@pytest.mark.usefixtures("cold")
def test_where_no_words_are_kept_an_attempt_has_none_of_the_model(
    invoke: Invoke, table: CallTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEEP_TRANSCRIPTS", "0")
    invoke(TRANSFER)
    invoke({"action": "next", "call_sid": CALL, "cause": "model_failed", "request_id": "next-1"})

    first, following = table.read(CALL).attempts
    assert (first.reason, first.summary, first.destination) == ("", "", "front_desk")
    assert (following.reason, following.summary) == ("model_failed", "")


def test_the_same_request_twice_acts_once(invoke: Invoke, rest: TwilioRestApi) -> None:
    assert invoke(TRANSFER) == invoke(TRANSFER)
    assert len(rest.requests) == 1


def test_another_request_waits_until_the_first_one_has_ended(
    invoke: Invoke, rest: TwilioRestApi, table: CallTable
) -> None:
    invoke(TRANSFER)
    second = invoke(TRANSFER | {"request_id": "call_2"})
    updates = len(rest.updates)
    table.settle_attempt(CALL, "call_1", AttemptEnd("no_answer", "no-answer", "<Response/>"))
    third = invoke(TRANSFER | {"request_id": "call_3"})

    assert (second, updates) == ({"status": "in_progress", "destination": "front_desk"}, 1)
    assert (third["status"], len(rest.updates)) == ("moved", 2)


def test_an_announced_transfer_without_a_clear_answer_stays_open(
    invoke: Invoke, rest: TwilioRestApi, table: CallTable
) -> None:
    rest.fail(RestFault(500, 20500, applied=True))

    assert invoke(TRANSFER | {"announce": True}) == {"status": "in_progress", "destination": "front_desk"}
    assert table.read(CALL).attempts[0].status == "claimed"


@pytest.mark.parametrize(
    ("stored", "answer"),
    [
        ({"status": "claimed"}, {"status": "in_progress"}),
        ({"status": "failed", "detail": "why"}, {"status": "failed", "error": "why"}),
        ({"status": "caller_gone"}, {"status": "caller_gone"}),
        ({"status": "busy", "settled_at_ms": 1}, {"status": "moved", "outcome": "busy"}),
        ({"status": "failed", "settled_at_ms": 1}, {"status": "moved", "outcome": "failed"}),
        ({"status": "caller_gone", "settled_at_ms": 1}, {"status": "caller_gone"}),
    ],
)
def test_a_repeat_is_answered_from_what_is_stored(
    invoke: Invoke, rest: TwilioRestApi, table: CallTable, stored: dict[str, Any], answer: dict[str, Any]
) -> None:
    table.claim_attempt(CALL, Attempt("call_1", "workshop", **stored))

    assert invoke(TRANSFER) == {"destination": "workshop"} | answer
    assert rest.requests == []


@pytest.mark.parametrize("nothing", [None, ""])
def test_no_name_means_the_first_open_one(invoke: Invoke, rest: TwilioRestApi, nothing: str | None) -> None:
    assert invoke(TRANSFER | {"destination": nothing})["destination"] == "front_desk"
    assert rest.updates == [(CALL, DIAL)]


def test_an_announcement_is_spoken_before_it_rings(invoke: Invoke, rest: TwilioRestApi) -> None:
    invoke(TRANSFER | {"announce": True})

    ((_, twiml),) = rest.updates
    assert "<Say>Please hold. I am connecting you to Anna at the front desk.</Say><Dial" in twiml


def test_an_unknown_name_is_answered_with_those_there_are(invoke: Invoke, table: CallTable) -> None:
    answer = invoke(TRANSFER | {"destination": "+15550109999"})

    assert answer == {"status": "unknown_destination", "destinations": ["front_desk", "workshop"]}
    assert table.read(CALL).attempts == ()


def test_a_caller_who_has_hung_up_is_gone(invoke: Invoke, rest: TwilioRestApi, table: CallTable) -> None:
    rest.add_call(CALL, "completed")

    assert invoke(TRANSFER)["status"] == "caller_gone"
    assert table.read(CALL).attempts[0].status == "caller_gone"


@pytest.mark.parametrize("event", [TRANSFER, {"action": "next", "call_sid": CALL, "request_id": "next-1"}])
def test_a_caller_whose_data_was_deleted_is_gone(
    invoke: Invoke, rest: TwilioRestApi, table: CallTable, account: "DynamoDBClient", event: dict[str, str]
) -> None:
    table.open_call(CALL, "+15550100001", "+15550100000", "<Response/>")
    delete_data(account, "+15550100001", CALL)

    assert invoke(event) == {"status": "caller_gone"}
    assert (rest.requests, table.read(CALL).attempts) == ([], ())


def test_a_refusal_by_twilio_is_a_failure_without_a_number(
    invoke: Invoke, rest: TwilioRestApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    rest.fail(RestFault(400, 21210))

    answer = invoke(TRANSFER)

    assert answer["status"] == "failed"
    assert "21210" in answer["error"]
    assert caplog.records
    assert "+1555" not in str(answer) + str([record.__dict__ for record in caplog.records])


@pytest.mark.usefixtures("no_database")
def test_nobody_is_rung_when_the_claim_cannot_be_written(invoke: Invoke, rest: TwilioRestApi) -> None:
    answer = invoke(TRANSFER)

    assert answer["status"] == "failed"
    assert "call record" in answer["error"]
    assert rest.requests == []


def test_a_dry_run_answers_twiml_and_rest_calls_and_contacts_nobody(
    invoke: Invoke, rest: TwilioRestApi, table: CallTable
) -> None:
    answer = invoke(TRANSFER | {"dry_run": True})

    assert answer == {
        "status": "moved",
        "destination": "front_desk",
        "dry_run": True,
        "twiml": DIAL,
        "rest": [
            {
                "method": "POST",
                "url": f"{rest.origin}/2010-04-01/Accounts/AC{'0' * 32}/Calls/{CALL}.json",
                "form": {"Twiml": DIAL},
            }
        ],
    }
    assert rest.requests == []
    assert table.read(CALL).attempts == ()


def test_next_answers_twiml_and_asks_no_rest(invoke: Invoke, rest: TwilioRestApi, table: CallTable) -> None:
    answer = invoke({"action": "next", "call_sid": CALL, "cause": "model_failed", "request_id": "next-jti"})

    assert answer["status"] == "twiml"
    assert "I am sorry. Please hold. I am connecting you to Anna at the front desk." in answer["twiml"]
    assert "after-dial?attempt=next-jti" in answer["twiml"]
    assert rest.requests == []
    (attempt,) = table.read(CALL).attempts
    assert (attempt.status, attempt.reason) == ("moved", "model_failed")


def test_next_needs_neither_a_request_id_nor_a_cause(invoke: Invoke, table: CallTable) -> None:
    answer = invoke({"action": "next", "call_sid": CALL})

    (attempt,) = table.read(CALL).attempts
    assert f"attempt={attempt.request_id}" in answer["twiml"]


def test_next_asked_twice_gives_the_same_document(invoke: Invoke, table: CallTable) -> None:
    request = {"action": "next", "call_sid": CALL, "cause": "model_failed", "request_id": "next-jti"}

    assert invoke(request) == invoke(request)
    assert len(table.read(CALL).attempts) == 1


def test_next_does_not_ring_again_where_nobody_came(invoke: Invoke, table: CallTable) -> None:
    for name in ("front_desk", "workshop"):
        table.claim_attempt(CALL, Attempt(f"call_{name}", name))
        table.settle_attempt(CALL, f"call_{name}", AttemptEnd("no_answer", "no-answer", "<Response/>"))

    answer = invoke({"action": "next", "call_sid": CALL, "cause": "model_failed"})

    assert answer["status"] == "twiml"
    assert "nobody can take your call" in answer["twiml"]
    assert answer["twiml"].endswith("<Hangup /></Response>")


@pytest.mark.usefixtures("no_database")
def test_next_rings_a_person_even_without_the_call_record(invoke: Invoke) -> None:
    answer = invoke({"action": "next", "call_sid": CALL, "cause": "model_failed"})

    assert ">+15550100002</Number>" in answer["twiml"]


def test_next_follows_the_directory_when_nobody_came(invoke: Invoke) -> None:
    answer = invoke({"action": "next", "call_sid": CALL, "destination": "front_desk", "cause": "no_answer"})

    assert "Nobody could take your call there. Please hold." in answer["twiml"]


def test_a_dry_run_of_next_stores_nothing(invoke: Invoke, table: CallTable) -> None:
    answer = invoke({"action": "next", "call_sid": CALL, "cause": "model_failed", "dry_run": True})

    assert (answer["status"], answer["dry_run"], answer["rest"]) == ("twiml", True, [])
    assert table.read(CALL).attempts == ()


def test_nobody_is_connected_to_a_person_who_does_not_wait(invoke: Invoke) -> None:
    answer = invoke({"action": "connect", "call_sid": CALL, "attempt": "call_1"})

    assert answer == {"status": "failed", "error": "nobody waits for the caller"}


def test_a_model_s_long_summary_is_cut_and_the_call_is_moved(invoke: Invoke, table: CallTable) -> None:
    assert invoke(TRANSFER | {"summary": "x\ud800" * 300_000})["status"] == "moved"
    assert len(table.read(CALL).attempts[0].summary) == 2000
