"""Whether somebody still speaks to the caller when the webhook does not: what the number's fallback URL answers."""

from collections.abc import Iterator

from doctor.context import Context
from doctor.errors import DoctorError
from doctor.facts import Stack
from doctor.findings import Finding, fail, ok
from doctor.twiml import parse_answer

_CURE = "deploy again; until then callers hear Twilio's own error when the webhook fails"


def fallback(context: Context) -> Iterator[Finding]:
    stack = context.facts.get(Stack)
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    try:
        answer = context.network.request("POST", stack.fallback_url, headers=headers, body=b"ErrorCode=11200")
        if answer.status != 200:
            raise DoctorError(f"it answers with HTTP {answer.status}")
        root = parse_answer(answer, "it")
    except DoctorError as error:
        raise DoctorError(f"FallbackUrl: {error.message}", error.remedy or _CURE) from None
    if root.find("Say") is None and root.find("Dial") is None:
        yield fail("FallbackUrl answers with TwiML in which nobody speaks", _CURE)
    elif root.find("Dial") is None:
        yield ok("FallbackUrl says a sentence to the caller when the webhook fails, and rings nobody (FallbackNumber)")
    else:
        yield ok("FallbackUrl says a sentence to the caller when the webhook fails, and rings FallbackNumber")
