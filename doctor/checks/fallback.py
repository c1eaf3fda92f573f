"""Whether the caller hears something when the webhook fails: what the number's fallback URL answers."""

from collections.abc import Iterator

from doctor.context import Context
from doctor.errors import DoctorError
from doctor.facts import Stack
from doctor.findings import Finding, fail, ok
from doctor.twiml import parse_response

_REMEDY = "deploy again; until then callers hear Twilio's own error when the webhook fails"


def check_fallback(context: Context) -> Iterator[Finding]:
    stack = context.facts.get(Stack)
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    try:
        response = context.network.request("POST", stack.fallback_url, headers=headers, body=b"ErrorCode=11200")
        if response.status != 200:
            raise DoctorError(f"it answers with HTTP {response.status}")
        root = parse_response(response, "it")
    except DoctorError as error:
        raise DoctorError(f"FallbackUrl: {error.message}", error.remedy or _REMEDY) from None
    if root.find("Say") is None and root.find("Dial") is None:
        yield fail("FallbackUrl answers with TwiML in which nobody speaks", _REMEDY)
    elif root.find("Dial") is None:
        yield ok(
            "FallbackUrl speaks to the caller when the webhook fails, and rings nobody (FallbackNumber is not set)"
        )
    else:
        yield ok("FallbackUrl speaks to the caller when the webhook fails, and rings FallbackNumber")
