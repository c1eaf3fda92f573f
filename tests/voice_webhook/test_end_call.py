"""Which answers end a call, so that its words are erased if they are not kept."""

from typing import TYPE_CHECKING

import boto3
import pytest

import twiml
from call_record import CallTable, Turn
from tests.lambdas import TABLE, lose_writes
from tests.voice_webhook.conftest import CALL, FORM, Invoked, ask
from transfer_client import TransferClient
from twiml import Urls
from voice_webhook import metrics
from webhook import Webhook
from webhooks import Webhooks

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SAID = Turn(1000, "caller", "My name is Dana.", "My name is Dana.")


@pytest.fixture
def forgetful(cold: None, monkeypatch: pytest.MonkeyPatch, account: "DynamoDBClient") -> CallTable:  # noqa: ARG001 (before)
    """The function keeps no words; the table has a call with some."""
    monkeypatch.setenv("KEEP_TRANSCRIPTS", "0")
    table = CallTable(account, TABLE, keep_transcripts=False)
    table.claim_stream(CALL, "j1", "MZ1")
    table.add_turn(CALL, SAID)
    return table


def has_words(table: CallTable) -> bool:
    (turn,) = table.read(CALL).turns
    return bool(turn.said or turn.heard)


@pytest.mark.parametrize("path", ["/voice/after-stream?stream=j1", "/voice/after-dial?attempt=a1"])
def test_a_caller_who_has_hung_up_ends_the_call_though_its_container_is_dead(forgetful: CallTable, path: str) -> None:
    ask(path, CallStatus="completed")

    assert not has_words(forgetful)


def test_an_answer_that_hangs_up_ends_the_call(forgetful: CallTable) -> None:
    talked = {"DialCallStatus": "completed", "DialBridged": "true", "DialCallDuration": "9"}
    assert ask("/voice/after-dial?attempt=a1&accept=answer", talked).verbs == ["Hangup"]

    assert not has_words(forgetful)


def test_an_apology_for_a_defect_ends_the_call(forgetful: CallTable, transfer: Invoked) -> None:
    transfer.answer = None
    forgetful.end_stream(CALL, "j1", "model_failed", 0)
    for jti in ("j2", "j3"):  # no further stream may be opened
        forgetful.end_stream(CALL, jti, "model_failed", 0)

    assert ask("/voice/after-stream?stream=j3").body == twiml.apology()
    assert not has_words(forgetful)


def test_a_message_of_the_caller_is_the_last_that_is_to_come(forgetful: CallTable, transfer: Invoked) -> None:
    transfer.answer = {"status": "closed", "then": "message"}
    forgetful.end_stream(CALL, "j1", "model_failed", 0)
    for jti in ("j2", "j3"):
        forgetful.end_stream(CALL, jti, "model_failed", 0)

    assert "Record" in ask("/voice/after-stream?stream=j3").verbs
    assert not has_words(forgetful)


def test_a_call_that_goes_on_keeps_its_memory(forgetful: CallTable) -> None:
    assert ask("/voice/after-stream?stream=j1").verbs == ["Connect", "Redirect"]
    assert has_words(forgetful)


def test_a_person_who_was_rung_and_hung_up_ends_no_call(forgetful: CallTable) -> None:
    ask(f"/voice/agent-status?call={CALL}&attempt=a1", CallSid="CA" + "9" * 32, CallStatus="completed")

    assert has_words(forgetful)


def test_a_caller_hears_the_answer_though_nothing_can_be_erased(aws: None) -> None:  # noqa: ARG001 (the secret)
    client = boto3.client("dynamodb", region_name="us-east-1")
    table = CallTable(client, TABLE, keep_transcripts=False)
    lose_writes(client, "UpdateItem")
    answers = Webhooks(table, TransferClient(lambda: boto3.client("lambda"), ""), metrics(), lambda: 0)

    answers.end_call(Webhook(FORM, {}, Urls("", ""), ""), twiml.hang_up())


@pytest.mark.parametrize("document", [twiml.nothing(), twiml.busy(), twiml.queue_wait(10), twiml.wait("/", 1)])
def test_these_documents_hang_up_on_nobody(document: str) -> None:
    assert not twiml.hangs_up(document)
