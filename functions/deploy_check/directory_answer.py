"""Checks that a version of the transfer function can list its destinations: for that it reads its settings and
directory.

Nobody is called. If the account's own numbers are known, the function says which destinations have one of them, because
a transfer to it would come back as a new call.
"""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from custom_resource import FailedError, Request
from new_permission import retry, retry_until

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

MAX_SHOWN = 300
COMES_BACK = "expected somebody's telephone, got a number of the Twilio account itself: the call would come back here"


def check_directory(request: Request, functions: "LambdaClient", numbers: Sequence[str] = ()) -> dict[str, str]:
    """No attributes. Raises `FailedError` with the function's own words. `numbers`: the account's own."""
    function = request.properties.get("Function")
    if not isinstance(function, str) or not function.strip():
        raise FailedError("Property Function: expected the ARN of a version of the transfer function, got nothing.")
    if request.properties.get("FallbackNumber") in numbers:
        raise FailedError(f"Parameter FallbackNumber: {COMES_BACK}")
    asked = {"action": "destinations"} | ({"own_numbers": list(numbers)} if numbers else {})
    question = json.dumps(asked).encode()
    until_allowed = retry_until(request.until)
    try:
        answer = retry(lambda: functions.invoke(FunctionName=function, Payload=question), until_allowed)
        payload = answer["Payload"].read()
    except (BotoCoreError, ClientError) as error:
        raise FailedError(f"The transfer function could not be asked for its destinations: {error}") from error
    told = _decode(payload)
    match told:
        case {"rings_own": [_, *_] as names} if not answer.get("FunctionError"):
            raise FailedError(f"The directory's {', '.join(map(str, names))}: {COMES_BACK}")
        case {"destinations": [{"name": str()}, *_]} if not answer.get("FunctionError"):
            return {}
        case {"errorType": str(kind), "errorMessage": str(message)}:
            words = f"it fails with {kind}: {message}"
        case {"errorMessage": str(message)}:  # Lambda's own: out of time, out of memory
            words = f"it fails: {message}"
        case {"error": str(message)}:
            words = f"it answers: {message}"
        case _:
            words = f"expected a list of destinations, got {_quote(payload)}"
    raise FailedError(f"The transfer function does not say whom it can reach: {words}")


def _decode(payload: bytes) -> object:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None


def _quote(payload: bytes) -> str:
    if not payload:
        return "nothing"
    text = payload[:MAX_SHOWN].decode("utf-8", "replace")
    return text if len(payload) <= MAX_SHOWN else f"{text}… ({len(payload)} bytes)"
