"""What AWS tells about an installation: its stack, its service, the health of its containers, Lambda's quota.

CloudFormation's DescribeStacks, ECS' DescribeServices, Elastic Load Balancing's DescribeTargetHealth, Lambda's
GetAccountSettings, in the shapes of their API references, and nothing else of these services. The state is plain data
that a test may change.
"""

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.aws.query_protocol import answer_in_xml, refuse_in_xml

SETTINGS_PATH = "/2016-08-19/account-settings"


@dataclass(slots=True)
class Stack:
    status: str = "CREATE_COMPLETE"
    outputs: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Service:
    """An ECS service and the target group of its load balancer."""

    desired: int = 1
    running: int = 1
    rollout: str = "COMPLETED"
    events: list[str] = field(default_factory=list)
    """The newest first."""
    health: list[str] = field(default_factory=lambda: ["healthy"])
    """State of each target."""


class Management:
    def __init__(self) -> None:
        self.stacks: dict[str, Stack] = {}
        self.services: dict[str, Service] = {}
        self.concurrent_executions = 1000
        self.denied: set[str] = set()
        """Operations that the user may not do."""

    def answer_query(self, form: dict[str, str]) -> Response:
        """CloudFormation and Elastic Load Balancing."""
        action = form.get("Action", "")
        if action in self.denied:
            return refuse_in_xml(403, "AccessDenied", f"User is not authorized to perform: {action}")
        match action:
            case "DescribeStacks":
                name = form.get("StackName", "")
                if name not in self.stacks:
                    return refuse_in_xml(400, "ValidationError", f"Stack with id {name} does not exist")
                return answer_in_xml(action, _describe_stack(name, self.stacks[name]))
            case "DescribeTargetHealth":
                service = self.services[form["TargetGroupArn"].rpartition("/")[2]]
                members = "".join(_describe_target(number, state) for number, state in enumerate(service.health))
                return answer_in_xml(action, f"<TargetHealthDescriptions>{members}</TargetHealthDescriptions>")
            case _:
                return refuse_in_xml(400, "InvalidAction", f"The sandbox's cloud does not know {action!r}")

    async def answer_ecs(self, request: Request) -> Response:
        operation = request.headers["x-amz-target"].partition(".")[2]
        if operation in self.denied:
            return _refuse("AccessDeniedException", f"User is not authorized to perform: ecs:{operation}")
        if operation != "DescribeServices":
            return _refuse("UnknownOperationException", f"The sandbox's cloud does not know ECS' {operation!r}")
        asked = msgspec.json.decode(await request.body(), type=dict[str, object])
        if asked.get("cluster") not in self.services:
            return _refuse("ClusterNotFoundException", "Cluster not found.")
        names = asked.get("services")
        assert isinstance(names, list)
        found = [_describe_service(name, self.services[name]) for name in names if name in self.services]
        return JSONResponse({"services": found, "failures": []}, media_type="application/x-amz-json-1.1")

    async def answer_account_settings(self, _: Request) -> Response:
        if "GetAccountSettings" in self.denied:
            return _refuse("AccessDeniedException", "User is not authorized to perform: lambda:GetAccountSettings")
        limit = {"ConcurrentExecutions": self.concurrent_executions}
        return JSONResponse({"AccountLimit": limit, "AccountUsage": {"FunctionCount": 2}})


def _describe_stack(name: str, stack: Stack) -> str:
    outputs = "".join(
        f"<member><OutputKey>{escape(key)}</OutputKey><OutputValue>{escape(value)}</OutputValue></member>"
        for key, value in stack.outputs.items()
    )
    parameters = "".join(
        f"<member><ParameterKey>{escape(key)}</ParameterKey><ParameterValue>{escape(value)}</ParameterValue></member>"
        for key, value in stack.parameters.items()
    )
    return (
        f"<Stacks><member><StackName>{escape(name)}</StackName><CreationTime>2026-11-22T08:00:00Z</CreationTime>"
        f"<StackStatus>{stack.status}</StackStatus><Outputs>{outputs}</Outputs>"
        f"<Parameters>{parameters}</Parameters></member></Stacks>"
    )


def _describe_target(number: int, state: str) -> str:
    health = f"<State>{state}</State>" + (
        "" if state == "healthy" else "<Description>Health checks failed</Description>"
    )
    return f"<member><Target><Id>10.0.0.{number}</Id></Target><TargetHealth>{health}</TargetHealth></member>"


def _describe_service(name: str, service: Service) -> dict[str, object]:
    return {
        "serviceName": name,
        "status": "ACTIVE",
        "desiredCount": service.desired,
        "runningCount": service.running,
        "pendingCount": 0,
        "deployments": [{"status": "PRIMARY", "rolloutState": service.rollout}],
        "events": [{"id": str(number), "message": message} for number, message in enumerate(service.events)],
        "loadBalancers": [{"targetGroupArn": f"arn:aws:elasticloadbalancing:targetgroup/{name}"}],
    }


def _refuse(kind: str, message: str) -> Response:
    headers = {"x-amzn-errortype": kind}
    body = {"__type": kind, "message": message}
    return JSONResponse(body, 403 if "Denied" in kind else 400, headers, media_type="application/x-amz-json-1.1")
