"""Whether the role of a function allows what the function asks of AWS: its policies, by IAM's rules, for our requests.

moto has such a check, for requests that are signed with credentials of its own making; here a function's access key is
its role's name. Only what our functions ask is known; anything else is refused, loudly. No conditions, no denials.
https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from moto.dynamodb.models import dynamodb_backends
from moto.iam.models import Role, iam_backends
from moto.secretsmanager.models import secretsmanager_backends
from werkzeug.wrappers import Request

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/aws4_request")
_INVOCATION = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")


@dataclass(frozen=True, slots=True)
class Permissions:
    account: str
    region: str
    used: set[tuple[str, str]] = field(default_factory=set)
    """Role and action of what was allowed."""
    refused: set[tuple[str, str]] = field(default_factory=set)

    def find_refusal(self, request: Request) -> str | None:
        """Why the request may not be made; None: it may, or it comes from no function."""
        found = _CREDENTIAL.search(request.headers.get("Authorization", ""))
        role = found and self._find_role(found[1])
        if not found or not role:
            return None
        body = request.get_data()
        request.environ["wsgi.input"] = io.BytesIO(body)  # whoever answers reads it too
        action, resource = self._read_request(found[2], request, body)
        for statement in _list_statements(role):
            actions, resources = _to_list(statement["Action"]), _to_list(statement["Resource"])
            if any(_fits(one, action) for one in actions) and any(_fits(one, resource) for one in resources):
                self.used.add((role.name, action))
                return None
        self.refused.add((role.name, action))
        return (
            f"{role.arn} is not authorized to perform: {action} on resource: {resource} "
            "because no identity-based policy allows the action"
        )

    def _read_request(self, service: str, request: Request, body: bytes) -> tuple[str, str]:
        """Action and resource."""
        if service == "lambda":
            return self._read_lambda_request(request)
        target = request.headers.get("X-Amz-Target", "")
        asked: dict[str, Any] = json.loads(body) if target else dict(parse_qsl(body.decode()))
        operation = target.rpartition(".")[2] or asked.get("Action", "")
        match service, operation:
            case "secretsmanager", "GetSecretValue":
                return "secretsmanager:GetSecretValue", self._make_secret_arn(asked["SecretId"])
            case "dynamodb", _:
                return f"dynamodb:{operation}", self._make_table_arn(asked["TableName"])
            case "iam", "GetRole" | "CreateServiceLinkedRole":
                return f"iam:{operation}", self._make_role_arn(asked)
            case "cloudformation", "DescribeStacks":
                return "cloudformation:DescribeStacks", asked["StackName"]
            case "codebuild", "StartBuild":
                return "codebuild:StartBuild", self._make_arn("codebuild", f"project/{asked['projectName']}")
            case "codebuild", "BatchGetBuilds":
                return "codebuild:BatchGetBuilds", self._make_arn(
                    "codebuild", f"project/{asked['ids'][0].partition(':')[0]}"
                )
            case "ecr", "DescribeImages":
                return "ecr:DescribeImages", self._make_arn("ecr", f"repository/{asked['repositoryName']}")
        raise AssertionError(f"{service}:{operation}: say here on which resource it is asked for")

    def _read_lambda_request(self, request: Request) -> tuple[str, str]:
        if request.args.get("find") == "LayerVersion":
            return "lambda:GetLayerVersion", request.args["Arn"]
        found = _INVOCATION.fullmatch(request.path)
        assert found, f"{request.path}: say here which action of Lambda it is"
        name = unquote(found[1])
        return "lambda:InvokeFunction", name if name.startswith("arn:") else self._make_arn(
            "lambda", f"function:{name}"
        )

    def _make_secret_arn(self, secret_id: str) -> str:
        """The ARN has six characters more than the name; of a secret that is not there IAM sees the name alone."""
        secrets = secretsmanager_backends[self.account][self.region].secrets
        if secret_id in secrets:
            return str(secrets[secret_id].arn)
        return secret_id if secret_id.startswith("arn:") else self._make_arn("secretsmanager", f"secret:{secret_id}")

    def _make_table_arn(self, name: str) -> str:
        return str(dynamodb_backends[self.account][self.region].get_table(name).table_arn)

    def _make_role_arn(self, asked: dict[str, Any]) -> str:
        """The path of a role that is not there is not known, so a policy that names it does not fit."""
        if service := asked.get("AWSServiceName"):
            return f"arn:aws:iam::{self.account}:role/aws-service-role/{service}/AWSServiceRoleForECS"
        there = self._find_role(asked["RoleName"])
        return str(there.arn) if there else f"arn:aws:iam::{self.account}:role/{asked['RoleName']}"

    def _find_role(self, name: str) -> Role | None:
        return next((one for one in iam_backends[self.account]["aws"].roles.values() if one.name == name), None)

    def _make_arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


def _list_statements(role: Role) -> Iterator[dict[str, Any]]:
    for document in role.policies.values():
        yield from json.loads(document)["Statement"]


def _to_list(one: str | list[str]) -> list[str]:
    return [one] if isinstance(one, str) else one


def _fits(pattern: str, text: str) -> bool:
    expression = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(expression, text) is not None
