"""The real handler, with DynamoDB and Secrets Manager by moto and Twilio's REST API on loopback."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws

import transfer
from call_record import CallTable
from tests.transfer.twilio_rest import ACCOUNT, PASSWORD, TwilioRest

CALL = "CA" + "1" * 32

type Invoke = Callable[[object], dict[str, Any]]


class Context(LambdaContext):
    """What Lambda gives a handler beside the event."""

    def __init__(self, function_name: str) -> None:
        self._function_name = function_name
        self._memory_limit_in_mb = 512
        self._invoked_function_arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function_name}"
        self._aws_request_id = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def rest() -> Iterator[TwilioRest]:
    with TwilioRest(calls={CALL: "in-progress"}) as rest:
        yield rest


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, rest: TwilioRest) -> Iterator[None]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "SECRET_ID": "warmline",
        "CALLS_TABLE": "calls",
        "VOICE_URL": "https://voice.example.com",
        "TWILIO_API_URL": rest.url,
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        boto3.client("dynamodb").create_table(
            TableName="calls",
            KeySchema=[
                {"AttributeName": "call_sid", "KeyType": "HASH"},
                {"AttributeName": "item", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "call_sid", "AttributeType": "S"},
                {"AttributeName": "item", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        secret = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": PASSWORD}
        boto3.client("secretsmanager").create_secret(Name="warmline", SecretString=json.dumps(secret))
        yield
    transfer.transfers.cache_clear()
    transfer.twilio_calls.cache_clear()


@pytest.fixture
def table(aws: None) -> CallTable:  # noqa: ARG001 (the table lives in it)
    return CallTable(boto3.client("dynamodb"), "calls")


@pytest.fixture
def invoke(aws: None) -> Invoke:  # noqa: ARG001 (the function lives in it)
    def invoke(event: object) -> dict[str, Any]:
        # Through JSON both ways, as Lambda does it.
        answer = transfer.lambda_handler(json.loads(json.dumps(event)), Context("transfer"))
        decoded: dict[str, Any] = json.loads(json.dumps(answer))
        return decoded

    return invoke
