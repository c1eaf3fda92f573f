"""The real handler behind API Gateway's events, signed by Twilio's own library; moto for DynamoDB and the secret.

The transfer function is reached as in AWS, by Lambda's Invoke over HTTP on loopback; `Invoked` answers there.
"""

import base64
import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import boto3
import jwt
import pytest
from twilio.request_validator import RequestValidator

import voice_webhook
from call_record import Attempt, CallTable
from sandbox.http_stand_in import HttpStandIn, Request, Response
from tests.lambdas import TABLE, Context, empty_table, install

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CALL = "CA" + "1" * 32
TOKEN = "a" * 32
STREAM_SECRET = "b" * 32
SECRET = {"TWILIO_AUTH_TOKEN": TOKEN, "STREAM_TOKEN_SECRET": STREAM_SECRET}
DOMAIN = "abc123.execute-api.us-east-1.amazonaws.com"
ORIGIN = f"https://{DOMAIN}"
PERSON = "<Response><Dial>person</Dial></Response>"  # what the transfer function has Twilio do
FORM = {
    "CallSid": CALL,
    "AccountSid": "AC" + "0" * 32,
    "From": "+15550100001",
    "To": "+15550100000",
    "CallStatus": "in-progress",
    "Direction": "inbound",
    "CallerName": "",
}


def event(
    url_path: str, form: Mapping[str, str], *, stage: str = "$default", token: str = TOKEN, base: str = ORIGIN
) -> dict[str, Any]:
    """API Gateway's event (payload format 2.0) for a form that Twilio posts to this base, and signs."""
    path, _, query = url_path.partition("?")
    prefix = "" if stage == "$default" else f"/{stage}"
    signature = RequestValidator(token).compute_signature(f"{base}{prefix}{url_path}", dict(form))
    return {
        "version": "2.0",
        "routeKey": f"POST {path}",
        "rawPath": prefix + path,
        "rawQueryString": query,
        "queryStringParameters": dict(pair.split("=") for pair in query.split("&") if pair),
        "headers": {
            "content-type": "application/x-www-form-urlencoded; charset=utf-8",
            "host": DOMAIN,
            "x-twilio-signature": signature,
        },
        "requestContext": {
            "domainName": DOMAIN,
            "http": {"method": "POST", "path": prefix + path, "sourceIp": "192.0.2.1"},
            "stage": stage,
        },
        "body": base64.b64encode(urlencode(form).encode()).decode(),
        "isBase64Encoded": True,
    }


@dataclass(frozen=True)
class Answer:
    status: int
    body: str

    @property
    def xml(self) -> ElementTree.Element:
        return ElementTree.fromstring(self.body)  # noqa: S314 (our own)

    @property
    def verbs(self) -> list[str]:
        return [verb.tag for verb in self.xml]

    @property
    def token(self) -> dict[str, Any]:
        """The claims of the document's stream token, verified."""
        (parameter,) = self.xml.iter("Parameter")
        claims: dict[str, Any] = jwt.decode(
            parameter.get("value", ""), STREAM_SECRET, algorithms=["HS256"], audience="media-stream"
        )
        return claims


def ask(url_path: str, form: Mapping[str, str] | None = None, **changes: str) -> Answer:
    """Post to the function as Twilio does."""
    return answer(event(url_path, {**FORM, **(form or {}), **changes}))


def answer(event: dict[str, Any]) -> Answer:
    response = voice_webhook.lambda_handler(event, Context("voice_webhook"))
    return Answer(int(str(response["statusCode"])), str(response["body"]))


@dataclass
class Invoked(HttpStandIn):
    """The transfer function behind Lambda's Invoke API."""

    answer: object = None
    """What it answers; None: Lambda itself fails with a 500."""
    answers: list[object] = field(default_factory=list)
    """What it answers before, one after the other."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    """What it was told without being waited for."""
    takes_notices: bool = True

    def respond(self, request: Request) -> Response:
        assert request.target == "/2015-03-31/functions/transfer/invocations"
        if request.headers.get("x-amz-invocation-type") == "Event":
            self.notices.append(json.loads(request.body))
            return Response(202 if self.takes_notices else 500, b"")
        self.requests.append(json.loads(request.body))
        answer = self.answers.pop(0) if self.answers else self.answer
        if answer is None:
            return Response(500, b'{"Message": "No."}')
        return Response(200, json.dumps(answer).encode())


def read_last_attempt(table: CallTable) -> Attempt:
    return table.read(CALL).attempts[-1]


def read_log(caplog: pytest.LogCaptureFixture) -> str:
    """All log records with everything that was added to them."""
    return "\n".join(str(record.__dict__) for record in caplog.records)


@pytest.fixture(scope="module")
def invoked() -> Iterator[Invoked]:
    with Invoked() as invoked:
        yield invoked


@pytest.fixture(scope="module")
def account(invoked: Invoked) -> "Iterator[DynamoDBClient]":
    """The function as it is installed. One for all tests of a file: clients of AWS are slow to make."""
    settings = {
        "AWS_ENDPOINT_URL_LAMBDA": invoked.origin,
        "STREAM_URL": "wss://stream.example.com/media-stream",
        "TRANSFER_FUNCTION": "transfer",
    }
    with install(settings, SECRET) as client:
        yield client
        _forget()


@pytest.fixture
def aws(account: "DynamoDBClient") -> Iterator[None]:
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
def table(account: "DynamoDBClient", aws: None) -> CallTable:  # noqa: ARG001 (empty)
    return CallTable(account, TABLE)


@pytest.fixture
def transfer(invoked: Invoked) -> Invoked:
    """The transfer function, which has a person to ring unless a test says otherwise."""
    invoked.answer = {"status": "twiml", "twiml": PERSON}
    invoked.requests.clear()
    invoked.notices.clear()
    invoked.takes_notices = True
    return invoked


@pytest.fixture
def silent_database(cold: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:  # noqa: ARG001 (before)
    with socket.create_server(("127.0.0.1", 0)) as server:  # takes connections, and answers nothing
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{server.getsockname()[1]}")
        yield


@pytest.fixture
def no_database(cold: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 (before)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")


def _forget() -> None:
    made = (voice_webhook.settings, voice_webhook.secret, voice_webhook.metrics, voice_webhook.table)
    for cached in (*made, voice_webhook.transfer, voice_webhook.leg_webhooks, voice_webhook.webhooks):
        cached.cache_clear()
