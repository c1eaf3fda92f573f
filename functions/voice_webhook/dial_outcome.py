"""How a dial or the waiting in a queue ended, in the words of the call record, and which metrics count it.

https://www.twilio.com/docs/voice/twiml/dial#action and /enqueue#action. Twilio only says that a telephone was
picked up. The key of the leg, in the attempt's row, says whether a person has taken the call.
"""

import re
from collections.abc import Mapping

import twiml
from call_record import Attempt, CallRecord
from telemetry import Metrics

# CallStatus of a caller who has hung up: https://www.twilio.com/docs/voice/api/call-resource#call-status-values
ENDED = ("completed", "busy", "failed", "no-answer", "canceled")


# Shorter than any talk that helps: a greeting takes three or four seconds, "Hello? Hello?" into a line without sound
# some eight.
EARLY_END_S = 10
# A caller who is still there after so short a conference was not helped: the person left before they came, or at once.
NO_TALK_S = 5


def needs_key(attempt: Attempt | None, accept: str) -> bool:
    """Whether somebody had to press a key to take the call, by the attempt's row.

    If no row was written, or none can be read, `accept` in the `<Dial>`'s URL decides. It never decides against the
    row: an older version knew no key, its `<Dial>` has no `accept`, and its talk may still go on after a deploy.
    """
    if attempt and attempt.destination:
        return attempt.whisper != ""
    return accept != "answer"


def classify_outcome(
    form: Mapping[str, str], record: CallRecord | None, attempt: Attempt | None, *, by_key: bool = True
) -> str:
    """How the dial ended, in the words of the call record, which may be unreadable (None).

    `by_key`: a person had to press a key to take the call. Otherwise, and in a queue, Twilio's report counts.
    """
    if attempt and attempt.mode == "attended":
        return _classify_conference(form, record, attempt)
    said = _classify_by_twilio(form)
    if not by_key or "QueueResult" in form:
        return said
    if attempt and attempt.accepted_by and form.get("DialCallSid") in (None, "", attempt.accepted_by):
        if said in ("declined", "caller_gone") and "DialBridged" not in form:
            return "bridged"  # Twilio does not say whether they were connected; the key does
        return "failed" if said == "declined" else said
    if said not in ("bridged", "declined"):
        return said
    # A leg without a key ends sooner.
    without_key_s = twiml.whisper_seconds(attempt.whisper if attempt and attempt.whisper else twiml.WHISPER)
    if said == "bridged" and (record is None or (_read_seconds(form) or 0) > without_key_s):
        return "unconfirmed"
    if form.get("CallStatus") in ENDED:
        return "caller_gone"
    leg_sid = form.get("DialCallSid")
    return "declined" if record and any(leg.leg_sid == leg_sid and leg.key for leg in record.legs) else "not_accepted"


def _classify_conference(form: Mapping[str, str], record: CallRecord | None, attempt: Attempt) -> str:
    """How the conference with the person ended. Twilio does not say whether anybody else was there."""
    legs = record.legs if record else ()
    winner = next((leg for leg in legs if leg.leg_sid == attempt.accepted_by), None)
    left_before = winner is not None and 0 < winner.completed_at_ms <= attempt.connected_at_ms
    if form.get("DialCallStatus") in ("failed", "busy", "no-answer", "canceled"):
        return "failed"
    if not attempt.accepted_by or left_before:
        return "caller_gone" if form.get("CallStatus") in ENDED else "failed"
    return "bridged"


def talked_s(outcome: str, form: Mapping[str, str], attempt: Attempt | None, now_s: float) -> int | None:
    """How long they talked, in a dial that ended just now; None: they did not talk, or Twilio does not say."""
    if outcome != "bridged":
        return None
    if attempt and attempt.connected_at_ms:
        return max(0, int(now_s - attempt.connected_at_ms / 1000))
    if attempt and attempt.accepted_at_ms:  # Twilio counts from the picking up
        return max(0, int(now_s - attempt.accepted_at_ms / 1000))
    return _read_seconds(form)


def count_dial_ended(metrics: Metrics, outcome: str, talked_s: int | None, attempt: Attempt | None) -> None:
    """Count a dial that has just ended; `attempt` as it is stored, None where it could not be.

    The time to a human begins when the attempt is claimed, before any request to Twilio. It ends when the person takes
    the call. So it contains Twilio's requests, our words to the caller and the ringing. Without a key, it ends now
    minus the seconds of the talk, which Twilio gives as a whole number. So it may be wrong by a second, and contains
    the time until Twilio's report. For a queue Twilio does not say when the talk began, so nothing is measured.
    """
    metrics.count("DialsEnded", outcome=outcome)
    if talked_s is None:
        return
    if talked_s < EARLY_END_S:
        metrics.count("EarlyEnds")
    if attempt and attempt.destination:  # otherwise nobody claimed it, and its beginning is unknown
        taken_at_ms = attempt.accepted_at_ms or attempt.settled_at_ms - talked_s * 1000
        metrics.measure("TimeToHumanMs", max(0, taken_at_ms - attempt.claimed_at_ms))


def _classify_by_twilio(form: Mapping[str, str]) -> str:
    """Only `DialBridged` says that two people were on the line: "completed" may be one who picked up and hung up."""
    if form.get("DialBridged") == "true" or form.get("QueueResult") == "bridged":
        return "bridged"
    if form.get("CallStatus") in ENDED or form.get("QueueResult") == "hangup":
        return "caller_gone"
    if form.get("QueueResult") == "leave":  # our own waiting time is over
        return "no_answer"
    match form.get("DialCallStatus"):
        case "busy":
            return "busy"
        case "no-answer":
            return "no_answer"
        case "completed" | "answered":
            return "declined"
        case _:
            return "failed"


def _read_seconds(form: Mapping[str, str]) -> int | None:
    """How long the leg was connected; None: Twilio does not say."""
    told = form.get("DialCallDuration", "")
    return int(told) if re.fullmatch("[0-9]{1,9}", told) else None
