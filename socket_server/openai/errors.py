"""Errors of OpenAI's Realtime service: what they mean for a call, and when to ask again.

Source: https://platform.openai.com/docs/guides/error-codes, and what the service was seen to send.
"""

import re

from socket_server.core.events import ErrorKind, ModelError
from socket_server.openai.lenient import find_value, to_text

ERROR_KINDS = {
    "account_deactivated": ErrorKind.ACCOUNT,
    "billing_hard_limit_reached": ErrorKind.ACCOUNT,
    "conversation_already_has_active_response": ErrorKind.RESPONSE_ACTIVE,
    "inference_rate_limit_exceeded": ErrorKind.RATE_LIMIT,
    "insufficient_quota": ErrorKind.ACCOUNT,
    "invalid_api_key": ErrorKind.ACCOUNT,
    "model_not_found": ErrorKind.ACCOUNT,
    "rate_limit_exceeded": ErrorKind.RATE_LIMIT,
    "server_error": ErrorKind.SERVER,
    "session_expired": ErrorKind.SESSION_EXPIRED,
}
"""The kinds by code. Every other code leaves the session as it was."""


def read_error(problem: object, reason: str = "", *, of_request: bool = False) -> ModelError:
    """The error in a message. `reason` is the code if it has none."""
    code = to_text(find_value(problem, "code")) or to_text(find_value(problem, "type")) or reason
    subject = to_text(find_value(problem, "param"))
    # Without its `message`, which may quote what somebody said. The name of a field quotes nobody.
    subject = subject if re.fullmatch(r"[\w.\[\]]{1,100}", subject, re.ASCII) else ""
    return ModelError(ERROR_KINDS.get(code, ErrorKind.OTHER), code, of_request, _retry_after_ms(problem), subject)


def _retry_after_ms(problem: object) -> int | None:
    """From the words of a rate limit: "Please try again in 1.2s", or "in 20ms"."""
    found = re.search(r"try again in (\d{1,6}(?:\.\d{1,6})?)(ms|s)\b", to_text(find_value(problem, "message")))
    return None if found is None else round(float(found[1]) * (1000 if found[2] == "s" else 1))
