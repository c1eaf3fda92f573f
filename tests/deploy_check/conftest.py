"""The function as CloudFormation invokes it: secrets by moto; IAM, stacks and the transfer function on loopback."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

import boto3
import pytest
from moto import mock_aws

import custom_resource
import deploy_check
from sandbox.http_stand_in import HttpStandIn, Request, Response
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
class Aws(HttpStandIn):
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
    own_numbers: list[str] | None = None
    """What the function was told of the account's numbers."""

    def find_refusal(self, action: str) -> tuple[int, str, str] | None:
        self.refused_times -= action in self.refused
        return self.refused.get(action) if self.refused_times >= 0 else None

    def respond(self, request: Request) -> Response:
        if "/invocations" in request.target:
            return self._invoke(request.body)
        if target := request.headers.get("X-Amz-Target"):
            status, code, message = self.refused[target.partition(".")[2]]
            return Response(status, json.dumps({"__type": code, "message": message}).encode())
        (action,) = parse_qs(request.body.decode())["Action"]
        self.asked.append(action)
        refusal = self.find_refusal(action)
        return _make_error(*refusal) if refusal else self._answer(action)

    def _invoke(self, body: bytes) -> Response:
        self.asked.append("Invoke")
        if refusal := self.find_refusal("Invoke"):
            status, code, message = refusal
            return Response(status, json.dumps({"Message": message}).encode(), {"x-amzn-ErrorType": code})
        question = json.loads(body)
        assert question.pop("action") == "destinations"
        self.own_numbers = question.pop("own_numbers", None)
        assert not question
        said = {"X-Amz-Function-Error": self.function_error} if self.function_error else {}
        return Response(200, self.function, said)

    def _answer(self, action: str) -> Response:
        """In XML: the Query protocol."""
        match action:
            case "GetRole" if self.role and self.shown_after <= 0:
                return _make_result(action, ROLE)
            case "GetRole":
                self.shown_after -= self.role
                return _make_error(404, "NoSuchEntity", "The role with name AWSServiceRoleForECS cannot be found.")
            case "CreateServiceLinkedRole" if self.role or self.made_meanwhile:
                self.role = True
                taken = "Service role name AWSServiceRoleForECS has been taken in this account"
                return _make_error(400, "InvalidInput", f"{taken}, please try a different suffix.")
            case "CreateServiceLinkedRole":
                self.role = True
                return _make_result(action, ROLE)
            case "DescribeStacks":
                named = f"<StackName>warmline</StackName><StackStatus>{self.stack}</StackStatus>"
                member = f"<member>{named}<CreationTime>2026-11-22T00:00:00Z</CreationTime></member>"
                return _make_result(action, f"<Stacks>{member}</Stacks>")
        raise AssertionError(action)


def _make_result(action: str, xml: str) -> Response:
    return Response(200, f"<{action}Response><{action}Result>{xml}</{action}Result></{action}Response>".encode())


def _make_error(status: int, code: str, message: str) -> Response:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return Response(status, f"<ErrorResponse>{error}<RequestId>0</RequestId></ErrorResponse>".encode())


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
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", aws.origin)
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


def make_late_request(resource: str, properties: dict[str, object]) -> custom_resource.Request:
    """A request whose time is over: what is refused is not asked for again."""
    return custom_resource.Request(f"Custom::{resource}", resource, STACK, "request", properties, until=0.0)
