"""What the other tests' directory cannot show: closed doors, and a claim whose outcome cannot be written."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

import transfer
from call_record import CallTable
from directory import load
from tests.lambdas import TABLE, lose_writes
from tests.transfer.conftest import CALL
from tests.twilio_rest_api import ACCOUNT, PASSWORD, TwilioRestApi
from transfer_request import Request
from transfer_settings import Credentials, Settings
from transfers import Transfers
from twilio_calls import TwilioCalls

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NIGHT = """
time_zone = "Europe/London"
[[destination]]
name = "desk"
description = "Desk"
targets = ["client:desk"]
hours = { mon_fri = "09:00-17:00" }
nobody = "message"
"""
pytestmark = pytest.mark.usefixtures("aws")
SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def transfers(
    rest: TwilioRestApi, tmp_path: Path, now: datetime, client: "DynamoDBClient", text: str = NIGHT
) -> Transfers:
    file = tmp_path / "directory.toml"
    file.write_text(text)
    credentials = Credentials(ACCOUNT, ACCOUNT, PASSWORD)
    calls = TwilioCalls(credentials, rest.origin)
    directory, table = load(file), CallTable(client, TABLE)
    settings = Settings("warmline", TABLE, "https://voice.example.com", rest.origin)
    notifier = transfer.make_notifier(directory, table, settings, lambda: credentials)
    attended = transfer.make_attended(directory, table, settings)
    return Transfers(directory, table, "https://voice.example.com", lambda: calls, lambda: now, notifier, attended)


def test_a_closed_destination_says_when_it_opens(
    account: "DynamoDBClient", rest: TwilioRestApi, tmp_path: Path
) -> None:
    closed = transfers(rest, tmp_path, SUNDAY, account)
    opening = {"opens_at": "2026-11-23T09:00:00+00:00", "opens": "tomorrow at 9 am"}

    for name in ("desk", None):
        answer = closed.answer(Request("transfer", CALL, name, request_id="call_1"))
        assert answer == {"status": "closed"} | opening
    described = {"name": "desk", "description": "Desk", "mode": "direct", "open": False} | opening
    assert closed.answer(Request("destinations")) == {"destinations": [described]}
    assert rest.requests == []


def test_when_all_are_closed_next_says_when_the_first_opens(
    account: "DynamoDBClient", rest: TwilioRestApi, tmp_path: Path
) -> None:
    closed = transfers(rest, tmp_path, SUNDAY, account, NIGHT.replace("message", "continue"))

    answer = closed.answer(Request("next", CALL, cause="model_failed"))

    assert "We open tomorrow at 9 am. Please call again then. Goodbye.</Say><Hangup" in str(answer["twiml"])
    assert answer["nobody"] is True


def test_when_all_are_closed_a_message_is_taken_where_the_directory_says_so(
    account: "DynamoDBClient", rest: TwilioRestApi, tmp_path: Path
) -> None:
    closed = transfers(rest, tmp_path, SUNDAY, account)

    answer = closed.answer(Request("next", CALL, cause="model_failed"))

    assert answer == {"status": "closed", "then": "message"}


def test_a_closed_next_destination_leads_on_to_what_the_directory_says(
    account: "DynamoDBClient", rest: TwilioRestApi, tmp_path: Path
) -> None:
    closed = transfers(rest, tmp_path, SUNDAY, account)

    assert closed.answer(Request("next", CALL, "desk", cause="busy")) == {"status": "closed", "then": "message"}


def test_an_outcome_that_cannot_be_written_is_answered_all_the_same(
    rest: TwilioRestApi, tmp_path: Path, table: CallTable
) -> None:
    client = boto3.client("dynamodb")
    lose_writes(client, "UpdateItem")

    answer = transfers(rest, tmp_path, MONDAY, client).answer(Request("transfer", CALL, "desk", request_id="call_1"))

    assert answer["status"] == "moved"
    assert table.read(CALL).attempts[0].status == "claimed"
