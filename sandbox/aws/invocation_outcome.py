"""What became of an event that a function was given."""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a function answered."""

    payload: str  # JSON: the result, or a description of the error
    failed: bool


def make_failure(kind: str, message: str, request_id: str) -> Outcome:
    """The outcome of a function that could not answer for itself."""
    described = {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": []}
    return Outcome(json.dumps(described), failed=True)
