"""Telephones that forward: whoever rings one reaches another number, perhaps the one that the call came from.

A call to a number of the account is a new inbound call there: it shows who was shown to the telephone that forwards,
and names that telephone in `ForwardedFrom` if its network says so, which not every one does
(https://www.twilio.com/docs/voice/twiml#twilios-request-to-your-application). The leg that was rung is answered when
that call is, is busy when it ends before, as after `<Reject>`, and carries its sound; keys are not passed on.
"""

from collections.abc import Awaitable, Callable

from sandbox.twilio.calls import Call
from sandbox.twilio.phones import Person, Phone
from sandbox.twilio.wait_for_any import wait_for_any

_AFTER_MS = 500  # the networks take a moment


def forwards(dial: Callable[[Phone], Awaitable[Call]], *, after_ms: int = _AFTER_MS) -> Person:
    """A telephone that forwards to a number of the account: `dial` gets the telephone, and places the new call with
    `Carrier.place_call` and `Phone.stay`, from the number that it is `shown`."""

    async def follow(phone: Phone) -> None:
        await phone.wait(after_ms)
        call = await dial(phone)
        try:
            await wait_for_any(call.signals.answered, call.signals.gone)
            if not call.signals.answered.is_set():
                await phone.busy()
            phone.repeats_to, call.phone.repeats_to = call.phone, phone
            await phone.answer()
            await call.signals.gone.wait()
        finally:
            call.hang_up("party")

    return Person(follow)


def forwards_to(person: Person, *, after_ms: int = _AFTER_MS) -> Person:
    """A telephone that forwards to this person's: nobody but they can tell."""

    async def follow(phone: Phone) -> None:
        await phone.wait(after_ms)
        await person.script(phone)

    return Person(follow)
