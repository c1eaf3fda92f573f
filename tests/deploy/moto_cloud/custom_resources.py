"""Custom resources: the deployed function is really invoked, and its answer at the ResponseURL is what counts.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html. A function that ends without an answer
would have CloudFormation wait until the ServiceTimeout; here it is a failure at once, which says so.
"""

import json
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.deploy.moto_cloud.intrinsics import Node, TemplateError
from tests.deploy.moto_cloud.kinds import Facts, Place, Properties

RESPONSE_PATH = "/custom-resource-response/"
_MOST_BYTES = 4096  # of an answer


@dataclass(frozen=True, slots=True)
class CustomResources:
    """The kind of every `Custom::…`. `receive` is called by the server when something is put to a ResponseURL."""

    _answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def receive(self, path: str, body: bytes) -> None:
        with self._lock:
            self._answers[path.removeprefix(RESPONSE_PATH)] = _check(body)

    def create(self, place: Place, properties: Properties) -> Facts:
        return self._ask(place, {"RequestType": "Create"}, properties)

    def update(self, place: Place, facts: Facts, old: Properties, properties: Properties) -> Facts:
        more = {"RequestType": "Update", "PhysicalResourceId": facts["id"], "OldResourceProperties": old}
        return self._ask(place, more, properties)

    def delete(self, place: Place, facts: Facts) -> None:
        properties = facts["properties"]
        self._ask(place, {"RequestType": "Delete", "PhysicalResourceId": facts["id"]}, properties)

    def ref(self, place: Place, facts: Facts) -> str:  # noqa: ARG002 (as every kind)
        return str(facts["id"])

    def attribute(self, place: Place, facts: Facts, name: str) -> Node:
        if name not in facts["data"]:
            raise TemplateError(
                f"CustomResource attribute error: Vendor response doesn't contain {name} for {place.logical_id}"
            )
        return facts["data"][name]

    def _ask(self, place: Place, more: dict[str, Any], properties: Properties) -> Facts:
        token, request_id = uuid.uuid4().hex, str(uuid.uuid4())
        event = {
            **more,
            "ResponseURL": f"{place.url}{RESPONSE_PATH}{token}",
            "StackId": place.stack_id,
            "RequestId": request_id,
            "LogicalResourceId": place.logical_id,
            "ResourceType": place.type,
            "ServiceToken": properties["ServiceToken"],
            "ResourceProperties": _to_strings(properties),
        }
        ended = place.client("lambda").invoke(FunctionName=properties["ServiceToken"], Payload=json.dumps(event))
        said = ended["Payload"].read().decode()
        with self._lock:
            answer = self._answers.pop(token, None)
        if answer is None:
            raise TemplateError(f"{place.logical_id}: its function ended without an answer to CloudFormation: {said}")
        _must_repeat(answer, event)
        if answer["Status"] == "FAILED":
            raise TemplateError(
                f"Received response status [FAILED] from custom resource. Message returned: {answer['Reason']}"
            )
        return {"id": answer["PhysicalResourceId"], "data": answer.get("Data", {}), "properties": properties}


def _check(body: bytes) -> dict[str, Any]:
    """What CloudFormation demands of an answer: one that lacks it would be waited for in vain."""
    assert len(body) <= _MOST_BYTES, f"an answer to CloudFormation has at most {_MOST_BYTES} bytes, not {len(body)}"
    answer: dict[str, Any] = json.loads(body)
    for name in ("Status", "PhysicalResourceId", "StackId", "RequestId", "LogicalResourceId"):
        assert isinstance(answer.get(name), str), f"an answer to CloudFormation needs {name}"
        assert answer[name], f"an answer to CloudFormation needs {name}"
    assert answer["Status"] in ("SUCCESS", "FAILED")
    assert answer["Status"] == "SUCCESS" or answer.get("Reason"), "a failure needs a Reason"
    return answer


def _must_repeat(answer: dict[str, Any], event: dict[str, Any]) -> None:
    for name in ("StackId", "RequestId", "LogicalResourceId"):
        assert answer[name] == event[name], f"{name}: expected the request's {event[name]}, got {answer[name]}"


def _to_strings(node: Node) -> Node:
    """CloudFormation hands numbers and booleans over as text."""
    match node:
        case dict():
            return {name: _to_strings(value) for name, value in node.items()}
        case list():
            return [_to_strings(value) for value in node]
        case bool():
            return str(node).lower()
    return str(node)
