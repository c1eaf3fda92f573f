"""The action `notify`: who is told, by what words, and how often."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.sns.models import sns_backends

import transfer
from call_record import Attempt, AttemptEnd, CallRecord, CallTable, DialFailure
from notices import digest
from notifier import NotToldYetError
from sandbox.twilio.faults import RestFault
from tests.lambdas import TABLE, capture_log, delete_data, make_count, read_metrics
from tests.transfer.conftest import CALL, Invoke
from tests.twilio_rest_api import ACCOUNT, NUMBER, TwilioRestApi

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ANNA, BEN, CALLER = "+15550100012", "+15550100013", "+15550100001"
DIRECTORY = f"""
time_zone = "America/New_York"
business_number = "{NUMBER}"

[[destination]]
name = "desk"
description = "The desk"
targets = ["+15550100002"]
spoken = "Anna at the desk"
nobody = {{ destination = "office" }}
notify = ["sms:{ANNA}", "sns"]

[[destination]]
name = "office"
description = "The office"
targets = ["+15550100003"]
nobody = "message"
notify = ["sms:{BEN}"]

[[destination]]
name = "shop"
description = "The shop"
targets = ["+15550100004"]
"""
MISSED = {"action": "notify", "call_sid": CALL, "request_id": "call_1", "about": "missed"}
URL = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/RE{'1' * 32}"
MESSAGE = MISSED | {"about": "message", "message_url": URL, "message_s": 23}
CALL_BACK = "Unless somebody else has talked with them since, they may expect you to call back."
TOLD = f"Missed call for Anna at the desk from +15550100001. {CALL_BACK}"
BRIEF = "Why: wants a person\nSummary: The chain is broken."

type Topic = Callable[[], list[tuple[Any, ...]]]


@pytest.fixture
def topic(cold: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Topic]:  # noqa: ARG001 (before)
    """What was published to the stack's topic."""
    client = boto3.client("sns")
    arn = client.create_topic(Name="warmline-notify")["TopicArn"]
    monkeypatch.setenv("NOTIFY_TOPIC", arn)
    yield lambda: sns_backends["123456789012"]["us-east-1"].topics[arn].sent_notifications
    client.delete_topic(TopicArn=arn)


@pytest.fixture
def notify(topic: Topic, file: Path, table: CallTable) -> Invoke:  # noqa: ARG001 (before)
    """With an attempt at the desk that nobody took."""
    file.write_text(DIRECTORY)
    table.open_call(CALL, CALLER, NUMBER, "<Response/>")
    table.claim_attempt(CALL, Attempt("call_1", "desk", "wants a person", "The chain is broken.", tells=2))

    def invoke(event: object) -> dict[str, Any]:
        answered: dict[str, Any] = json.loads(json.dumps(transfer.answer(event, lambda: transfer.transfers(file))))
        return answered

    return invoke


def test_a_missed_call_is_told_by_sms_and_topic_with_what_the_model_knew(
    notify: Invoke, rest: TwilioRestApi, topic: Topic, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = notify(MISSED)

    (sms,) = rest.messages
    ((_, text, subject, attributes, _),) = topic()
    assert answer == {"status": "notified", "destination": "desk", "sent": 2, "lost": 0, "unclear": 0}
    assert (sms.from_, sms.to, sms.body) == (NUMBER, ANNA, f"{TOLD}\n{BRIEF}")
    assert (subject, text) == ("Missed call for desk", f"{TOLD}\n{BRIEF}\n\nCall {CALL}")
    assert {name: value["Value"] for name, value in attributes.items()} == {"destination": "desk", "about": "missed"}
    assert read_metrics(capsys.readouterr().out) == [make_count("NotificationsSent")] * 2


def test_a_message_goes_to_the_end_of_the_chain_with_its_link(notify: Invoke, rest: TwilioRestApi) -> None:
    notify(MESSAGE)

    (sms,) = rest.messages
    assert (sms.to, sms.body) == (BEN, f"Message for the office from {CALLER}, 23 s: {URL}.mp3\n{BRIEF}")


def test_a_message_left_where_everybody_is_closed_is_for_who_takes_messages(
    notify: Invoke, rest: TwilioRestApi
) -> None:
    notify(MESSAGE | {"request_id": "next-1", "caller": "anonymous"})

    (sms,) = rest.messages
    assert (sms.to, sms.body) == (BEN, f"Message for the office from a caller without a number, 23 s: {URL}.mp3")


@pytest.mark.parametrize("about", [MISSED, MESSAGE])
def test_an_event_that_comes_again_is_told_once(
    notify: Invoke, rest: TwilioRestApi, topic: Topic, about: dict[str, object]
) -> None:
    first, second = notify(about), notify(about)

    assert (first["sent"], second["sent"], second["lost"]) == (len(rest.messages) + len(topic()), 0, 0)
    assert len(rest.messages) == 1


def test_the_fallback_of_a_destination_knows_what_the_caller_wanted(
    notify: Invoke, rest: TwilioRestApi, table: CallTable
) -> None:
    table.claim_attempt(CALL, Attempt("next-1", "office", "no_answer"))

    notify(MISSED | {"request_id": "next-1"})

    assert rest.messages[0].body.endswith(BRIEF)


def test_people_who_are_rung_again_are_not_told_yet(notify: Invoke, rest: TwilioRestApi, table: CallTable) -> None:
    table.settle_attempt(CALL, "call_1", AttemptEnd("failed", "", "<a/>", failure=DialFailure("caller_id")))
    table.notices._items._now = lambda: 9e9  # later
    table.claim_attempt(CALL, Attempt("next-1", "desk"))

    assert notify(MISSED) == {"status": "nobody_to_tell"}
    assert rest.messages == []


@pytest.mark.parametrize("request_id", ["call_2", "unknown"])
def test_where_nobody_is_named_nobody_is_told(
    notify: Invoke, rest: TwilioRestApi, table: CallTable, request_id: str
) -> None:
    table.claim_attempt(CALL, Attempt("call_2", "shop"))

    assert notify(MISSED | {"request_id": request_id}) == {"status": "nobody_to_tell"}
    assert rest.messages == []


@pytest.mark.parametrize(
    ("fault", "outcome", "metric", "said"),
    [
        (RestFault(400, 21608), "lost", "NotificationsLost", "Somebody could not be told"),
        (RestFault(401, 20003), "lost", "NotificationsLost", "Somebody could not be told"),
        (RestFault(503, applied=True), "unclear", "NotificationsUnclear", "It is not known whether somebody was told"),
        (RestFault(drop=True, applied=True), "unclear", "NotificationsUnclear", "It is not known whether"),
        (RestFault(201, body="<html>"), "unclear", "NotificationsUnclear", "It is not known whether"),
    ],
)
def test_what_is_refused_or_unclear_is_counted_as_that_and_not_sent_again(
    notify: Invoke,
    rest: TwilioRestApi,
    topic: Topic,
    fault: RestFault,
    outcome: str,
    metric: str,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    rest.fail(fault)
    with capture_log(transfer.logger) as log:
        answer = notify(MISSED)
        again = notify(MISSED)

    counts = {"sent": 1, "lost": 0, "unclear": 0} | {outcome: 1}
    assert [{name: each[name] for name in counts} for each in (answer, again)] == [counts, dict.fromkeys(counts, 0)]
    assert (len(topic()), len(rest.requests)) == (1, 1)
    assert sorted(read_metrics(capsys.readouterr().out), key=str) == sorted(
        [make_count("NotificationsSent"), make_count(metric)], key=str
    )
    assert said in log.getvalue()
    assert not {ANNA, CALLER, NUMBER} & set(log.getvalue().replace(chr(34), " ").split())


def test_what_twilio_is_too_busy_for_is_sent_when_lambda_tries_again(
    notify: Invoke, rest: TwilioRestApi, topic: Topic, capsys: pytest.CaptureFixture[str]
) -> None:
    rest.fail(RestFault(429, 20429))

    with pytest.raises(NotToldYetError, match="1 of 2 could not be told"):
        notify(MISSED)
    assert (rest.messages, len(topic())) == ([], 1)

    assert notify(MISSED)["sent"] == 1
    assert (len(rest.messages), len(topic())) == (1, 1)
    counts = [make_count(f"Notifications{what}") for what in ("Sent", "Postponed", "Sent")]
    assert read_metrics(capsys.readouterr().out) == counts


def test_a_network_without_a_way_to_twilio_is_tried_again(
    notify: Invoke, rest: TwilioRestApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_API_URL", "http://127.0.0.1:1")

    with pytest.raises(NotToldYetError):
        notify(MISSED)
    transfer.transfers.cache_clear()
    monkeypatch.setenv("TWILIO_API_URL", rest.origin)
    notify(MISSED)

    assert len(rest.messages) == 1


@pytest.mark.usefixtures("topic")
def test_without_the_table_nobody_is_told_and_lambda_tries_again(
    notify: Invoke, rest: TwilioRestApi, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")

    with pytest.raises(NotToldYetError, match="the call record cannot be used"), capture_log(transfer.logger) as log:
        notify(MISSED)
    assert "A defect" not in log.getvalue()
    assert (rest.messages, read_metrics(capsys.readouterr().out)) == ([], [make_count("NotificationsPostponed")])


def test_without_a_topic_whoever_subscribes_is_not_told(
    notify: Invoke, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NOTIFY_TOPIC")

    assert notify(MISSED)["lost"] == 1
    assert make_count("NotificationsLost") in read_metrics(capsys.readouterr().out)


def test_what_was_claimed_by_a_function_that_died_is_unclear_once(
    notify: Invoke, rest: TwilioRestApi, account: "DynamoDBClient", capsys: pytest.CaptureFixture[str]
) -> None:
    dead = CallTable(account, TABLE, now=lambda: time.time() - 60)
    for told in (f"sms:{ANNA}", "sns"):
        dead.notices.claim(CALL, "call_1", "missed", digest(told))

    first, second = notify(MISSED), notify(MISSED)

    assert [(each["sent"], each["lost"], each["unclear"]) for each in (first, second)] == [(0, 0, 2), (0, 0, 0)]
    assert rest.messages == []
    assert read_metrics(capsys.readouterr().out) == [make_count("NotificationsUnclear")] * 2


def test_an_sms_whose_outcome_could_not_be_written_is_counted_as_sent_alone(
    notify: Invoke, rest: TwilioRestApi, table: CallTable, account: "DynamoDBClient", capsys: pytest.CaptureFixture[str]
) -> None:
    """Twilio's report shows that it was sent. Lambda delivers the event again."""
    minute_ago = CallTable(account, TABLE, now=lambda: time.time() - 60)
    assert minute_ago.notices.claim(CALL, "call_1", "missed", digest(f"sms:{ANNA}"))
    table.notices.report_sent(CALL, "call_1", "missed", digest(f"sms:{ANNA}"))

    answer = notify(MISSED)

    assert (answer["sent"], answer["lost"], answer["unclear"], rest.messages) == (1, 0, 0, [])  # the topic's
    assert read_metrics(capsys.readouterr().out) == [make_count("NotificationsSent")]
    assert [each.status for each in table.read(CALL).notices] == ["sent", "sent"]


def test_people_whose_attempt_was_never_written_count_as_not_told(
    notify: Invoke, rest: TwilioRestApi, capsys: pytest.CaptureFixture[str]
) -> None:
    assert notify(MISSED | {"request_id": "call_9"}) == {"status": "nobody_to_tell"}

    assert rest.messages == []
    assert read_metrics(capsys.readouterr().out) == [make_count("NotificationsLost")]


@pytest.mark.parametrize("event", [MISSED | {"destination": "desk"}, MESSAGE | {"destination": "desk"}])
def test_a_notice_that_comes_after_a_deletion_writes_nothing(
    notify: Invoke,
    rest: TwilioRestApi,
    account: "DynamoDBClient",
    capsys: pytest.CaptureFixture[str],
    event: dict[str, object],
) -> None:
    for row in account.scan(TableName=TABLE)["Items"]:
        account.delete_item(TableName=TABLE, Key={name: row[name] for name in ("call_sid", "item")})

    assert notify(event) == {"status": "unknown_call"}
    assert (rest.messages, account.scan(TableName=TABLE)["Items"]) == ([], [])
    assert make_count("NotificationsLost") in read_metrics(capsys.readouterr().out)


def test_nobody_is_told_of_a_caller_whose_data_was_deleted(
    notify: Invoke, rest: TwilioRestApi, topic: Topic, account: "DynamoDBClient", capsys: pytest.CaptureFixture[str]
) -> None:
    delete_data(account, CALLER, CALL)

    assert notify(MESSAGE | {"destination": "desk"}) == {"status": "unknown_call"}
    assert (rest.messages, topic(), len(account.scan(TableName=TABLE)["Items"])) == ([], [], 1)
    assert read_metrics(capsys.readouterr().out) == [make_count("NotificationsLost")]


def test_nobody_is_told_if_the_deletion_comes_between_the_read_and_the_claim(
    notify: Invoke,
    rest: TwilioRestApi,
    topic: Topic,
    table: CallTable,
    file: Path,
    account: "DynamoDBClient",
    capsys: pytest.CaptureFixture[str],
) -> None:
    class ReadBeforeDeletion(CallTable):
        def read(self, call_sid: str) -> CallRecord:
            record = super().read(call_sid)
            delete_data(account, CALLER, CALL)
            return record

    notify(MISSED | {"dry_run": True})  # which reads the directory
    made = transfer.transfers(file)
    made = replace(made, notifier=replace(made.notifier, table=ReadBeforeDeletion(account, TABLE)))
    answer = transfer.answer(MISSED, lambda: made)

    assert (answer["sent"], answer["lost"], rest.messages, topic()) == (0, 2, [], [])
    assert read_metrics(capsys.readouterr().out) == [make_count("NotificationsLost")] * 2
    assert table.read(CALL).attempts == ()


def test_a_call_whose_own_row_was_never_written_is_told_of(
    notify: Invoke, rest: TwilioRestApi, account: "DynamoDBClient"
) -> None:
    key = {"call_sid": {"S": CALL}, "item": {"S": "call"}}
    account.delete_item(TableName=TABLE, Key=key)

    assert notify(MISSED)["status"] == "notified"
    assert len(rest.messages) == 1


def test_a_message_is_for_the_first_who_takes_messages_and_is_told(
    notify: Invoke, rest: TwilioRestApi, file: Path
) -> None:
    desk, office = f'nobody = {{ destination = "office" }}\nnotify = ["sms:{ANNA}", "sns"]', 'nobody = "message"'
    assert desk in file.read_text()
    file.write_text(file.read_text().replace(desk, office))

    notify(MESSAGE | {"request_id": "next-1"})

    assert [each.to for each in rest.messages] == [BEN]


def test_a_dry_run_says_what_it_would_send(notify: Invoke, rest: TwilioRestApi, topic: Topic) -> None:
    answer = notify(MISSED | {"dry_run": True})

    (sms,), (published,) = answer["rest"], answer["topic"]
    assert (answer["status"], answer["destination"]) == ("notified", "desk")
    assert sms["url"] == f"{rest.origin}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    told = digest(f"sms:{ANNA}")
    callback = f"https://voice.example.com/voice/message-status?call={CALL}&attempt=call_1&about=missed&told={told}"
    assert sms["form"]["StatusCallback"] == callback
    assert (sms["form"]["To"], sms["form"]["Body"]) == (ANNA, f"{TOLD}\n{BRIEF}")
    assert published["Subject"] == "Missed call for desk"
    assert (rest.requests, topic()) == ([], [])


def test_a_dry_run_may_name_the_destination(notify: Invoke) -> None:
    answer = notify(MISSED | {"dry_run": True, "request_id": "unknown", "destination": "office"})

    assert (answer["destination"], len(answer["rest"]), answer["topic"]) == ("office", 1, [])


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"about": None}, "request_id, about: expected"),
        ({"about": "all"}, "about"),
        ({"request_id": ""}, "request_id, about: expected"),
        ({"request_id": "a b"}, "request_id: expected"),
        ({"call_sid": "CA1"}, "call_sid: expected"),
        ({"message_s": "long"}, "message_s"),
        ({"message_url": 7}, "message_url"),
    ],
)
def test_what_is_no_request_to_notify_is_refused(notify: Invoke, changed: dict[str, object], error: str) -> None:
    answer = notify(MESSAGE | changed)

    assert (answer["status"], error in answer["error"]) == ("failed", True)
