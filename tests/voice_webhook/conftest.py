"""The real handler behind API Gateway's events, signed by Twilio's own library; moto for DynamoDB and the secret.

The transfer function is reached as in AWS, by Lambda's Invoke over HTTP on loopback; `Invoked` answers there.
"""

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlencode
from xml.etree import ElementTree

import boto3
import jwt
import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext
from moto import mock_aws
from twilio.request_validator import RequestValidator

import voice_webhook
from call_record import CallTable

CALL = "CA" + "1" * 32
TOKEN = "a" * 32
STREAM_SECRET = "b" * 32
DOMAIN = "abc123.execute-api.us-east-1.amazonaws.com"
ORIGIN = f"https://{DOMAIN}"
FORM = {
    "CallSid": CALL,
    "AccountSid": "AC" + "0" * 32,
    "From": "+15550100001",
    "To": "+15550100000",
    "CallStatus": "in-progress",
    "Direction": "inbound",
    "CallerName": "",
}


class Context(LambdaContext):
    """What Lambda gives a handler beside the event."""

    def __init__(self, function_name: str) -> None:
        self._function_name = function_name
        self._memory_limit_in_mb = 512
        self._invoked_function_arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function_name}"
        self._aws_request_id = "00000000-0000-0000-0000-000000000000"


def event(url_path: str, form: Mapping[str, str], *, stage: str = "$default") -> dict[str, Any]:
    """API Gateway's event (payload format 2.0) for a form that Twilio posts and signs."""
    path, _, query = url_path.partition("?")
    prefix = "" if stage == "$default" else f"/{stage}"
    signature = RequestValidator(TOKEN).compute_signature(f"{ORIGIN}{prefix}{url_path}", dict(form))
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
class Invoked:
    """The transfer function behind Lambda's Invoke API."""

    answer: object = None
    """What it answers; None: Lambda itself fails with a 500."""
    requests: list[dict[str, Any]] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(invoked: Invoked) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/2015-03-31/functions/transfer/invocations"
            invoked.requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            data = json.dumps({"Message": "No."} if invoked.answer is None else invoked.answer).encode()
            self.send_response(500 if invoked.answer is None else 200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (http.server's name)
            pass

    return Handler


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """All log records with everything that was added to them."""
    return "\n".join(str(record.__dict__) for record in caplog.records)


@pytest.fixture
def transfer() -> Iterator[Invoked]:
    with Invoked({"status": "twiml", "twiml": "<Response><Dial>person</Dial></Response>"}) as invoked:
        yield invoked


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, transfer: Invoked) -> Iterator[None]:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL_LAMBDA": transfer.url,
        "SECRET_ID": "warmline",
        "CALLS_TABLE": "calls",
        "STREAM_URL": "wss://stream.example.com/media-stream",
        "TRANSFER_FUNCTION": "transfer",
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
        secret = {"TWILIO_AUTH_TOKEN": TOKEN, "STREAM_TOKEN_SECRET": STREAM_SECRET}
        boto3.client("secretsmanager").create_secret(Name="warmline", SecretString=json.dumps(secret))
        yield
    for cached in (voice_webhook.settings, voice_webhook.secrets, voice_webhook.webhooks):
        cached.cache_clear()


@pytest.fixture
def table(aws: None) -> CallTable:  # noqa: ARG001 (the table lives in it)
    return CallTable(boto3.client("dynamodb"), "calls")


@pytest.fixture
def no_database(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 (after it)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
