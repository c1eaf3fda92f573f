"""Asking the transfer function who comes next, over HTTP as boto3 does."""

import time

import boto3
import pytest
from botocore.config import Config

from tests.voice_webhook.conftest import CALL, Invoked, read_log
from transfer_client import ATTEMPTS, Closed, Ring, TransferClient


def people(url: str) -> TransferClient:
    client = boto3.client(
        "lambda",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 1}),
    )
    return TransferClient(lambda: client, "transfer")


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({"status": "twiml", "twiml": "<Response/>"}, Ring("<Response/>")),
        ({"status": "closed", "then": "message"}, Closed("message")),
        ({"status": "twiml", "twiml": 7}, None),
        ({"status": "closed"}, None),
        ({"status": "failed", "error": "x"}, None),
        ({"errorMessage": "a defect", "errorType": "AssertionError"}, None),
        ("text", None),
        (None, None),
    ],
)
def test_what_the_function_answers(transfer: Invoked, answer: object, found: Ring | Closed | None) -> None:
    transfer.answer = answer

    assert people(transfer.origin).next(CALL, "model_failed", "", "next-1") == found


def test_what_the_function_is_asked(transfer: Invoked) -> None:
    people(transfer.origin).next(CALL, "busy", "workshop", "next-1")
    people(transfer.origin).next(CALL, "model_failed", "", "next-2")

    first = {"action": "next", "call_sid": CALL, "cause": "busy", "request_id": "next-1", "destination": "workshop"}
    assert transfer.requests[0] == first
    assert "destination" not in transfer.requests[1]


def test_a_request_that_was_lost_is_sent_again(transfer: Invoked) -> None:
    transfer.answer = None

    assert people(transfer.origin).next(CALL, "model_failed", "", "next-1") is None
    assert len(transfer.requests) == ATTEMPTS


def test_an_answer_that_is_no_help_is_not_quoted(transfer: Invoked, caplog: pytest.LogCaptureFixture) -> None:
    transfer.answer = {"errorType": "KeyError", "errorMessage": "no +15550109999"}

    assert people(transfer.origin).next(CALL, "model_failed", "", "next-1") is None
    assert "KeyError" in read_log(caplog)
    assert "+1555" not in read_log(caplog)
    assert len(transfer.requests) == 1


def test_without_time_for_an_answer_nothing_is_asked(transfer: Invoked) -> None:
    client = people(transfer.origin)

    assert client.next(CALL, "model_failed", "", "next-1", until=time.monotonic() + 1) is None
    assert transfer.requests == []


def test_a_function_that_cannot_be_reached_is_of_no_help() -> None:
    assert people("http://127.0.0.1:1").next(CALL, "model_failed", "", "next-1") is None
