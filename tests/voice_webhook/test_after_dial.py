"""What follows a dial, or the talk with a person, through the real handler."""

from dataclasses import replace

import boto3
import pytest

from call_record import Attempt, AttemptEnd, CallRecord, CallTable
from tests.lambdas import TABLE, Metric, lose_writes, make_count, read_metrics
from tests.voice_webhook.conftest import CALL, ORIGIN, PERSON, Invoked, ask, read_last_attempt, read_log
from transfer_client import TransferClient
from twiml import Urls
from voice_webhook import metrics
from webhook import Webhook
from webhooks import Webhooks

LEG, BEN = "CA" + "2" * 32, "CA" + "b" * 32
# Rung, and asked for a key.
DESK = Attempt("call_1", "desk", whisper="A caller for the desk. Press 1 to take the call.")


def make_form(status: str, bridged: str = "false", **changes: str) -> dict[str, str]:
    return {"DialCallStatus": status, "DialBridged": bridged, "DialCallSid": LEG} | changes


def store_taken_attempt(table: CallTable, after_talk: str = "hang_up") -> None:
    """An attempt that a person has taken by the key."""
    table.claim_attempt(CALL, replace(DESK, after_talk=after_talk))
    table.legs.accept(CALL, "call_1", LEG)


def test_after_a_talk_the_call_is_over(table: CallTable) -> None:
    store_taken_attempt(table)

    answer = ask("/voice/after-dial?attempt=call_1", make_form("completed", "true", DialCallDuration="42"))

    assert answer.verbs == ["Hangup"]
    attempt = read_last_attempt(table)
    assert (attempt.status, attempt.detail) == ("bridged", "completed")
    assert attempt.talked_s < 42  # since the key, not since the picking up
    assert attempt.dial_call_sid == LEG


def test_where_picking_up_is_enough_twilio_s_word_is_a_talk(table: CallTable) -> None:
    table.claim_attempt(CALL, replace(DESK, whisper=""))
    form = make_form("completed", "true", DialCallDuration="42")

    assert ask("/voice/after-dial?attempt=call_1&accept=answer", form).verbs == ["Hangup"]
    assert (read_last_attempt(table).status, read_last_attempt(table).talked_s) == ("bridged", 42)


@pytest.mark.parametrize("seconds", ["42", "300"])
def test_a_talk_that_outlives_the_deploy_of_keys_is_a_talk(table: CallTable, seconds: str) -> None:
    # As the version before left it: nothing of a key in the row, nothing in the URL.
    row = {"call_sid": CALL, "item": "attempt#call_1", "destination": "desk", "status": "moved"}
    client = boto3.client("dynamodb")
    client.put_item(TableName=TABLE, Item={name: {"S": value} for name, value in row.items()})

    answer = ask("/voice/after-dial?attempt=call_1", make_form("completed", "true", DialCallDuration=seconds))

    assert (answer.verbs, read_last_attempt(table).status) == (["Hangup"], "bridged")


@pytest.mark.parametrize(("accept", "status"), [("", "not_accepted"), ("&accept=answer", "bridged")])
def test_where_the_attempt_was_never_written_the_url_tells_whether_a_key_counts(
    table: CallTable, accept: str, status: str
) -> None:
    form = make_form("completed", "true", DialCallDuration="25")
    ask(f"/voice/after-dial?attempt=call_1{accept}", form)

    assert read_last_attempt(table).status == status


@pytest.mark.parametrize("bridged", ["true", "false"])
def test_a_voicemail_that_picked_up_is_nobody(
    table: CallTable, capsys: pytest.CaptureFixture[str], bridged: str
) -> None:
    table.claim_attempt(CALL, DESK)

    answer = ask("/voice/after-dial?attempt=call_1", make_form("completed", bridged, DialCallDuration="25"))

    assert answer.verbs == ["Connect", "Redirect"]
    assert (read_last_attempt(table).status, read_last_attempt(table).talked_s) == ("not_accepted", 0)
    assert read_metrics(capsys.readouterr().out) == [make_count("DialsEnded", outcome="not_accepted")]


def test_a_person_who_pressed_another_key_has_declined(table: CallTable) -> None:
    table.claim_attempt(CALL, replace(DESK, if_nobody="message"))
    table.legs.decline(CALL, "call_1", LEG, "2")

    answer = ask("/voice/after-dial?attempt=call_1", make_form("completed", "true", DialCallDuration="25"))

    assert answer.verbs == ["Say", "Record", "Say", "Hangup"]
    assert read_last_attempt(table).status == "declined"


def test_a_talk_of_which_no_key_is_on_record_goes_back_to_the_model_to_be_asked_about(table: CallTable) -> None:
    table.claim_attempt(CALL, replace(DESK, if_nobody="message", dials=2))

    answer = ask("/voice/after-dial?attempt=call_1", make_form("completed", "true", DialCallDuration="300"))

    assert answer.verbs == ["Connect", "Redirect"]
    assert read_last_attempt(table).status == "unconfirmed"


def test_when_one_does_not_take_the_call_the_next_is_rung(table: CallTable, transfer: Invoked) -> None:
    table.claim_attempt(CALL, replace(DESK, dials=3))

    for dial in ("", "&dial=1", "&dial=1"):  # the last one twice
        assert ask(f"/voice/after-dial?attempt=call_1{dial}", make_form("no-answer")).body == PERSON

    assert transfer.requests == [
        {"action": "next", "call_sid": CALL, "request_id": "call_1", "dial": dial} for dial in (1, 2, 2)
    ]
    assert read_last_attempt(table).decision is None
    assert ask("/voice/after-dial?attempt=call_1&dial=2", make_form("busy")).verbs == ["Connect", "Redirect"]
    assert read_last_attempt(table).status == "busy"


@pytest.mark.parametrize("status", ["in-progress", "completed"])
def test_what_is_asked_late_about_the_first_dial_decides_nothing_about_the_second(
    table: CallTable, transfer: Invoked, status: str
) -> None:
    transfer.answers = [{"status": "twiml", "twiml": PERSON}]
    transfer.answer = None  # it cannot even say again who was rung
    table.claim_attempt(CALL, replace(DESK, dials=2))
    ask("/voice/after-dial?attempt=call_1", make_form("completed"))
    table.legs.accept(CALL, "call_1", BEN, 1)

    late = ask("/voice/after-dial?attempt=call_1", make_form("completed"), CallStatus=status)
    assert late.verbs == (["Connect", "Redirect"] if status == "in-progress" else [])
    assert read_last_attempt(table).decision is None
    talked = make_form("completed", "true", DialCallSid=BEN, DialCallDuration="60")
    assert ask("/voice/after-dial?attempt=call_1&dial=1", talked).verbs == ["Hangup"]
    assert read_last_attempt(table).status == "bridged"


def test_who_pressed_the_key_and_was_not_connected_keeps_nobody_else_from_the_call(
    table: CallTable, transfer: Invoked
) -> None:
    table.claim_attempt(CALL, replace(DESK, dials=2))
    table.legs.accept(CALL, "call_1", LEG)

    assert ask("/voice/after-dial?attempt=call_1", make_form("completed", "false")).body == PERSON
    assert transfer.requests[0]["dial"] == 1
    assert (read_last_attempt(table).accepted_by, read_last_attempt(table).dial) == (None, 1)


def test_what_was_decided_while_the_next_was_looked_for_stands(table: CallTable, transfer: Invoked) -> None:
    table.claim_attempt(CALL, replace(DESK, dials=2))

    class AMomentAgo(CallTable):
        def read(self, call_sid: str, before: CallRecord = table.read(CALL)) -> CallRecord:  # noqa: ARG002, B008
            return before

    decided, _ = table.settle_attempt(
        CALL, "call_1", AttemptEnd("no_answer", "no-answer", "<Response><Hangup/></Response>")
    )
    behind = AMomentAgo(boto3.client("dynamodb"), TABLE)
    hooks = Webhooks(behind, TransferClient(lambda: boto3.client("lambda"), "transfer"), metrics(), lambda: 0)

    assert hooks.after_dial(webhook({"attempt": "call_1"}, **make_form("no-answer"))) == decided.decision
    assert transfer.requests == []


@pytest.mark.parametrize("answer", [None, {"status": "closed", "then": "continue"}, {"status": "odd"}])
def test_where_the_next_cannot_be_rung_the_directory_decides(
    table: CallTable, transfer: Invoked, answer: object
) -> None:
    transfer.answer = answer
    table.claim_attempt(CALL, replace(DESK, dials=2))

    assert ask("/voice/after-dial?attempt=call_1", make_form("no-answer")).verbs == ["Connect", "Redirect"]
    assert read_last_attempt(table).status == "no_answer"


def test_nobody_else_is_rung_for_a_caller_who_has_talked_or_gone(table: CallTable, transfer: Invoked) -> None:
    store_taken_attempt(table)
    table.claim_attempt(CALL, replace(DESK, request_id="call_2", dials=2))

    assert ask("/voice/after-dial?attempt=call_1", make_form("completed", "true")).verbs == ["Hangup"]
    assert ask("/voice/after-dial?attempt=call_2", make_form("no-answer"), CallStatus="completed").verbs == []
    assert transfer.requests == []


@pytest.mark.parametrize(
    ("dial", "rung"), [("x", [1]), ("-1", [1]), ("", [1]), ("99999999999", [1]), ("1", []), ("7", [])]
)
def test_a_dial_that_is_no_number_is_the_first_and_one_too_many_the_last(
    table: CallTable, transfer: Invoked, dial: str, rung: list[int]
) -> None:
    table.claim_attempt(CALL, replace(DESK, dials=2))

    ask(f"/voice/after-dial?attempt=call_1&dial={dial}", make_form("busy"))

    assert [request["dial"] for request in transfer.requests] == rung


def test_after_a_talk_the_caller_returns_to_the_model_where_the_directory_says_so(table: CallTable) -> None:
    store_taken_attempt(table, after_talk="return")

    answer = ask("/voice/after-dial?attempt=call_1", make_form("completed", "true"))

    assert answer.verbs == ["Connect", "Redirect"]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("busy", "busy"),
        ("no-answer", "no_answer"),
        ("failed", "failed"),
        ("completed", "not_accepted"),
        ("canceled", "failed"),
        ("new-word", "failed"),
    ],
)
def test_when_nobody_comes_the_caller_is_back_with_the_model(table: CallTable, status: str, outcome: str) -> None:
    table.claim_attempt(CALL, DESK)

    answer = ask("/voice/after-dial?attempt=call_1", make_form(status))

    assert answer.verbs == ["Connect", "Redirect"]
    assert (answer.token["sub"], answer.token["again"]) == (CALL, True)
    assert (read_last_attempt(table).status, read_last_attempt(table).detail) == (outcome, status)


def test_a_repeated_after_dial_gets_the_identical_document(table: CallTable) -> None:
    table.claim_attempt(CALL, DESK)

    first = ask("/voice/after-dial?attempt=call_1", make_form("no-answer"))

    assert ask("/voice/after-dial?attempt=call_1", make_form("no-answer")) == first


def test_when_nobody_comes_the_next_destination_is_rung(table: CallTable, transfer: Invoked) -> None:
    attempt = replace(DESK, if_nobody="destination", if_nobody_destination="workshop")
    table.claim_attempt(CALL, attempt)

    assert ask("/voice/after-dial?attempt=call_1", make_form("busy")).body == PERSON
    (request,) = transfer.requests
    assert (request["destination"], request["cause"]) == ("workshop", "busy")


def test_a_dial_that_fails_for_its_caller_id_is_asked_for_once_more(
    table: CallTable, transfer: Invoked, caplog: pytest.LogCaptureFixture
) -> None:
    table.claim_attempt(CALL, replace(DESK, if_refused="business_number"))
    failed = make_form("failed", ErrorCode="13214", ErrorMessage="+15550100001 is not yours", DialSipResponseCode="403")

    assert ask("/voice/after-dial?attempt=call_1", failed).body == PERSON
    (request,) = transfer.requests
    assert (request["again"], request["cause"]) == ("call_1", "caller_id")
    attempt = read_last_attempt(table)
    assert (attempt.status, attempt.failure, attempt.error_code) == ("failed", "caller_id", "13214")
    assert (attempt.error_message, attempt.sip_code) == ("+15550100001 is not yours", "403")
    assert "+1555" not in read_log(caplog)


def test_who_did_not_come_before_the_refused_dial_is_not_asked_for_again(table: CallTable, transfer: Invoked) -> None:
    table.claim_attempt(CALL, replace(DESK, dials=3, if_refused="business_number"))

    assert ask("/voice/after-dial?attempt=call_1&dial=1", make_form("failed", ErrorCode="13214")).body == PERSON
    assert [(each["again"], each["dial"]) for each in transfer.requests] == [("call_1", 1)]


@pytest.mark.parametrize("answer", [{"status": "twiml", "twiml": PERSON}, None])
def test_why_a_dial_failed_is_known_though_others_are_rung_after_it(
    table: CallTable, transfer: Invoked, caplog: pytest.LogCaptureFixture, answer: object
) -> None:
    transfer.answer = answer
    table.claim_attempt(CALL, replace(DESK, dials=2))
    ask(
        "/voice/after-dial?attempt=call_1", make_form("failed", ErrorCode="13224", ErrorMessage="+15550100002 is wrong")
    )

    attempt = read_last_attempt(table)
    assert (attempt.failure, attempt.error_code) == ("no_such_number", "13224")
    assert "no_such_number" in read_log(caplog)
    assert "+1555" not in read_log(caplog)
    ask("/voice/after-dial?attempt=call_1&dial=1", make_form("no-answer"))
    assert (read_last_attempt(table).status, read_last_attempt(table).error_code) == (
        "no_answer" if answer else "failed",
        "13224",
    )


def test_a_dial_that_fails_for_its_caller_id_where_no_other_is_known_is_over(
    table: CallTable, transfer: Invoked
) -> None:
    table.claim_attempt(CALL, DESK)

    assert ask("/voice/after-dial?attempt=call_1", make_form("failed", ErrorCode="13214")).verbs == [
        "Connect",
        "Redirect",
    ]
    assert transfer.requests == []


@pytest.mark.parametrize(
    ("answer", "verbs"),
    [
        ({"status": "closed", "then": "continue"}, ["Connect", "Redirect"]),
        ({"status": "closed", "then": "message"}, ["Say", "Record", "Say", "Hangup"]),
        (None, ["Connect", "Redirect"]),
    ],
)
def test_a_next_destination_that_cannot_be_rung(
    table: CallTable, transfer: Invoked, answer: object, verbs: list[str]
) -> None:
    transfer.answer = answer
    attempt = replace(DESK, if_nobody="destination", if_nobody_destination="workshop")
    table.claim_attempt(CALL, attempt)

    assert ask("/voice/after-dial?attempt=call_1", make_form("busy")).verbs == verbs


def test_a_message_is_taken_and_where_it_is_is_recorded(table: CallTable, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    table.claim_attempt(CALL, replace(DESK, if_nobody="message"))

    asked = ask("/voice/after-dial?attempt=call_1", make_form("no-answer"))
    action = asked.xml[1].get("action", "").removeprefix(ORIGIN)
    thanked = ask(
        action, RecordingUrl="https://api.twilio.com/recordings/RE1", RecordingDuration="7", RecordingSid="RE1"
    )

    assert asked.verbs == ["Say", "Record", "Say", "Hangup"]
    assert thanked.verbs == ["Say", "Hangup"]
    attempt = read_last_attempt(table)
    assert (attempt.status, attempt.message_url) == ("no_answer", "https://api.twilio.com/recordings/RE1")
    assert attempt.message_s == 7
    assert "RE1" in read_log(caplog)
    assert "recordings/" not in read_log(caplog)


def test_where_everybody_is_closed_a_dead_model_is_asked_again_before_a_message_is_taken(
    table: CallTable, transfer: Invoked
) -> None:
    transfer.answer = {"status": "closed", "then": "message"}
    for number in range(3):
        table.claim_stream(CALL, f"j{number}", f"MZ{number}")
        table.end_stream(CALL, f"j{number}", "model_failed", 0)
        asked = ask(f"/voice/after-stream?stream=j{number}")
        assert ("Connect" in asked.verbs) == (number < 2)
    ask(asked.xml[1].get("action", "").removeprefix(ORIGIN), RecordingUrl="https://r", RecordingDuration="7")

    assert asked.verbs == ["Say", "Record", "Say", "Hangup"]
    assert (read_last_attempt(table).status, read_last_attempt(table).message_url) == ("no_answer", "https://r")


def test_a_caller_who_hangs_up_after_their_message_is_answered_with_nothing(table: CallTable) -> None:
    url = "/voice/after-dial?attempt=call_1&recorded=yes"

    assert ask(url, CallStatus="completed", RecordingUrl="https://r", Digits="hangup").verbs == []
    assert read_last_attempt(table).message_url == "https://r"


@pytest.mark.parametrize(
    ("form", "outcome"),
    [
        (make_form("no-answer"), "caller_gone"),
        (make_form("completed", "true", DialCallDuration="3"), "bridged"),
    ],
)
def test_a_caller_who_hangs_up_is_recorded_and_answered_with_nothing(
    table: CallTable, form: dict[str, str], outcome: str
) -> None:
    store_taken_attempt(table)

    assert ask("/voice/after-dial?attempt=call_1", form, CallStatus="completed").verbs == []
    assert read_last_attempt(table).status == outcome


def test_where_the_directory_leads_nowhere_and_no_stream_is_left_others_are_rung(
    table: CallTable, transfer: Invoked
) -> None:
    transfer.answers = [{"status": "closed", "then": "continue"}, {"status": "twiml", "twiml": PERSON}]
    for number in range(3):
        table.claim_stream(CALL, f"j{number}", f"MZ{number}")
    table.claim_attempt(CALL, replace(DESK, if_nobody="destination", if_nobody_destination="workshop"))

    assert ask("/voice/after-dial?attempt=call_1", make_form("busy")).body == PERSON
    assert [request.get("destination") for request in transfer.requests] == ["workshop", None]


def test_callers_whom_nobody_answers_do_not_go_round_for_ever(table: CallTable, transfer: Invoked) -> None:
    for number in range(3):
        table.claim_stream(CALL, f"j{number}", f"MZ{number}")
    table.claim_attempt(CALL, DESK)

    assert ask("/voice/after-dial?attempt=call_1", make_form("no-answer")).body == PERSON
    assert transfer.requests[0]["cause"] == "too_many_streams"


def test_an_attempt_that_was_never_written_is_followed_all_the_same(table: CallTable) -> None:
    assert ask("/voice/after-dial?attempt=lost", make_form("no-answer")).verbs == ["Connect", "Redirect"]
    assert read_last_attempt(table).status == "no_answer"


@pytest.mark.usefixtures("no_database")
def test_without_a_database_a_dial_is_followed_by_words_or_a_hang_up() -> None:
    url = "/voice/after-dial?attempt=call_1"

    assert ask(f"{url}&accept=answer", make_form("completed", "true")).verbs == ["Hangup"]
    assert "The call has ended. If nobody has helped you" in ask(url, make_form("completed", "true")).body
    assert "something went wrong" in ask(url, make_form("no-answer")).body
    assert ask(url, make_form("no-answer")).verbs == ["Say", "Hangup"]
    assert ask(url + "&recorded=yes", RecordingUrl="https://r").verbs == ["Say", "Hangup"]


@pytest.fixture
def reading_only(table: CallTable, transfer: Invoked) -> Webhooks:  # noqa: ARG001 (the account they live in)
    client = boto3.client("dynamodb")
    lose_writes(client, "UpdateItem")
    return Webhooks(
        CallTable(client, TABLE), TransferClient(lambda: boto3.client("lambda"), "transfer"), metrics(), lambda: 0
    )


def webhook(query: dict[str, str], **form: str) -> Webhook:
    urls = Urls(ORIGIN, "wss://stream.example.com/media-stream")
    return Webhook({"CallSid": CALL, "CallStatus": "in-progress"} | form, query, urls, "s" * 32)


def test_a_decision_that_cannot_be_stored_is_answered_all_the_same(reading_only: Webhooks, table: CallTable) -> None:
    table.end_stream(CALL, "j1", "goodbye", 0)

    assert "<Hangup" in reading_only.after_stream(webhook({"stream": "j1"}))


def test_an_outcome_that_cannot_be_stored_is_followed_all_the_same(reading_only: Webhooks, table: CallTable) -> None:
    store_taken_attempt(table)
    bridged = make_form("completed", "true")

    assert "<Hangup" in reading_only.after_dial(webhook({"attempt": "call_1"}, **bridged))
    assert "<Connect" in reading_only.after_dial(webhook({"attempt": "call_1"}, **make_form("busy")))


def test_the_next_is_rung_though_that_cannot_be_stored(
    reading_only: Webhooks, table: CallTable, transfer: Invoked
) -> None:
    table.claim_attempt(CALL, replace(DESK, dials=2))

    assert reading_only.after_dial(webhook({"attempt": "call_1"}, **make_form("busy"))) == PERSON
    assert transfer.requests[0]["dial"] == 1


@pytest.mark.parametrize("status", ["in-progress", "completed"])
def test_a_dial_is_counted_once(table: CallTable, capsys: pytest.CaptureFixture[str], status: str) -> None:
    table.claim_attempt(CALL, replace(DESK, whisper=""))
    form = make_form("completed", "true", DialCallDuration="3", CallStatus=status)
    url = "/voice/after-dial?attempt=call_1&accept=answer"

    ask(url, form)
    ask(url, form)

    assert read_metrics(capsys.readouterr().out) == [
        make_count("DialsEnded", outcome="bridged"),
        make_count("EarlyEnds"),
        Metric("TimeToHumanMs", 0, "Milliseconds"),  # claimed just now, and three seconds of talk already
    ]


@pytest.mark.usefixtures("no_database")
def test_without_a_database_a_dial_and_an_apology_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    ask("/voice/after-dial?attempt=call_1", make_form("no-answer"))
    ask("/voice/after-dial?attempt=call_1", make_form("no-answer"), CallStatus="completed")

    assert read_metrics(capsys.readouterr().out) == [
        make_count("DialsEnded", outcome="no_answer"),
        make_count("Apologies"),
        make_count("DialsEnded", outcome="caller_gone"),
    ]


@pytest.mark.usefixtures("aws")
def test_a_message_is_no_second_dial(capsys: pytest.CaptureFixture[str]) -> None:
    ask("/voice/after-dial?attempt=call_1&recorded=yes", RecordingUrl="https://r")

    assert read_metrics(capsys.readouterr().out) == []
