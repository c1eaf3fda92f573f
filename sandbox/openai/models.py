"""Which models there are: `GET /v1/models/{model}`, over the socket that streams use.

https://platform.openai.com/docs/api-reference/models/retrieve. `shutdown_date` is a day, null where none is announced,
or missing from an answer of the older form. What is served here says nothing of which name a session may ask for.
"""

import http
import json
from collections.abc import Mapping
from typing import Literal

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Response

MODELS = "/v1/models/"
SERVED = ("gpt-realtime-2.1", "gpt-realtime-2.1-mini", "gpt-realtime", "gpt-live-transcribe", "whisper-1")

type Served = str | Literal[False] | None
"""The day of its end; None: not announced; False: the answer does not speak of it."""


def describe_model(connection: ServerConnection, models: Mapping[str, Served], name: str) -> Response:
    """The answer about one model."""
    if name not in models:
        message = f"The model '{name}' does not exist or you do not have access to it."
        error = {"message": message, "type": "invalid_request_error", "param": "model", "code": "model_not_found"}
        return _respond_json(connection, http.HTTPStatus.NOT_FOUND, {"error": error})
    body: dict[str, object] = {"id": name, "object": "model", "created": 1_760_000_000, "owned_by": "system"}
    ends = models[name]
    return _respond_json(connection, http.HTTPStatus.OK, body if ends is False else body | {"shutdown_date": ends})


def _respond_json(connection: ServerConnection, status: http.HTTPStatus, body: object) -> Response:
    response = connection.respond(status, json.dumps(body))
    del response.headers["Content-Type"]
    response.headers["Content-Type"] = "application/json"
    return response
