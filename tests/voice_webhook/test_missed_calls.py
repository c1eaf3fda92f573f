"""When people are told of a missed call or of a message, through the real handler. No caller waits for it."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from call_record import Attempt, AttemptEnd, CallTable
from tests.lambdas import TABLE, delete_data, make_count, read_metrics
from tests.voice_webhook.conftest import CALL, FORM, ORIGIN, Invoked, ask, read_last_attempt, read_log

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LEG = "CA" + "2" * 32
DESK = Attempt("call_1", "desk", "why", "what", whisper="A caller. Press 1.", tells=1)
URL = "/voice/after-dial?attempt=call_1"
RECORDED = f"{URL}&recorded=yes"
NO_ANSWER = {"DialCallStatus": "no-answer", "DialBridged": "false", "DialCallSid": LEG}
TALK = NO_ANSWER | {"DialCallStatus": "completed", "DialBridged": "true", "DialCallDuration": "42"}
LINK = "https://api.twilio.com/recordings/RE1"
MISSED = {"action": "notify", "call_sid": CALL, "request_id": "call_1", "about": "missed", "caller": FORM["From"]}


@pytest.mark.parametrize("status", ["in-progress", "completed"])
def test_a_call_that_nobody_took_is_told_whether_the_caller_waits_or_has_hung_up(
    table: CallTable, transfer: Invoked, status: str
) -> None:
    table.claim_attempt(CALL, DESK)

    ask(URL, NO_ANSWER, CallStatus=status)

    assert transfer.notices == [MISSED]


@pytest.mark.parametrize(
    ("url", "form"),
    [
        (URL, NO_ANSWER),
        (f"{URL}&recorded=yes", {"RecordingUrl": LINK, "RecordingDuration": "7"}),
        ("/voice/after-dial?attempt=other&recorded=yes", {"RecordingUrl": LINK, "RecordingDuration": "7"}),
        ("/voice/after-stream?stream=j1", {}),
        ("/voice/incoming", {}),
    ],
)
def test_a_webhook_that_comes_after_a_deletion_writes_nothing_and_tells_nobody(
    table: CallTable, transfer: Invoked, account: "DynamoDBClient", url: str, form: dict[str, str]
) -> None:
    table.open_call(CALL, FORM["From"], FORM["To"], "<Response/>")
    table.claim_attempt(CALL, DESK)
    delete_data(account, FORM["From"], CALL)

    assert ask(url, form, CallStatus="completed" if url == URL else "in-progress").status == 200

    stored = [row.keys() for row in account.scan(TableName=TABLE)["Items"] if row["item"]["S"] != "call"]
    assert all(names <= {"call_sid", "item", "expires_at"} for names in stored)
    assert table.read(CALL).caller == ""
    assert transfer.notices == []


def test_a_repeated_webhook_asks_again_because_the_first_may_have_died(table: CallTable, transfer: Invoked) -> None:
    table.claim_attempt(CALL, DESK)

    assert ask(URL, NO_ANSWER).body == ask(URL, NO_ANSWER).body
    assert transfer.notices == [MISSED, MISSED]


@pytest.mark.parametrize(
    ("attempt", "form"),
    [
        (DESK, TALK),  # with the key, below
        (DESK, TALK | {"DialCallDuration": "300"}),
        (replace(DESK, tells=0), NO_ANSWER),
        (replace(DESK, dials=2), NO_ANSWER),  # the next one is rung
    ],
)
def test_nobody_is_told_of_a_talk_or_where_the_directory_names_nobody_or_while_people_are_rung(
    table: CallTable, transfer: Invoked, attempt: Attempt, form: dict[str, str]
) -> None:
    table.claim_attempt(CALL, attempt)
    if form is TALK:
        table.legs.accept(CALL, "call_1", LEG)

    ask(URL, form)

    assert transfer.notices == []


def test_a_late_report_about_a_talk_that_was_settled_tells_nobody(table: CallTable, transfer: Invoked) -> None:
    table.claim_attempt(CALL, DESK)
    table.settle_attempt(CALL, "call_1", AttemptEnd("bridged", "completed", "<Response><Hangup/></Response>"))

    ask(URL, NO_ANSWER)

    assert transfer.notices == []


@pytest.mark.usefixtures("no_database")
def test_without_the_table_the_transfer_function_finds_out_whom_to_tell(transfer: Invoked) -> None:
    ask(URL, NO_ANSWER)

    assert transfer.notices == [MISSED]


def test_a_message_is_told_with_its_link(table: CallTable, transfer: Invoked) -> None:
    table.claim_attempt(CALL, replace(DESK, tells=0, if_nobody="message"))

    thanked = ask(RECORDED, RecordingUrl=LINK, RecordingDuration="7")

    assert "Thank you for your message" in thanked.body
    assert transfer.notices == [MISSED | {"about": "message", "message_url": LINK, "message_s": 7}]


@pytest.mark.parametrize("form", [{}, {"RecordingUrl": ""}, {"RecordingUrl": " ", "RecordingDuration": "0"}])
def test_for_nothing_nobody_is_thanked_or_told(table: CallTable, transfer: Invoked, form: dict[str, str]) -> None:
    table.claim_attempt(CALL, replace(DESK, if_nobody="message"))

    answer = ask(RECORDED, form)

    assert (answer.verbs, "I did not hear a message" in answer.body) == (["Say", "Hangup"], True)
    assert ask(RECORDED, form, CallStatus="completed").verbs == []
    assert (read_last_attempt(table).message_url, transfer.notices) == ("", [])


def test_a_transfer_function_that_cannot_be_invoked_costs_the_caller_nothing_but_is_counted(
    table: CallTable, transfer: Invoked, capsys: pytest.CaptureFixture[str]
) -> None:
    transfer.takes_notices = False
    table.claim_attempt(CALL, replace(DESK, if_nobody="message"))

    asked = ask(URL, NO_ANSWER)

    assert asked.xml[1].get("action", "").startswith(ORIGIN)
    assert len(transfer.notices) == 2
    assert read_metrics(capsys.readouterr().out) == [
        make_count("DialsEnded", outcome="no_answer"),
        make_count("NotificationsLost"),
    ]


SMS = f"/voice/message-status?call={CALL}&attempt=call_1&about=missed&told=0123456789abcdef"
STATUS = {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30034", "To": "+15550100012"}


def test_an_sms_that_did_not_arrive_is_counted_once_and_recorded(
    table: CallTable, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    claim = table.notices.claim(CALL, "call_1", "missed", "0123456789abcdef")
    reports = [ask(SMS, STATUS).status for _ in range(2)]
    table.notices.finish(CALL, "call_1", "missed", "0123456789abcdef", claim or "", "sent")  # the report was faster

    assert reports == [204, 204]
    assert read_metrics(capsys.readouterr().out) == [make_count("NotificationsLost")]
    assert [each.status for each in table.read(CALL).notices] == ["undelivered"]
    assert ("30034" in read_log(caplog), "+1555" in read_log(caplog)) == (True, False)


@pytest.mark.parametrize(
    ("status", "recorded"),
    [("queued", "sending"), ("sent", "sent"), ("delivered", "sent"), ("x" * 5000, "sending"), ("", "sending")],
)
def test_an_sms_that_is_on_its_way_is_not_counted(
    table: CallTable, capsys: pytest.CaptureFixture[str], status: str, recorded: str
) -> None:
    table.notices.claim(CALL, "call_1", "missed", "0123456789abcdef")

    assert ask(SMS, STATUS, MessageStatus=status).status == 204
    assert read_metrics(capsys.readouterr().out) == []
    assert [each.status for each in table.read(CALL).notices] == [recorded]


def test_a_late_report_that_an_sms_was_sent_does_not_hide_that_it_did_not_arrive(table: CallTable) -> None:
    table.notices.claim(CALL, "call_1", "missed", "0123456789abcdef")
    for status in ("undelivered", "sent"):
        ask(SMS, STATUS, MessageStatus=status)

    assert [each.status for each in table.read(CALL).notices] == ["undelivered"]


@pytest.mark.parametrize("query", ["", "?call=CA1&attempt=a&told=b", f"?call={CALL}&attempt=a"])
def test_a_report_that_names_no_notice_changes_nothing(
    table: CallTable, capsys: pytest.CaptureFixture[str], query: str
) -> None:
    assert ask(f"/voice/message-status{query}", STATUS).status == 204
    assert ask(SMS, STATUS).status == 204  # of an attempt that nobody knows
    assert (read_metrics(capsys.readouterr().out), table.read(CALL).notices) == ([], ())


@pytest.mark.usefixtures("no_database")
def test_without_the_table_an_sms_that_did_not_arrive_is_counted_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert [ask(SMS, STATUS, MessageStatus=status).status for status in ("undelivered", "sent")] == [204, 204]
    assert read_metrics(capsys.readouterr().out) == [make_count("NotificationsLost")]
