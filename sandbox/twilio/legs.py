"""The legs of a `<Dial>`: whom its nouns name, and a call to each of them.

https://www.twilio.com/docs/voice/twiml/number, /sip and /client; /application is in `application_leg.py`. Twilio
writes a leg's progress to the noun's own `statusCallback`. A leg that is not routed ends as `failed`.
"""

import re
from collections.abc import Callable, Coroutine

from sandbox.twilio import errors
from sandbox.twilio.application_leg import make_application_leg
from sandbox.twilio.call_limits import find_limit_error
from sandbox.twilio.call_state import Parties
from sandbox.twilio.caller_ids import is_carried
from sandbox.twilio.calls import Call
from sandbox.twilio.commands import Callback
from sandbox.twilio.errors import TwilioError
from sandbox.twilio.events import ErrorLogged, HangUpBy
from sandbox.twilio.machine_detection import detect_and_tell
from sandbox.twilio.nouns import Application, Client, Detectable, Dialled, Identity, Number, Reported, Ringable, Sip
from sandbox.twilio.phones import Phone
from sandbox.twilio.twiml import Document
from sandbox.twilio.verbs import Dial

RunDialled = Callable[[Call, Dialled, Document], Coroutine[None, None, HangUpBy]]


def list_dialled(verb: Dial) -> list[Dialled]:
    """Whom to ring, or which app to ask."""
    if verb.text:
        return [Number(text=verb.text)]
    return [noun for noun in verb.nested if isinstance(noun, Dialled)]


def ring(call: Call, verb: Dial, noun: Dialled, document: Document, run_dialled: RunDialled) -> Call:
    """A leg that rings. `run_dialled` is what it runs: before it is bridged, or as the app's call."""
    callback = _read_callback(noun, document)
    if isinstance(noun, Application):
        leg = make_application_leg(call, verb, noun, callback)
        leg.place(Phone.stay, lambda: run_dialled(leg, noun, document))
        return leg
    parties = Parties(verb.caller_id or call.from_, _read_address(noun), "outbound-dial")
    leg = Call(call.network, call.calls, parties, parent=call, callback=callback)
    leg.outcome.error = _check_route(leg, noun)
    if leg.outcome.error is not None:
        call.note(ErrorLogged(leg.outcome.error.code, leg.outcome.error.detail))
    leg.ring(lambda: _run(leg, noun, document, run_dialled))
    return leg


def _read_callback(noun: Reported, document: Document) -> Callback | None:
    if noun.status_callback is None:
        return None
    url = document.to_absolute(noun.status_callback)
    return Callback(url, noun.status_callback_method, frozenset(noun.status_callback_event.split()))


async def _run(leg: Call, noun: Ringable, document: Document, run_dialled: RunDialled) -> HangUpBy:
    if isinstance(noun, Detectable) and noun.machine_detection is not None:
        url = noun.amd_status_callback and document.to_absolute(noun.amd_status_callback)
        leg.start(None, detect_and_tell(leg, url, noun.amd_status_callback_method))
    return await run_dialled(leg, noun, document)


def _check_route(leg: Call, noun: Ringable) -> TwilioError | None:
    if isinstance(noun, Number) and not re.fullmatch(r"\+[1-9]\d{6,14}", leg.to):
        return TwilioError(errors.NUMBER_REFUSED, f"expected an E.164 number, got {leg.to!r}")
    if (over_limit := find_limit_error(leg.calls.values(), leg.network.account.concurrent_calls)) is not None:
        return over_limit
    if not is_carried(leg, noun):
        return TwilioError(errors.CALLER_ID_REFUSED, f"the network of {leg.to} takes no call from {leg.from_!r}")
    return None


def _read_address(noun: Ringable) -> str:
    """The key of `Carrier.people`: a number, "sip:user@host" without parameters and headers, "client:identity"."""
    match noun:
        case Client():
            named = [each.text for each in noun.nested if isinstance(each, Identity)]
            return f"client:{named[0] if named else noun.text}"
        case Sip():
            address = re.split(r"[;?]", noun.text)[0]
            return address if re.match("sips?:", address) else f"sip:{address}"
        case Number():
            return re.sub(r"[\s()-]", "", noun.text)
