"""Stand-ins for DynamoDB, Secrets Manager and Twilio's REST API that answer at once, for functions that are measured.

They store nothing: a write succeeds and returns what it wrote, a read finds nothing. They run in threads of this
process, so their time is not part of a function's processor time, but it is part of its wall time.
"""

import json
import time
from collections.abc import Mapping
from typing import Any

from sandbox.http_stand_in import HttpStandIn, Request, Response


class InstantServices(HttpStandIn):
    """All of them on one port of loopback."""

    def __init__(self, secret: Mapping[str, str]) -> None:
        self.busy_ms = 0.0
        """The time that the answers took. Set it to 0 before a measurement."""
        self._secret = json.dumps(secret)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with which a function reaches them."""
        services = ("DYNAMODB", "SECRETS_MANAGER", "LAMBDA")
        keys = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
        return keys | {f"AWS_ENDPOINT_URL_{name}": self.origin for name in services} | {"TWILIO_API_URL": self.origin}

    def respond(self, request: Request) -> Response:
        began = time.perf_counter()
        operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        data = json.dumps(self._answer(operation, request.body)).encode()
        self.busy_ms += (time.perf_counter() - began) * 1000
        return Response(200, data, {"Content-Type": "application/x-amz-json-1.0"})

    def _answer(self, operation: str, body: bytes) -> dict[str, Any]:
        """The answer to an operation of AWS ("UpdateItem"), or of Twilio (""), which only updates calls."""
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
