"""`<Dial><Application>`: the caller is connected to what a TwiML app's document does.

https://www.twilio.com/docs/voice/twiml/dial/application: the app's voice URL is asked, with the caller's own From, the
app's sid as To (`copyParentTo`: what the caller dialled), each `<Parameter>` as Param_NAME, and the `customerId`, by
default the account's sid. Only one app is dialled at a time.

Believed, because no page says it: it is one call of its own, inbound and with a ParentCallSid, that rings until a
document answers it (`<Reject>`: the dial ends as busy). CustomerId is the name of that parameter. An app that does not
exist leaves 21218, which is documented for calls by REST. A caller without a number needs no callerId. As anywhere, a
REST update gives the call another document; the caller stays connected to it, for the app is the other party.

Simpler than Twilio: there are no other accounts.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.speech import mulaw
from sandbox.twilio import errors
from sandbox.twilio.account import TwimlApp
from sandbox.twilio.call_state import CallSignals, Parties
from sandbox.twilio.calls import Call
from sandbox.twilio.commands import Callback, Fallback
from sandbox.twilio.elements import Parameter
from sandbox.twilio.errors import TwilioError
from sandbox.twilio.events import ErrorLogged
from sandbox.twilio.line import HeardThere, Line
from sandbox.twilio.nouns import Application
from sandbox.twilio.phones import Phone
from sandbox.twilio.twiml import Document
from sandbox.twilio.verbs import Dial


class CallerBehind(Phone):
    """The party of an app's call: says and presses what the caller does, once they are connected."""

    def __init__(self, number: str) -> None:
        super().__init__(number)
        self.line: Line | None = None
        """The caller's."""

    def speak_frame(self) -> bytes:
        return mulaw.SILENT_FRAME if self.line is None else self.line.spoken


def make_application_leg(call: Call, verb: Dial, noun: Application, callback: Callback | None) -> Call:
    """The app's call, which has not begun."""
    application = _find(call, noun)
    to = call.to if noun.copy_parent_to else noun.sids[0]
    fallback = None
    if application is not None and application.voice_fallback_url:
        fallback = Fallback(application.voice_fallback_url, application.voice_fallback_method)
    parties = Parties(verb.caller_id or call.from_, to, "inbound")
    leg = Call(call.network, call.calls, parties, parent=call, callback=callback, fallback=fallback)
    answered = asyncio.Event()
    leg.signals = CallSignals(answered=answered, ready=answered)  # it has no whisper
    leg.line.phone = CallerBehind(parties.party)
    if application is None:
        leg.outcome.error = TwilioError(errors.NO_APPLICATION, f"there is no TwiML app {noun.sids[0]!r}")
        call.note(ErrorLogged(leg.outcome.error.code, leg.outcome.error.detail))
    return leg


async def fetch_application(leg: Call, noun: Application) -> Document:
    """What the app answers; where there is none, the call fails."""
    application = _find(leg, noun)
    if application is None:
        leg.hang_up("failure", unanswered="failed")
        await leg.phone.stay()
    given = {f"Param_{each.name}": each.value for each in noun.nested if isinstance(each, Parameter)}
    customer = {"CustomerId": noun.customer_id or leg.network.account_sid}
    return await leg.fetch(application.voice_url, application.voice_method, leg.make_parameters() | customer | given)


@contextmanager
def connecting_application(caller: Line, leg: Call, star: asyncio.Event | None) -> Iterator[None]:
    """For the time of the block the caller is the party of the app's call: hears it, also ringing, and is heard in it.

    `star` is set when the caller presses it in the talk; None: it is a key like the others.
    """
    phone = leg.phone
    assert isinstance(phone, CallerBehind)

    def take(key: str) -> None:
        if key == "*" and star is not None and leg.signals.answered.is_set():
            star.set()
        elif phone.on_key is not None:
            phone.on_key(key)

    def recognise(words: str) -> None:
        if phone.on_words is not None:
            phone.on_words(words)

    phone.line = caller
    try:
        with caller.hearing(HeardThere(leg.line)), caller.taking_keys(take), caller.recognising(recognise):
            yield
    finally:
        phone.line = None


def _find(call: Call, noun: Application) -> TwimlApp | None:
    return next((each for each in call.network.account.applications if each.sid == noun.sids[0]), None)
