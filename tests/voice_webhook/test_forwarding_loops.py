"""Transfers that come back as new calls, through the real handler: they are refused, and no other call is hurt."""

import time

import boto3
import pytest

import voice_webhook
from call_items import KEEP_DAYS, Items
from call_record import Attempt, AttemptEnd, CallTable, Dial
from ringing import Ringing
from tests.lambdas import TABLE, lose_writes, make_count, read_metrics
from tests.voice_webhook.conftest import CALL, FORM, ORIGIN, ask, read_log
from transfer_client import TransferClient
from twiml import Urls
from voice_webhook import metrics
from webhook import Webhook
from webhooks import Webhooks

OUTER, ANNA = "CA" + "9" * 32, "+15550100002"


def rings(table: CallTable, shown: str) -> None:
    """Anna's telephone rings for another call."""
    table.claim_attempt(OUTER, Attempt("call_1", "desk", status="moved"))
    until_ms = int(time.time() * 1000) + 40_000
    table.ringing.note(Dial(OUTER, "call_1", shown, (ANNA,), 1, until_ms, until_ms))


@pytest.mark.parametrize(
    ("form", "failure"),
    [
        ({"ForwardedFrom": ANNA}, "forwarded_back"),
        ({}, ""),  # the caller's number is shown on, as networks do, and nothing tells who forwards
        ({"From": ANNA}, ""),
        ({"From": "anonymous", "ForwardedFrom": ANNA}, ""),
    ],
)
def test_a_transfer_that_comes_back_is_refused_before_it_is_answered(
    table: CallTable,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    form: dict[str, str],
    failure: str,
) -> None:
    rings(table, "+15550100001")

    answer = ask("/voice/incoming", form, CallStatus="ringing")

    assert (answer.verbs, answer.xml[0].attrib) == (["Reject"], {"reason": "busy"})
    assert ask("/voice/incoming", form, CallStatus="ringing") == answer  # to Twilio's second try as well
    assert read_metrics(capsys.readouterr().out)[0] == make_count("ForwardingLoops")
    assert OUTER in read_log(caplog)
    (attempt,) = table.read(OUTER).attempts
    assert (attempt.status, attempt.failure) == ("moved", failure)


@pytest.mark.parametrize("form", [{"ForwardedFrom": ANNA}, {"From": ANNA}])
def test_a_line_that_forwards_its_own_calls_to_us_is_answered(table: CallTable, form: dict[str, str]) -> None:
    rings(table, "+15550100009")
    table.settle_attempt(OUTER, "call_1", AttemptEnd("no_answer", "no-answer", "<Response/>"))

    assert ask("/voice/incoming", form).verbs == ["Connect", "Redirect"]


@pytest.mark.parametrize("form", [{}, {"ForwardedFrom": ANNA}])
def test_another_caller_is_answered_while_somebody_is_rung(table: CallTable, form: dict[str, str]) -> None:
    rings(table, "+15550100009")

    assert ask("/voice/incoming", form).verbs == ["Connect", "Redirect"]


def lose_requests(operation: str) -> Webhooks:
    """A function whose requests of this kind to the table are all lost.

    Its clock stands still: looking for a loop has a second, which a busy machine may take.
    """
    client = boto3.client("dynamodb", config=voice_webhook.DATABASE)
    lose_writes(client, operation)
    table = CallTable(client, TABLE)
    table.ringing = Ringing(Items(client, TABLE, time.time, KEEP_DAYS), lambda: 0.0)
    return Webhooks(table, TransferClient(lambda: boto3.client("lambda"), ""), metrics(), time.time)


def incoming(**form: str) -> Webhook:
    return Webhook({**FORM, **form}, {}, Urls(ORIGIN, "wss://stream.example.com/media-stream"), "s" * 32)


def test_a_call_is_recorded_although_nobody_can_tell_whether_it_is_a_loop(table: CallTable) -> None:
    webhooks = lose_requests("Query")

    assert webhooks.incoming(incoming()) == webhooks.incoming(incoming())  # the second would end the first one's stream
    assert table.read(CALL).call


def test_a_loop_is_refused_although_it_cannot_be_counted(table: CallTable) -> None:
    rings(table, "+15550100001")

    assert "<Reject" in lose_requests("UpdateItem").incoming(incoming(ForwardedFrom=ANNA))


@pytest.mark.parametrize("lacking", ["lines", "caller_call_sid", "request_id", "until_ms"])
def test_a_row_of_another_version_costs_no_caller_their_call(table: CallTable, lacking: str) -> None:
    rings(table, "+15550100001")
    client = boto3.client("dynamodb")
    for row in client.scan(TableName=TABLE)["Items"]:
        if row["item"]["S"].startswith("dial#"):
            client.put_item(TableName=TABLE, Item={name: row[name] for name in row if name != lacking})

    assert ask("/voice/incoming").verbs == ["Connect", "Redirect"]
