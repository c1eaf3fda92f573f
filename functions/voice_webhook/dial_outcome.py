"""How a dialling, or the waiting in a queue, ended, in the words of the call record; and what of it is counted.

https://www.twilio.com/docs/voice/twiml/dial#action and /enqueue#action.
"""

import re
from collections.abc import Mapping

from call_record import Attempt
from telemetry import Metrics

# CallStatus of a caller who has hung up: https://www.twilio.com/docs/voice/api/call-resource#call-status-values
ENDED = ("completed", "busy", "failed", "no-answer", "canceled")


# Shorter than any talk that helped somebody: a greeting takes three or four seconds, a "Hello? Hello?" into a line that
# carries no sound some eight, a mailbox that picks up before anyone notices as long.
EARLY_END_S = 10


def dial_outcome(form: Mapping[str, str]) -> str:
    """How the dialling ended, in the words of the call record.

    Only `DialBridged` says that two people talked: whoever picked up and did not take the call has "completed" it.
    """
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


def dial_ended(metrics: Metrics, outcome: str, form: Mapping[str, str], attempt: Attempt | None) -> None:
    """Count a dialling that has just ended; `attempt` as it is stored, None where it could not be.

    The time to a human begins when the attempt is claimed, before Twilio is asked for anything, and ends when the
    person is on the line: it has Twilio's requests, our words to the caller and the ringing in it. It is this
    moment less the seconds of the talk, which Twilio gives whole: it may be a second out, and is longer by
    what Twilio took to tell us. Of a queue Twilio does not say when the talk began, so nothing is measured there.
    """
    metrics.count("DialsEnded", outcome=outcome)
    talked = form.get("DialCallDuration", "")
    if outcome != "bridged" or not re.fullmatch("[0-9]{1,9}", talked):
        return
    if int(talked) < EARLY_END_S:
        metrics.count("EarlyEnds")
    if attempt and attempt.destination:  # otherwise nobody claimed it, and it has no beginning
        waited_ms = attempt.settled_at_ms - attempt.talked_s * 1000 - attempt.claimed_at_ms
        metrics.milliseconds("TimeToHumanMs", max(0, waited_ms))
