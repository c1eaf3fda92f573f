"""`<Refer>`: asks the SIP device of a call to call somebody else itself, and says what it told about that.

https://www.twilio.com/docs/voice/twiml/refer. What the device answers is `Faults.refer`; it rings nobody here, and the
call goes on with the action's document or the next verb, as at Twilio. Of a REFER that is refused the page says both
that ReferCallStatus is left out and, in its example, that it is `failed`; here it is `failed`.
"""

import asyncio

from sandbox.twilio import errors
from sandbox.twilio.calls import Call
from sandbox.twilio.errors import TwimlError
from sandbox.twilio.twiml import Document
from sandbox.twilio.verbs import Refer

_RINGS_MS = 1000
_ACCEPTED, _RINGING, _OK, _BUSY = 202, 180, 200, 486


async def refer(call: Call, verb: Refer, document: Document) -> Document | None:
    """The action's document, or the next verb. Raises `TwimlError` (13801) for a call that is not by SIP."""
    if not call.parties.party.startswith("sip"):
        raise TwimlError(errors.REFER_WITHOUT_SIP, f"{call.parties.party} is no SIP address: it cannot be referred")
    action = None if verb.action is None else document.to_absolute(verb.action)
    accepted, notified = call.network.faults.refer
    try:
        await call.network.clock.sleep(_RINGS_MS)
    except asyncio.CancelledError:
        if action is not None and call.hung_up and call.network.faults.action_after_hang_up:
            call.post(verb.method, action, call.make_parameters() | _describe("canceled", _ACCEPTED, _RINGING))
        raise
    if action is None:
        return None
    outcome = _describe(_read_status(accepted, notified), accepted, notified if accepted == _ACCEPTED else None)
    return await call.fetch(action, verb.method, call.make_parameters() | outcome)


def _read_status(accepted: int, notified: int | None) -> str | None:
    """ReferCallStatus; None if nothing is known of the new call."""
    if accepted != _ACCEPTED:
        return "failed"
    return None if notified is None else {_OK: "in-progress", _BUSY: "busy"}.get(notified, "failed")


def _describe(status: str | None, accepted: int, notified: int | None) -> dict[str, str]:
    known = {"ReferCallStatus": status, "ReferSipResponseCode": accepted, "NotifySipResponseCode": notified}
    return {name: str(value) for name, value in known.items() if value is not None}
