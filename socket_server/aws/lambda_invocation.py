"""Invokes a Lambda function while a caller waits. There is one time limit for all attempts.

If a request fails at once (a closed connection, a throttled or failing service), it is repeated at once. A request that
took long is not repeated, because a caller waits. So the function must be safe to invoke twice.
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
"""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, ConnectionClosedError, ConnectTimeoutError, ResponseStreamingError
from botocore.exceptions import ConnectionError as NoConnectionError
from msgspec import DecodeError, Struct
from msgspec.json import decode

from socket_server.core.errors import FunctionFailedError

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

PAUSES_S = (0.05, 0.2, 0.5, 1.0)
"""Before each of the next attempts."""
ERROR_CHARACTERS = 300

log = logging.getLogger(__name__)


class _Error(Struct, rename="camel"):
    """Lambda's answer for a function that raised, was killed or could not start."""

    error_type: str = "?"
    error_message: str = ""


def invoke(client: "LambdaClient", name: str, request: dict[str, object], until: float) -> bytes:
    """The answer, as JSON. After `until`, on the monotonic clock, no attempt is begun.

    Raises the client's exceptions, TimeoutError if the time is over before the first attempt, and FunctionFailedError,
    whose message has no words of the request.
    """
    if time.monotonic() >= until:
        raise TimeoutError("no time was left to invoke the function")
    for pause_s in PAUSES_S:
        try:
            return _invoke(client, name, request)
        except Exception as error:
            if not _came_at_once(error) or time.monotonic() + pause_s >= until:
                raise
            log.warning("%s is asked again: %s: %s", name, type(error).__name__, error)
        time.sleep(pause_s)
    return _invoke(client, name, request)


def _invoke(client: "LambdaClient", name: str, request: dict[str, object]) -> bytes:
    answer = client.invoke(FunctionName=name, Payload=json.dumps(request).encode())
    payload = answer["Payload"].read()
    if answer.get("FunctionError"):
        raise FunctionFailedError(_describe(payload, request))
    return payload


def _came_at_once(error: Exception) -> bool:
    """Whether the failure came at once, without a wait."""
    if isinstance(error, ClientError):
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return status == 429 or status >= 500
    lost = isinstance(error, NoConnectionError | ConnectionClosedError | ResponseStreamingError)
    return lost and not isinstance(error, ConnectTimeoutError)


def _describe(payload: bytes, request: dict[str, object]) -> str:
    """The error's message without the caller's words, which these fields may contain."""
    error = _Error()
    with suppress(DecodeError):  # anything else: a function may write what it likes
        error = decode(payload, type=_Error)
    message = error.error_message
    for words in filter(None, map(request.get, ("reason", "summary", "destination"))):
        for form in _list_forms(str(words)):
            message = message.replace(form, "…")
    return f"{error.error_type}: {message}"[:ERROR_CHARACTERS]


def _list_forms(words: str) -> Iterator[str]:
    """How an error message may quote them."""
    yield words
    yield repr(words)[1:-1]
    yield json.dumps(words)[1:-1]
