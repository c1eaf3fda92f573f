"""Stand-ins of DynamoDB, Secrets Manager and Twilio's REST API that answer at once, for functions under measurement.

They remember nothing: a write succeeds and gives back what it wrote, a read finds nothing. They serve from threads of
this process, so what they take is no part of a function's processor time; it is a part of its wall time.
"""

import json
import time
from collections.abc import Mapping
from typing import Any

from sandbox.http_stand_in import HttpStandIn, Request, Response


class InstantServices(HttpStandIn):
    """All of them on one port of loopback."""

    def __init__(self, secret: Mapping[str, str]) -> None:
        self.took_ms = 0.0
        """What they took to answer; set it to 0 before what is to be measured."""
        self._secret = json.dumps(secret)

    @property
    def environment(self) -> dict[str, str]:
        """Settings with which a function finds them."""
        services = ("DYNAMODB", "SECRETS_MANAGER", "LAMBDA")
        keys = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
        return keys | {f"AWS_ENDPOINT_URL_{name}": self.origin for name in services} | {"TWILIO_API_URL": self.origin}

    def response(self, request: Request) -> Response:
        began = time.perf_counter()
        operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        data = json.dumps(self._answer(operation, request.body)).encode()
        self.took_ms += (time.perf_counter() - began) * 1000
        return Response(200, data, {"Content-Type": "application/x-amz-json-1.0"})

    def _answer(self, operation: str, body: bytes) -> dict[str, Any]:
        """To an operation of AWS ("UpdateItem"), or of Twilio (empty), which only updates calls."""
        match operation:
            case "GetSecretValue":
                return {"ARN": "arn:aws:secretsmanager:us-east-1:0:secret:w", "SecretString": self._secret}
            case "Query":
                return {"Items": [], "Count": 0, "ScannedCount": 0}
            case "UpdateItem":
                asked = json.loads(body)
                values = asked["ExpressionAttributeValues"]
                return {"Attributes": asked["Key"] | {name.lstrip(":"): value for name, value in values.items()}}
            case "PutItem":
                return {}
            case "":
                return {"sid": "CA" + "0" * 32, "status": "in-progress"}
        raise AssertionError(f"no function under measurement asks for {operation}")
