"""The form parameters that Twilio sends with every request about a call.

https://www.twilio.com/docs/voice/twiml#twilios-request-to-your-application. Blank ones are sent too: they are part
of what is signed. Places (city, state, zip, country) are known for plus-numbers' country only, and left blank here.
"""

from datetime import UTC, datetime
from email.utils import format_datetime

from sandbox.twilio.call_state import CallSnapshot

_APPLICATION_SID = "AP" + "0" * 32
# https://www.twilio.com/docs/voice/api/call-resource#call-status-values; which code a network sends is its own choice.
_SIP_CODES = {"completed": 200, "busy": 486, "no-answer": 487, "canceled": 487, "failed": 404}
_PLACES = ("City", "State", "Zip", "Country")


def make_call_parameters(call: CallSnapshot) -> dict[str, str]:
    """The standard set, for TwiML requests and callbacks alike."""
    parties = call.parties
    parameters = {
        "AccountSid": call.account_sid,
        "ApiVersion": "2010-04-01",
        "CallSid": call.sid,
        "CallStatus": call.status,
        "Direction": parties.direction,
        "From": parties.from_,
        "Caller": parties.from_,
        "To": parties.to,
        "Called": parties.to,
    }
    if parties.from_.startswith("client:"):
        parameters["ApplicationSid"] = _APPLICATION_SID  # of the TwiML App in the caller's token
    else:
        for party in ("From", "Caller", "To", "Called"):
            parameters |= {f"{party}{place}": "" for place in _PLACES}
    if parties.direction == "inbound" and parties.from_.startswith("+"):
        # CallerName is there when the number looks names up, and blank when it finds none.
        parameters |= {"CallerName": "", "StirVerstat": "TN-Validation-Passed-A"}
    if parties.forwarded_from is not None:
        parameters["ForwardedFrom"] = parties.forwarded_from
    if call.parent_sid is not None:
        parameters["ParentCallSid"] = call.parent_sid
    if call.answered_by is not None:
        parameters["AnsweredBy"] = call.answered_by
    return parameters


def make_detection_parameters(call: CallSnapshot, took_ms: int) -> dict[str, str]:
    """What a callback of answering machine detection gets: not the standard set."""
    assert call.answered_by is not None, "it is told after the verdict"
    return {
        "AccountSid": call.account_sid,
        "CallSid": call.sid,
        "AnsweredBy": call.answered_by,
        "MachineDetectionDuration": str(took_ms),
    }


def make_progress_parameters(call: CallSnapshot, status: str, sequence_number: int) -> dict[str, str]:
    """What a call's `statusCallback` gets; `status` is the one that the event is about."""
    parameters = make_call_parameters(call) | {
        "CallStatus": status,
        "Timestamp": format_datetime(datetime.now(UTC)),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence_number),
    }
    if call.gone:
        seconds = count_seconds(call.talked_ms)
        parameters |= {
            "CallDuration": str(seconds),
            "Duration": str(-(-seconds // 60)),
            "SipResponseCode": str(to_sip_code(call.status)),
        }
        if call.error is not None:
            parameters |= {"ErrorCode": str(call.error.code), "ErrorMessage": call.error.detail}
    return parameters


def to_sip_code(status: str) -> int:
    """With what the leg's network ended its invitation, by what became of the call."""
    return _SIP_CODES[status]


def make_stream_parameters(
    call: CallSnapshot, stream_sid: str, name: str, event: str, error: str | None
) -> dict[str, str]:
    """What a media stream's `statusCallback` gets: not the standard set."""
    parameters = {
        "AccountSid": call.account_sid,
        "CallSid": call.sid,
        "StreamSid": stream_sid,
        "StreamName": name,
        "StreamEvent": event,
        "Timestamp": datetime.now(UTC).isoformat(),
    }
    return parameters if error is None else parameters | {"StreamError": error}


def count_seconds(ms: int) -> int:
    """Whole seconds as Twilio counts them: a begun second counts."""
    return -(-ms // 1000)
