"""The request that rings one target by a call of its own. Pure.

https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource. Each event to be reported is a field of its
own. There is no machine detection: only a key takes the call.
"""

from typing import TYPE_CHECKING

import routes
from bridge import name_leg
from call_record import CallRecord
from caller_id import choose_caller_id
from destination import Destination
from dial import LEG_EVENTS
from directory import Directory
from targets import Target

if TYPE_CHECKING:  # Twilio's library is not imported before it is needed
    from twilio_legs import Form


def make_forms(
    directory: Directory,
    destination: Destination,
    record: CallRecord,
    voice_url: str,
    call_sid: str,
    attempt: str,
    number: int,
) -> "list[Form]":
    """The forms that ring the destination's target of this number, one for each caller ID, best first."""
    query = f"{name_leg(call_sid, attempt)}&dial={number}{routes.ASK_AGAIN}"
    form: Form = {
        "To": _format_address(destination.targets[number]),
        "Timeout": str(destination.ring_seconds),
        "Url": f"{voice_url}{routes.AGENT_LEG}?{query}",
        "Method": "POST",
        "StatusCallback": f"{voice_url}{routes.AGENT_STATUS}?{query}",
        "StatusCallbackEvent": LEG_EVENTS.split(),
        "StatusCallbackMethod": "POST",
    }
    return [form | caller_id for caller_id in list_caller_ids(directory, record)]


def list_caller_ids(directory: Directory, record: CallRecord) -> "list[Form]":
    """The numbers that people may see, best first. Without its token Twilio refuses the caller's own."""
    shown = choose_caller_id(directory, record)
    call = record.call
    found: list[Form] = []
    if shown is not None:
        found.append({"From": shown})
    elif call and call.call_token:
        found.append({"From": call.caller, "CallToken": call.call_token})
    other = directory.business_number or (call.called if call else "")
    if other and other != shown:
        found.append({"From": other})
    return found


def _format_address(target: Target) -> str:
    """As REST has it."""
    return f"client:{target.address}" if target.kind == "client" else target.address
