"""The function with people of its own, with DynamoDB and Secrets Manager by moto and Twilio's REST API on loopback."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

import transfer
from call_record import CallTable
from tests.lambdas import TABLE, empty_table, install
from tests.twilio_rest_api import ACCOUNT, PASSWORD, TwilioRestApi, run_twilio_rest_api

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DIRECTORY = Path(__file__).with_name("directory.toml")  # the shipped one is there to be changed
CALL = "CA" + "1" * 32
TRANSFER = {
    "action": "transfer",
    "call_sid": CALL,
    "destination": "front_desk",
    "reason": "asked for a person",
    "summary": "The chain of his bicycle is broken.",
    "request_id": "call_1",
}
SECRET = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": PASSWORD}

type Invoke = Callable[[object], dict[str, Any]]


@pytest.fixture(scope="module")
def twilio() -> Iterator[TwilioRestApi]:
    with run_twilio_rest_api() as rest:
        yield rest


@pytest.fixture
def rest(twilio: TwilioRestApi) -> TwilioRestApi:
    """Twilio on a good day, with one live call."""
    twilio.forget()
    twilio.add_call(CALL)
    return twilio


@pytest.fixture(scope="module")
def account(twilio: TwilioRestApi) -> "Iterator[DynamoDBClient]":
    """The function as it is installed. One for all tests of a file: clients of AWS are slow to make."""
    with install({"VOICE_URL": "https://voice.example.com", "TWILIO_API_URL": twilio.origin}, SECRET) as client:
        yield client
        _forget()


@pytest.fixture
def aws(account: "DynamoDBClient", rest: TwilioRestApi) -> Iterator[None]:  # noqa: ARG001 (with a call)
    """The function and an empty table."""
    yield
    empty_table(account)


@pytest.fixture
def cold(aws: None) -> Iterator[None]:  # noqa: ARG001 (inside it)
    """A function that has read nothing yet: for tests that change its settings or its secret."""
    _forget()
    yield
    boto3.client("secretsmanager").put_secret_value(SecretId="warmline", SecretString=json.dumps(SECRET))
    _forget()


@pytest.fixture
def no_database(cold: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 (before)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")


@pytest.fixture
def table(account: "DynamoDBClient", aws: None) -> CallTable:  # noqa: ARG001 (empty)
    return CallTable(account, TABLE)


@pytest.fixture
def invoke(aws: None) -> Invoke:  # noqa: ARG001 (the function lives in it)
    def invoke(event: object) -> dict[str, Any]:
        # Through JSON both ways, as Lambda does it.
        answer = transfer.answer(json.loads(json.dumps(event)), lambda: transfer.transfers(DIRECTORY))
        decoded: dict[str, Any] = json.loads(json.dumps(answer))
        return decoded

    return invoke


def _forget() -> None:
    transfer.transfers.cache_clear()
    transfer.metrics.cache_clear()
    transfer.twilio_calls.cache_clear()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "directory.toml"
