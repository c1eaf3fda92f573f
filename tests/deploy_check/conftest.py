"""The function as CloudFormation invokes it: secrets by moto; IAM, stacks and the transfer function on loopback."""

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import boto3
import pytest
from moto import mock_aws

import deploy_check
from custom_resource import Request
from tests.cloudformation import STACK, CloudFormation, Context
from tests.lambdas import ACCOUNT

TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "a" * 32,
    "STREAM_TOKEN_SECRET": "b" * 43,
}
OPENAI = {"OPENAI_API_KEY": "sk-proj-4-Anna_and_her.friends"}
CANDIDATE = "arn:aws:lambda:us-east-1:000000000000:function:warmline-transfer-candidate:7"

ROLE = """<Role><Path>/aws-service-role/ecs.amazonaws.com/</Path><RoleName>AWSServiceRoleForECS</RoleName>
<RoleId>AROA0000000000000000</RoleId><Arn>arn:aws:iam::000000000000:role/AWSServiceRoleForECS</Arn>
<CreateDate>2026-11-22T00:00:00Z</CreateDate></Role>"""


@dataclass
class Aws:
    """IAM, CloudFormation and Lambda's Invoke, as far as the function asks them."""

    role: bool = True
    shown_after: int = 0
    """So often a new role is not seen yet."""
    made_meanwhile: bool = False
    """Another stack makes the role between our look and our order."""
    stack: str = "UPDATE_IN_PROGRESS"
    refused: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    """Action: status, code and message of the refusal."""
    refused_times: int = 1_000_000
    """So often, for all of them together; then the permission is there."""
    function: bytes = b'{"destinations": [{"name": "office", "description": "Everybody", "open": true}]}'
    function_error: str | None = None
    asked: list[str] = field(default_factory=list)

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

    def refusal(self, action: str) -> tuple[int, str, str] | None:
        self.refused_times -= action in self.refused
        return self.refused.get(action) if self.refused_times >= 0 else None

    def answered(self, action: str) -> tuple[int, str]:
        """Status and XML of the Query protocol."""
        self.asked.append(action)
        if refusal := self.refusal(action):
            return _error(*refusal)
        match action:
            case "GetRole" if self.role and self.shown_after <= 0:
                return _result(action, ROLE)
            case "GetRole":
                self.shown_after -= self.role
                return _error(404, "NoSuchEntity", "The role with name AWSServiceRoleForECS cannot be found.")
            case "CreateServiceLinkedRole" if self.role or self.made_meanwhile:
                self.role = True
                taken = "Service role name AWSServiceRoleForECS has been taken in this account"
                return _error(400, "InvalidInput", f"{taken}, please try a different suffix.")
            case "CreateServiceLinkedRole":
                self.role = True
                return _result(action, ROLE)
            case "DescribeStacks":
                named = f"<StackName>warmline</StackName><StackStatus>{self.stack}</StackStatus>"
                member = f"<member>{named}<CreationTime>2026-11-22T00:00:00Z</CreationTime></member>"
                return _result(action, f"<Stacks>{member}</Stacks>")
        raise AssertionError(action)


def _result(action: str, xml: str) -> tuple[int, str]:
    return 200, f"<{action}Response><{action}Result>{xml}</{action}Result></{action}Response>"


def _error(status: int, code: str, message: str) -> tuple[int, str]:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return status, f"<ErrorResponse>{error}<RequestId>0</RequestId></ErrorResponse>"


def _handler(aws: Aws) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if "/invocations" in self.path:
                self._invoked(body)
                return
            if target := self.headers.get("X-Amz-Target"):
                status, code, message = aws.refused[target.partition(".")[2]]
                self._answer(status, json.dumps({"__type": code, "message": message}).encode())
                return
            (action,) = parse_qs(body.decode())["Action"]
            status, xml = aws.answered(action)
            self._answer(status, xml.encode())

        def _invoked(self, body: bytes) -> None:
            aws.asked.append("Invoke")
            if refusal := aws.refusal("Invoke"):
                status, code, message = refusal
                self._answer(status, json.dumps({"Message": message}).encode(), {"x-amzn-ErrorType": code})
                return
            assert json.loads(body) == {"action": "destinations"}
            said = {"X-Amz-Function-Error": aws.function_error} if aws.function_error else {}
            self._answer(200, aws.function, said)

        def _answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (http.server's name)
            pass

    return Handler


@dataclass(frozen=True)
class Stack:
    """A stack that has the function's two resources."""

    cloudformation: CloudFormation
    aws: Aws

    def check(self, resource: str, kind: str = "Create", left_ms: int = 120_000, **changes: object) -> dict[str, Any]:
        """The answer that CloudFormation gets."""
        properties = {
            "AccountCheck": {"TwilioSecret": "warmline/twilio", "OpenAISecret": "warmline/openai"},
            "DirectoryCheck": {"Function": CANDIDATE},
        }
        event = self.cloudformation.request(kind, resource, {**properties.get(resource, {}), **changes})
        self.cloudformation.answers.clear()
        deploy_check.lambda_handler(event, Context(left_ms))
        return self.cloudformation.answer

    def reason(self, resource: str, left_ms: int = 120_000, **changes: object) -> str:
        """Of a creation that fails."""
        answer = self.check(resource, "Create", left_ms, **changes)
        assert answer["Status"] == "FAILED"
        return str(answer["Reason"])


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    with CloudFormation() as cloudformation, Aws() as aws, mock_aws():
        for name, value in ACCOUNT.items():
            monkeypatch.setenv(name, value)
        for service in ("IAM", "CLOUDFORMATION", "LAMBDA"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", aws.url)
        store("warmline/twilio", TWILIO)
        store("warmline/openai", OPENAI)
        yield Stack(cloudformation, aws)


def store(name: str, secret: object) -> str:
    """Create or replace the secret; returns its ARN."""
    client = boto3.client("secretsmanager")
    text = secret if isinstance(secret, str) else json.dumps(secret)
    try:
        return client.create_secret(Name=name, SecretString=text)["ARN"]
    except client.exceptions.ResourceExistsException:
        return client.put_secret_value(SecretId=name, SecretString=text)["ARN"]


def impatient(resource: str, properties: dict[str, object]) -> Request:
    """A request whose time is over: what is refused is not asked for again."""
    return Request(f"Custom::{resource}", resource, STACK, "request", properties, until=0.0)
