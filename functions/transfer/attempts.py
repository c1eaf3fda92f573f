"""Attempts to reach a person: how they are claimed, and the answer to a repeated request."""

import uuid

from brief import compose_brief
from call_record import Attempt, CallRecord
from caller_id import if_refused
from destination import Destination
from directory import Directory
from directory_file import Fallback
from transfer_request import Request, clean_words


def make_attempt(
    request: Request,
    directory: Directory,
    destination: Destination,
    status: str,
    shown: str | None,
    *,
    words: bool = True,
    attended: bool = False,
) -> Attempt:
    """The attempt that the request makes. `shown`: the number that people see. `words`: with those of the model."""
    then = destination.nobody
    reason, summary = (request.reason, request.summary) if words else ("", "")
    return Attempt(
        request_id=request.request_id or f"next-{uuid.uuid4().hex}",
        destination=destination.name,
        reason=clean_words(reason or request.cause),
        summary=clean_words(summary),
        status=status,
        after_talk=destination.after_talk,
        if_nobody="destination" if isinstance(then, Fallback) else then,
        if_nobody_destination=then.destination if isinstance(then, Fallback) else "",
        if_refused=if_refused(directory, shown),
        whisper=destination.whisper if destination.accept == "keypress" else "",
        dials=len(destination.targets if attended else destination.dials),
        dial=request.dial if request.again else 0,
        tells=len(destination.notify),
        mode="attended" if attended else "direct",
        brief=compose_brief(request) if attended else "",  # people need it; it is erased where no words are kept
        talk_seconds=destination.talk_seconds if attended else 0,
    )


def find_attempt(request_id: str | None, record: CallRecord) -> Attempt | None:
    """The attempt of that name; None: it is unknown."""
    return next((each for each in record.attempts if each.request_id == request_id), None)


def repeat_answer(attempt: Attempt) -> dict[str, object]:
    """The answer to a repeated request: the outcome of the first one."""
    answer: dict[str, object] = {"destination": attempt.destination}
    if attempt.mode == "attended":
        return answer | _repeat_attended(attempt)
    if attempt.status == "claimed":
        return answer | {"status": "in_progress"}
    if attempt.settled_at_ms and attempt.status != "caller_gone":
        return answer | {"status": "moved", "outcome": attempt.status}
    if attempt.status == "failed":
        return answer | {"status": "failed", "error": attempt.detail}
    return answer | {"status": attempt.status}


def _repeat_attended(attempt: Attempt) -> dict[str, object]:
    match attempt.status:
        case "ringing" | "accepted":
            return {"status": "ringing", "people": 1}
        case "moved" | "bridged" | "caller_gone" as status:
            return {"status": "moved" if status == "bridged" else status}
        case status:
            return {"status": "failed", "error": attempt.detail or status}


def answer_with_twiml(request: Request, twiml: str) -> dict[str, object]:
    answer: dict[str, object] = {"status": "twiml", "twiml": twiml}
    return answer | {"dry_run": True, "rest": []} if request.dry_run else answer
