"""Lambda's Invoke API of the sandbox's cloud, for unmodified AWS SDKs.

Signatures and permissions are not checked, there are no versions but $LATEST, and no response streams.
https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html. Asynchronous events:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html. Simpler than Lambda: an event that
would be too old at its next try is dropped at once, and a full queue slows nothing down.
"""

import asyncio
import base64
import re
import time
from collections.abc import Mapping

import msgspec
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from sandbox.aws.functions import RunningFunction, TooManyRequestsError

PATH = "/2015-03-31/functions/{name}/invocations"
_PAYLOAD_BYTES = 6 * 1024 * 1024
_LONGEST_THROTTLED_S = 300.0
_EVENT_BYTES = 256 * 1024  # asynchronous; AWS has raised it to 1 MB since
# A name, a partial ARN (account:function:name) or a whole one, each with or without a version.
_NAME = re.compile(
    r"(?:arn:aws:lambda:[a-z0-9-]+:)?(?:\d{12}:)?(?:function:)?(?P<name>[A-Za-z0-9_-]+)(?::(?P<version>[$\w-]+))?"
)


class LambdaApi:
    """Invoke, on these functions."""

    def __init__(self, functions: Mapping[str, RunningFunction]) -> None:
        self._functions = functions

    async def invoke(self, request: Request) -> Response:
        """The answer of Lambda's API to one request."""
        called = request.path_params["name"]
        match = _NAME.fullmatch(called)
        version = request.query_params.get("Qualifier") or (match and match["version"]) or "$LATEST"
        function = self._functions.get(match["name"]) if match and version == "$LATEST" else None
        if function is None:
            return _make_error(404, "ResourceNotFoundException", f"Function not found: {called}")
        event = await request.body() or b"{}"
        most = _EVENT_BYTES if request.headers.get("x-amz-invocation-type") == "Event" else _PAYLOAD_BYTES
        if len(event) > most:
            message = f"Request must be smaller than {most} bytes for the InvokeFunction operation"
            return _make_error(413, "RequestTooLargeException", message)
        try:
            text = event.decode()
            msgspec.json.decode(text)
        except (UnicodeDecodeError, msgspec.DecodeError) as error:
            message = f"Could not parse request body into json: {error}"
            return _make_error(400, "InvalidRequestContentException", message)
        return await _invoke(function, request, text)


async def _invoke(function: RunningFunction, request: Request, event: str) -> Response:
    match request.headers.get("x-amz-invocation-type", "RequestResponse"):
        case "DryRun":
            return Response(status_code=204)
        case "Event":
            return Response(status_code=202, background=BackgroundTask(_invoke_asynchronously, function, event))
        case "RequestResponse":
            pass
        case other:
            return _make_error(400, "InvalidParameterValueException", f"Unknown invocation type: {other}")
    log_before = len(function.log)
    try:
        invocation = await function.invoke(event)
    except TooManyRequestsError:
        return _make_throttled_response()
    headers = {"x-amz-executed-version": "$LATEST", "x-amzn-requestid": invocation.request_id}
    if invocation.outcome.failed:
        headers["x-amz-function-error"] = "Unhandled"
    if request.headers.get("x-amz-log-type") == "Tail":
        log = "\n".join(function.log[log_before:]).encode()
        headers["x-amz-log-result"] = base64.b64encode(log[-4096:]).decode()
    return Response(invocation.outcome.payload, headers=headers, media_type="application/json")


async def _invoke_asynchronously(function: RunningFunction, event: str) -> None:
    """An asynchronous event: nobody hears of its failure. It is tried again, and may come twice."""
    too_old_at = time.monotonic() + function.event_invoke_config.oldest_s
    for _ in range(2 if function.queue.delivers_twice else 1):
        if not await _try_until(too_old_at, function, event):
            function.queue.dropped.append(event)
    function.queue.done.put(event)


async def _try_until(too_old_at: float, function: RunningFunction, event: str) -> bool:
    """Whether the function took it before it was too old, and within as many tries as it may have."""
    queue = function.queue
    retries_s = iter(queue.retries_after_s[: function.event_invoke_config.retries])
    throttled_s = queue.throttled_s
    while True:
        try:
            if not (await function.invoke(event)).outcome.failed:
                return True
            wait_s = next(retries_s, None)
        except TooManyRequestsError:
            wait_s, throttled_s = throttled_s, min(throttled_s * 2, _LONGEST_THROTTLED_S)
        if wait_s is None or time.monotonic() + wait_s > too_old_at:
            return False
        await asyncio.sleep(wait_s)


def _make_throttled_response() -> Response:
    body = {
        "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
        "Type": "User",
        "message": "Rate Exceeded.",
    }
    return _make_response(429, "TooManyRequestsException", body)


def _make_error(status: int, kind: str, message: str) -> Response:
    return _make_response(status, kind, {"Type": "User", "Message": message})


def _make_response(status: int, kind: str, body: dict[str, str]) -> Response:
    headers = {"x-amzn-errortype": kind}
    return Response(msgspec.json.encode(body), status, headers=headers, media_type="application/json")
