"""How a dialling, or the waiting in a queue, ended: Twilio's words in those of the call record.

https://www.twilio.com/docs/voice/twiml/dial#action and /enqueue#action.
"""

from collections.abc import Mapping

# CallStatus of a caller who has hung up: https://www.twilio.com/docs/voice/api/call-resource#call-status-values
ENDED = ("completed", "busy", "failed", "no-answer", "canceled")


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
