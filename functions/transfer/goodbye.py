"""Ends a live call with a goodbye, because the operator asks for it: whoever talks with the caller is cut off."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from call_record import CallTable
from dial import render_say
from transcripts import WordsLeftError
from transfer_request import Request

if TYPE_CHECKING:  # Twilio's library is not imported before it is needed
    from twilio_calls import TwilioCalls

GOODBYE = "Thank you for calling. Goodbye."
ERASE_S = 3.0
"""Of the words of a call, if they are not kept: nobody hears silence meanwhile."""

logger = Logger(service="transfer", child=True)


def say_goodbye(
    request: Request, table: CallTable, calls: "TwilioCalls", until: float, clock: Callable[[], float] = time.monotonic
) -> dict[str, object]:
    """The answer to the request: `moved` when the caller hears the goodbye. The same request twice acts once."""
    twiml = render_say(GOODBYE)
    if request.dry_run:
        rest = [calls.describe_move(request.call_sid, twiml)]
        return {"status": "moved", "dry_run": True, "twiml": twiml, "rest": rest}
    assert request.request_id, "a request without it was refused"
    try:
        before = table.goodbyes.claim(request.call_sid, request.request_id)
    except (BotoCoreError, ClientError):
        logger.exception("The goodbye could not be recorded; it is said all the same")  # at worst twice
        before = None
    if before:
        status = "in_progress" if before.status == "claimed" else before.status
        return {"status": status, "error": before.detail} if status == "failed" else {"status": status}
    outcome = calls.end(request.call_sid, twiml, until)
    logger.info("Twilio was asked to end the call", extra={"status": outcome.status, "detail": outcome.detail})
    try:
        table.goodbyes.finish(request.call_sid, request.request_id, outcome.status, outcome.detail)
        if outcome.status == "moved":
            table.end_call(request.call_sid, clock() + ERASE_S)
    except (BotoCoreError, ClientError, WordsLeftError):
        logger.exception("The end of the call could not be recorded, or its words not erased")
    answer: dict[str, object] = {"status": outcome.status}
    return answer | {"error": outcome.detail} if outcome.status == "failed" else answer
