"""AWS's wire formats on a real HTTP connection, by botocore's own models: what breaks a model is refused.

CodeBuild is spoken to in CBOR, ECR and Logs in JSON, Lambda in REST; botocore chooses. What it checks before it sends
anything (names, types) cannot arrive wrong, so this looks at the rest: lengths, patterns, lists of values.
"""

import json
import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import botocore.session
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.validate import validate_parameters

from sandbox.http_stand_in import HttpStandIn, Request, Response

_MODELS = {
    model.metadata.get("targetPrefix", name): model
    for name in ("codebuild", "ecr", "lambda", "logs")
    for model in [botocore.session.get_session().get_service_model(name)]
}
_CBOR = "smithy-rpc-v2-cbor"


class Refusal(Exception):  # noqa: N818 (it is AWS that refuses; nothing is wrong with the server)
    """What AWS answers instead: a status, a code, a message."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


class Wire(HttpStandIn):
    """Answers every request by `operation(name, parameters)`, which returns the output or raises Refusal."""

    def __init__(self, operation: Callable[[str, dict[str, Any]], dict[str, Any]]) -> None:
        self._operation = operation

    def respond(self, request: Request) -> Response:
        model, name, cbor, parameters = _read_request(request)
        operation = model.operation_model(name)
        try:
            _obey(operation.input_shape, parameters, name)
            output = self._operation(name, parameters)
        except Refusal as refusal:
            error = {"__type": refusal.code, "message": refusal.message}
            body = _map(error) if cbor else json.dumps(error).encode()
            return Response(refusal.status, body, {"x-amzn-ErrorType": refusal.code})
        validate_parameters(output, operation.output_shape)
        if cbor:
            return Response(200, _encode(output, operation), {"smithy-protocol": "rpc-v2-cbor"})
        return Response(200, json.dumps(output).encode())


def _read_request(request: Request) -> tuple[Any, str, bool, dict[str, Any]]:
    """Model of the service, name of the operation, whether it is CBOR, parameters."""
    if match := re.fullmatch(r"/service/(\w+)/operation/(\w+)", request.target):
        model, name = _MODELS[match[1]], match[2]
        response = {"body": request.body, "headers": {}, "status_code": 200}
        shape: Any = model.operation_model(name).input_shape
        decoded = create_parser(_CBOR).parse(response, shape)
        return model, name, True, {key: value for key, value in decoded.items() if key != "ResponseMetadata"}
    if target := request.headers.get("X-Amz-Target"):
        prefix, _, name = target.partition(".")
        return _MODELS[prefix], name, False, json.loads(request.body)
    url = urlsplit(request.target)
    query = {key: values[0] for key, values in parse_qs(url.query).items()}
    assert (url.path, query.pop("find")) == ("/2018-10-31/layers", "LayerVersion"), request.target
    return _MODELS["lambda"], "GetLayerVersionByArn", False, query


def _encode(output: dict[str, Any], operation: Any) -> bytes:
    """botocore writes requests alone; an answer is written as a request that has its shape."""
    answer: Any = SimpleNamespace(
        name=operation.name,
        service_model=operation.service_model,
        input_shape=operation.output_shape,
        endpoint=None,
        has_event_stream_input=False,
        has_event_stream_output=False,
    )
    body: bytes = create_serializer(_CBOR, include_validation=False).serialize_to_request(output, answer)["body"]
    return body


def _map(texts: Mapping[str, str]) -> bytes:
    """A map of texts in CBOR (RFC 8949), which an error is: no model knows `__type`."""
    body = bytes([0xA0 + len(texts)])
    for text in (part for pair in texts.items() for part in pair):
        written = text.encode()
        body += b"\x79" + len(written).to_bytes(2, "big") + written
    return body


def _obey(shape: Any, value: Any, name: str) -> None:
    """What the service checks of a value beyond its type."""
    match shape.type_name:
        case "structure":
            for key, part in value.items():
                _obey(shape.members[key], part, key)
        case "list":
            _check_size(shape, len(value), name)
            for part in value:
                _obey(shape.member, part, name)
        case "string":
            _check_size(shape, len(value), name)
            if (pattern := shape.metadata.get("pattern")) and not re.fullmatch(pattern, value):
                raise Refusal("ValidationException", f"{name}: {value!r} does not match {pattern}")
            if shape.enum and value not in shape.enum:
                raise Refusal("ValidationException", f"{name}: {value!r} is none of {shape.enum}")
        case "integer" | "long":
            _check_size(shape, value, name)


def _check_size(shape: Any, size: int, name: str) -> None:
    least, most = shape.metadata.get("min", size), shape.metadata.get("max", size)
    if not least <= size <= most:
        raise Refusal("ValidationException", f"{name}: expected {least} to {most}, got {size}")
