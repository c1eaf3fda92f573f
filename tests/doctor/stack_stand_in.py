"""A stand-in for CloudFormation that has one stack, which may be deleted.

https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html: a stack that is protected is
refused; what is deleted is known by its id only; while it is being changed, nothing but the end can be seen.
"""

from dataclasses import dataclass, field
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from sandbox.http_stand_in import HttpStandIn, Request, Response

STACK_ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/warmline/0a1b"


@dataclass
class StackStandIn(HttpStandIn):
    status: str = ""
    """Empty: there is none."""
    reason: str = ""
    description: str = "Warmline, an AI phone agent that runs in your own AWS account."
    protected: bool = False
    denied: bool = False
    """Its owner may look at it, but not delete it."""
    parameters: dict[str, str] = field(default_factory=lambda: {"TwilioSecret": "warmline/twilio"})
    target_groups: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def respond(self, request: Request) -> Response:
        asked = {name: value for name, (value,) in parse_qs(request.body.decode()).items()}
        action = asked["Action"]
        self.asked.append(action)
        named = asked["StackName"] == STACK_ID or (
            asked["StackName"] == "warmline" and self.status not in ("", "DELETE_COMPLETE")
        )
        if not named:
            return _make_error(400, "ValidationError", f"Stack with id {asked['StackName']} does not exist")
        match action:
            case "DescribeStacks":
                return _make_result(action, f"<Stacks><member>{self._describe()}</member></Stacks>")
            case "ListStackResources":
                listed = "".join(f"<member>{_describe_group(arn)}</member>" for arn in self.target_groups)
                return _make_result(action, f"<StackResourceSummaries>{listed}</StackResourceSummaries>")
            case "DeleteStack" if self.denied:
                return _make_error(403, "AccessDenied", "User is not authorized to perform: DeleteStack")
            case "DeleteStack" if self.protected:
                return _make_error(400, "ValidationError", "Stack [warmline] cannot be deleted while it is protected")
            case "DeleteStack":
                self.status = "DELETE_COMPLETE"
                return _make_result(action, "")
        raise AssertionError(action)

    def _describe(self) -> str:
        parameters = "".join(
            f"<member><ParameterKey>{name}</ParameterKey><ParameterValue>{escape(value)}</ParameterValue></member>"
            for name, value in self.parameters.items()
        )
        texts = {
            "StackName": "warmline",
            "StackId": STACK_ID,
            "StackStatus": self.status,
            "StackStatusReason": self.reason,
            "Description": self.description,
            "CreationTime": "2026-11-22T00:00:00Z",
            "EnableTerminationProtection": str(self.protected).lower(),
        }
        described = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in texts.items() if text)
        return f"{described}<Parameters>{parameters}</Parameters>"


def _describe_group(arn: str) -> str:
    texts = {
        "LogicalResourceId": "TargetGroup",
        "PhysicalResourceId": arn,
        "ResourceType": "AWS::ElasticLoadBalancingV2::TargetGroup",
        "ResourceStatus": "CREATE_COMPLETE",
        "LastUpdatedTimestamp": "2026-11-22T00:00:00Z",
    }
    return "".join(f"<{name}>{text}</{name}>" for name, text in texts.items())


def _make_result(action: str, xml: str) -> Response:
    return Response(200, f"<{action}Response><{action}Result>{xml}</{action}Result></{action}Response>".encode())


def _make_error(status: int, code: str, message: str) -> Response:
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return Response(status, f"<ErrorResponse>{error}<RequestId>0</RequestId></ErrorResponse>".encode())
