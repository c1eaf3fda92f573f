"""Whoever is rung: what they hear, what a key does, what is written about them; through the real handler."""

import json
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.config import Config

import voice_webhook
from attended_webhooks import AttendedWebhooks
from call_record import Attempt, AttemptEnd, CallTable, Leg
from leg_rows import KEY_WRITES
from leg_webhook import LegWebhook
from leg_webhooks import LegWebhooks
from tests.lambdas import TABLE, capture_log, lose_writes, read_metrics
from tests.voice_webhook.conftest import CALL, FORM, ORIGIN, Answer, answer, ask, event, read_last_attempt, read_log
from transfer_client import TransferClient
from twiml import Urls

ANNA, BEN = "CA" + "a" * 32, "CA" + "b" * 32
OF = f"?call={CALL}&attempt=call_1"
WHISPER = "Acme: a caller for the desk. Press 1 to take the call."


def leg(route: str, leg_sid: str = ANNA, of: str = OF, **form: str) -> Answer:
    """What Twilio posts about a leg: a call of its own, and nothing reliable about its parent."""
    standard = {"CallSid": leg_sid, "CallStatus": "in-progress", "Direction": "outbound-dial", "To": "+15550100002"}
    return ask(f"/voice/agent-{route}{of}", standard | form)


def make_webhooks(table: CallTable) -> LegWebhooks:
    transfer = TransferClient(lambda: boto3.client("lambda"), "transfer")
    return LegWebhooks(table, AttendedWebhooks(table, transfer))


@pytest.fixture
def rung(table: CallTable) -> CallTable:
    """Somebody is rung."""
    table.claim_attempt(CALL, Attempt("call_1", "desk", status="moved", whisper=WHISPER))
    return table


def test_whoever_picks_up_hears_who_calls_and_is_asked_for_a_key(rung: CallTable) -> None:  # noqa: ARG001
    heard = leg("leg")

    assert heard.verbs == ["Gather", "Hangup"]
    assert heard.xml[0].get("action") == f"{ORIGIN}/voice/agent-answer?call={CALL}&attempt=call_1#rp=all"
    assert [say.text for say in heard.xml.iter("Say")] == [WHISPER] * 3
    assert "15550100001" not in heard.body  # nothing about the caller


def test_the_key_takes_the_call_by_the_end_of_the_document(rung: CallTable) -> None:
    assert leg("answer", Digits="1").verbs == []
    assert read_last_attempt(rung).accepted_by == ANNA
    assert leg("answer", Digits="1").verbs == []  # Twilio may ask twice


@pytest.mark.parametrize("digits", ["2", "0", "*", "#", "", "11", "one", "\u0661", "1 ", "9" * 5000])
def test_any_other_key_ends_the_leg(rung: CallTable, digits: str) -> None:
    assert leg("answer", Digits=digits).verbs == ["Hangup"]
    assert read_last_attempt(rung).accepted_by is None
    assert [(each.leg_sid, each.key) for each in rung.read(CALL).legs] == [(ANNA, digits[:1])]


def test_no_key_at_all_ends_the_leg(rung: CallTable) -> None:
    assert leg("answer").verbs == ["Hangup"]
    assert read_last_attempt(rung).accepted_by is None


def test_who_is_too_late_is_told_and_the_leg_ends(rung: CallTable) -> None:
    leg("answer", BEN, Digits="1")

    for route in ("leg", "answer"):
        late = leg(route, ANNA, Digits="1")
        assert late.verbs == ["Say", "Hangup"]
        assert "Somebody else has taken this call" in late.body
    assert read_last_attempt(rung).accepted_by == BEN


def test_who_presses_after_the_caller_has_gone_is_told_and_the_leg_ends(rung: CallTable) -> None:
    rung.settle_attempt(CALL, "call_1", AttemptEnd("caller_gone", "no-answer", "<Response/>"))

    for route in ("leg", "answer"):
        late = leg(route, Digits="1")
        assert late.verbs == ["Say", "Hangup"]
        assert "no longer waiting" in late.body
    assert read_last_attempt(rung).accepted_by is None


def test_a_key_that_is_written_when_the_next_is_rung_keeps_nobody_from_the_call(rung: CallTable) -> None:
    rung.legs.go_on(CALL, "call_1", 1)  # Anna pressed it, and hung up at once

    assert "no longer waiting" in leg("answer", ANNA, Digits="1").body
    heard = leg("leg", BEN, f"{OF}&dial=1")
    assert heard.xml[0].get("action") == f"{ORIGIN}/voice/agent-answer?call={CALL}&attempt=call_1&dial=1#rp=all"
    assert leg("answer", BEN, f"{OF}&dial=1", Digits="1").verbs == []
    assert read_last_attempt(rung).accepted_by == BEN
    assert "Somebody else" in leg("answer", ANNA, Digits="1").body


def test_the_next_hears_who_calls_though_nobody_wrote_that_they_are_rung(rung: CallTable) -> None:
    leg("answer", ANNA, Digits="1")

    assert leg("leg", BEN, f"{OF}&dial=1").verbs == ["Gather", "Hangup"]
    assert leg("answer", BEN, f"{OF}&dial=1", Digits="1").verbs == []
    assert read_last_attempt(rung).accepted_by == BEN


@pytest.mark.usefixtures("aws")
def test_an_attempt_that_was_never_written_can_be_taken(table: CallTable) -> None:
    assert "A caller is waiting for you. Press 1" in leg("leg").body
    assert leg("answer", Digits="1").verbs == []
    assert read_last_attempt(table).accepted_by == ANNA


@pytest.mark.usefixtures("no_database")
def test_without_a_table_a_person_and_a_caller_meet_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    assert leg("leg").verbs == ["Gather", "Hangup"]
    assert leg("answer", Digits="1").verbs == []
    assert "connected all the same" in caplog.text
    assert leg("answer", Digits="2").verbs == ["Hangup"]
    assert leg("status", CallStatus="completed").status == 503  # Twilio reports it again


KEY = LegWebhook({"CallSid": ANNA, "Digits": "1"}, CALL, "call_1", Urls(ORIGIN, "wss://s"))


def test_a_key_that_cannot_be_written_takes_the_call(rung: CallTable) -> None:
    client = boto3.client("dynamodb")
    lose_writes(client, "UpdateItem")

    assert "<Response />" in make_webhooks(CallTable(client, TABLE)).answer(KEY)
    assert read_last_attempt(rung).accepted_by is None


@pytest.mark.parametrize(("seconds", "accepted_by"), [(12, ANNA), (1, None)])
def test_a_key_is_written_again_as_often_as_there_is_time_for_it(
    rung: CallTable, seconds: int, accepted_by: str | None
) -> None:
    client = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 1}))
    lose_writes(client, "UpdateItem", times=KEY_WRITES - 1)
    pressed = replace(KEY, until=1_000.0 + seconds)

    assert "<Response />" in replace(make_webhooks(CallTable(client, TABLE)), clock=lambda: 1_000.0).answer(pressed)
    assert read_last_attempt(rung).accepted_by == accepted_by


def test_what_twilio_reports_of_a_leg_is_written_once_and_never_undoes_the_key(rung: CallTable) -> None:
    leg("answer", Digits="1")
    for status in ("completed", "in-progress", "ringing", "initiated", "completed", "no-answer"):
        assert leg("status", CallStatus=status, SipResponseCode="200").status == 204

    (row,) = rung.read(CALL).legs
    assert (row.leg_sid, row.request_id, row.status, row.sip_code) == (ANNA, "call_1", "completed", "200")
    assert all((row.initiated_at_ms, row.ringing_at_ms, row.answered_at_ms, row.completed_at_ms))
    assert read_last_attempt(rung).accepted_by == ANNA
    assert read_last_attempt(rung).status == "moved"


@pytest.mark.parametrize("status", ["busy", "failed", "no-answer", "canceled"])
def test_a_leg_that_nobody_picked_up_has_its_status(rung: CallTable, status: str) -> None:
    leg("status", CallStatus=status)

    assert [(row.status, row.answered_at_ms) for row in rung.read(CALL).legs] == [(status, 0)]


@pytest.mark.parametrize("status", ["", "new-word", "COMPLETED", "x" * 5000])
def test_a_status_that_is_not_known_is_not_written(rung: CallTable, status: str) -> None:
    assert leg("status", CallStatus=status).status == 204
    assert rung.read(CALL).legs == ()


@pytest.mark.parametrize(
    "of",
    [
        "",
        "?call=",
        f"?call={CALL}",
        "?attempt=call_1",
        "?call=CA1&attempt=call_1",
        f"?call={CALL}&attempt=",
        f"?call={CALL}&attempt={'x' * 129}",
        f"?call={CALL}&attempt=a\u00e9",
        f"?call={CALL}\u0661&attempt=call_1",
    ],
)
def test_a_leg_without_a_caller_ends_and_writes_nothing(table: CallTable, of: str) -> None:
    signed = of.isascii()

    assert leg("leg", of=of).verbs == ["Hangup"] if signed else leg("leg", of=of).status == 403
    assert leg("answer", of=of, Digits="1").verbs == ["Hangup"] if signed else True
    assert leg("status", of=of, CallStatus="completed").status == (204 if signed else 403)
    assert table.read(CALL).attempts == ()


@pytest.mark.parametrize("route", ["leg", "answer", "status"])
def test_what_twilio_did_not_sign_takes_no_call(rung: CallTable, route: str) -> None:
    posted: dict[str, Any] = event(f"/voice/agent-{route}{OF}", FORM | {"CallSid": ANNA, "Digits": "1"})

    assert answer(posted | {"headers": posted["headers"] | {"x-twilio-signature": "no"}}).status == 403
    assert answer(posted | {"rawQueryString": posted["rawQueryString"].replace("call_1", "call_2")}).status == 403
    assert read_last_attempt(rung).accepted_by is None


@pytest.mark.usefixtures("cold")
def test_a_defect_never_connects_a_leg_and_is_no_apology_to_a_caller(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "no url")  # a client that cannot even be made

    assert leg("leg").verbs[-1] == "Hangup"
    assert leg("answer", Digits="1").verbs[-1] == "Hangup"
    assert read_metrics(capsys.readouterr().out) == []


@pytest.mark.usefixtures("rung")
def test_every_line_names_the_caller_s_call_and_no_number(caplog: pytest.LogCaptureFixture) -> None:
    with capture_log(voice_webhook.logger) as out:
        leg("leg")
        leg("answer", Digits="1")
        leg("status", CallStatus="completed")

    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(line["message"], line["call_sid"]) for line in lines] == [("The key was pressed", CALL), ("Leg", CALL)]
    assert "+1555" not in read_log(caplog)


def test_there_is_no_other_route_about_a_leg(rung: CallTable) -> None:  # noqa: ARG001
    assert leg("elsewhere").status == 404


def test_legs_of_another_attempt_are_not_this_one_s(rung: CallTable) -> None:
    leg("status", of=f"?call={CALL}&attempt=call_2", CallStatus="busy")

    assert rung.read(CALL).legs == (
        Leg(ANNA, "call_2", completed_at_ms=rung.read(CALL).legs[0].completed_at_ms, status="busy"),
    )
