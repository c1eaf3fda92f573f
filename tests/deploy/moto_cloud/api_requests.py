"""Turns the properties of a resource into a request of the service's API, as CloudFormation's handlers do.

Nearly every property has the name of the API's parameter, but for its first letter, and the SDK's model says of which
type it is: what the model does not know cannot be sent.
"""

import json
from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from tests.deploy.moto_cloud.intrinsics import Node, TemplateError


def to_api_request(shape: Shape | None, node: Node, where: str) -> Any:
    """The value in the API's spelling. Raises `TemplateError` naming the property that the API does not know."""
    match shape:
        case StructureShape():
            if not isinstance(node, Mapping):
                raise TemplateError(f"{where}: expected an object, got {json.dumps(node)}")
            return dict(_to_member(shape, name, value, where) for name, value in node.items())
        case ListShape():
            if not isinstance(node, list):
                raise TemplateError(f"{where}: expected a list, got {json.dumps(node)}")
            return [to_api_request(shape.member, one, f"{where}[]") for one in node]
        case MapShape():
            pairs = {one["Key"]: one["Value"] for one in node} if isinstance(node, list) else node
            return {key: to_api_request(shape.value, value, f"{where}.{key}") for key, value in pairs.items()}
    return _to_plain(shape, node, where)


def _to_member(shape: StructureShape, name: str, value: Node, where: str) -> tuple[str, Any]:
    for known, member in shape.members.items():
        if known.lower() == name.lower():
            return known, to_api_request(member, value, f"{where}.{name}")
    raise TemplateError(f"{where}: Encountered unsupported property {name}")


def _to_plain(shape: Shape | None, node: Node, where: str) -> Any:
    assert shape is not None, "an operation that takes properties has an input"
    match shape.type_name:
        case "integer" | "long":
            return int(node)
        case "double" | "float":
            return float(node)
        case "boolean":
            if str(node).lower() not in ("true", "false"):
                raise TemplateError(f"{where}: expected true or false, got {node!r}")
            return str(node).lower() == "true"
        case "blob":
            return str(node).encode()
    return json.dumps(node) if isinstance(node, (dict, list)) else str(node)
