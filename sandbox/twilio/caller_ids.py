"""Which caller IDs a `<Dial>` may show, and which of them the telephone networks carry.

https://www.twilio.com/docs/voice/twiml/dial#callerid and https://www.twilio.com/docs/api/errors/13214: it must be the
calling, the called or a validated number, and is required where the calling party is a client. That a SIP one needs
it too, that such a dial ends as `failed`, and the words of ErrorMessage are in twilio-voice-ios issue 103; ErrorCode
beside it is believed. A caller ID that is none, passed on because the dial names no other, "may cause some destination
providers to reject the call": here all of them do, of a telephone; SIP and clients ring.

Stricter than Twilio: of a client's or SIP party's call every noun needs a callerId, not only a telephone number, and
the caller's own that is none may not be named either.
"""

import re
from collections.abc import Sequence

from sandbox.twilio import errors
from sandbox.twilio.calls import Call
from sandbox.twilio.errors import TwilioError
from sandbox.twilio.nouns import Application, Client, Dialled, Number, Ringable
from sandbox.twilio.verbs import Dial

# What networks send in place of a number: the keys that spell ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE.
WITHHELD = ("+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253")


def is_number(caller_id: str) -> bool:
    """Whether it is a telephone number: E.164, and no word spelled in digits."""
    return re.fullmatch(r"\+[1-9]\d{6,14}", caller_id) is not None and caller_id not in WITHHELD


def is_from_app(party: str) -> bool:
    """Whether it has no number: then what it dialled need not be a number of the account, and is not validated."""
    return party.startswith(("client:", "sip:", "sips:"))


def check_caller_id(call: Call, dial: Dial, nouns: Sequence[Dialled]) -> TwilioError | None:
    """Why this dial rings nobody; None: it may."""
    shown = dial.caller_id
    if shown is None:
        if is_from_app(call.parties.party) and not any(isinstance(noun, Application) for noun in nouns):
            missing = "callerId must be provided for TwilioClient and SIP calls when using Dial"
            return TwilioError(errors.CALLER_ID_REFUSED, missing)
        return None
    if shown.startswith("client:"):
        allowed = all(isinstance(noun, Client) for noun in nouns)
    else:
        account = call.network.account
        owned = {number.phone_number for number in account.numbers} | call.network.numbers
        mine = set() if is_from_app(call.parties.party) else {call.from_, call.to}
        allowed = is_number(shown) and shown in {*mine, *owned, *account.verified}
    return None if allowed else TwilioError(errors.CALLER_ID_REFUSED, f"Invalid callerId value: {shown}")


def is_carried(leg: Call, noun: Ringable) -> bool:
    """Whether the destination's network takes a call that shows what this one does."""
    taken = is_number(leg.from_) and leg.from_ not in leg.network.faults.refused_caller_ids
    return taken or not isinstance(noun, Number)
