"""`<Dial>`: rings people, connects the first who answers, and says what came of it.

https://www.twilio.com/docs/voice/twiml/dial. Where Twilio's behaviour is not stated, this is what happens here: of
several legs rung together the first to pick up wins, before its whisper; a leg that hangs up in its whisper leaves
DialCallStatus `completed` with DialBridged `false`; a caller who hangs up while it rings leaves `canceled`; of
several that failed the last one to end decides. Not simulated: recording, machine detection, SIP credentials and REFER.
"""

import asyncio
import re
from collections.abc import Callable

from sandbox.carrier import errors
from sandbox.carrier.calls import Call
from sandbox.carrier.conferences import join
from sandbox.carrier.events import Bridged, DialEnded, ErrorLogged
from sandbox.carrier.line import OtherParty
from sandbox.carrier.orders import Callback, Program
from sandbox.carrier.parameters import call_parameters, seconds_of
from sandbox.carrier.queues import take_first
from sandbox.carrier.sources import Loop
from sandbox.carrier.twiml import Document
from sandbox.carrier.verbs import Client, Conference, Dial, Identity, Number, Queue, Ringable, Sip
from sandbox.carrier.waiting import any_of

Screen = Callable[[Ringable, Document], Program]


async def dial(call: Call, verb: Dial, document: Document, screen: Screen) -> Document | None:
    """The action's document, or the next verb. `screen` makes the program that a leg runs before it is bridged."""
    attempt = _Attempt(call, verb, document, screen)
    try:
        await attempt.run()
    except asyncio.CancelledError:
        attempt.settle("completed" if attempt.bridged else "canceled")
        if verb.action is not None and call.hung_up and call.network.faults.action_after_hang_up:
            call.post(verb.method, document.absolute(verb.action), attempt.parameters())
        raise
    if verb.action is None:
        return None
    return await call.fetch(document.absolute(verb.action), verb.method, attempt.parameters())


class _Attempt:
    """One `<Dial>` while it runs, and what is known about it."""

    def __init__(self, call: Call, verb: Dial, document: Document, screen: Screen) -> None:
        self.bridged = False
        self._call = call
        self._verb = verb
        self._document = document
        self._screen = screen
        self._legs: list[Call] = []
        self._winner: Call | None = None
        self._status = ""
        self._bridged_ms = 0
        self._talked_ms = 0

    async def run(self) -> None:
        match self._verb.nested:
            case (Conference() as noun,):
                self.bridged = True
                await join(self._call, noun, self._document, self._verb.time_limit * 1000)
                self.settle("answered")
            case (Queue() as noun,):
                await self._take_from_queue(noun)
            case _:
                await self._ring_people()

    def settle(self, status: str) -> None:
        """Fix the outcome, once."""
        if self._status:
            return
        self._status = status
        if self._bridged_ms:
            self._talked_ms = self._call.network.clock.now_ms - self._bridged_ms
        self._call.note(DialEnded(status, self.bridged, self._talked_ms))

    def parameters(self) -> dict[str, str]:
        """What the action gets."""
        parameters = call_parameters(self._call) | {"DialCallStatus": self._status}
        if any(isinstance(noun, Conference) for noun in self._verb.nested):
            return parameters
        parameters["DialBridged"] = "true" if self.bridged else "false"
        if self._legs:
            leg = self._winner or self._legs[-1]
            parameters["DialCallSid"] = leg.sid
            if not leg.taken.is_set():
                parameters["DialCallDuration"] = str(seconds_of(self._talked_ms))
        return parameters

    async def _ring_people(self) -> None:
        nouns = self._nouns()
        if not nouns:
            await self._call.network.clock.sleep(100)
            self.settle("failed")
            return
        rounds = [[noun] for noun in nouns] if self._verb.sequential else [nouns]
        try:
            with self._call.line.hearing(Loop(self._call.network.sounds.ringback)):
                for together in rounds:
                    self._winner = await self._first_to_answer(together)
                    if self._winner is not None:
                        break
                if self._winner is not None and self._verb.answer_on_bridge:
                    await any_of(self._winner.ready, self._winner.gone, self._winner.taken)
            if self._winner is None:
                self.settle(self._legs[-1].status)
            else:
                await self._talk(self._winner)
        finally:
            await self._hang_up_legs()

    async def _first_to_answer(self, nouns: list[Ringable]) -> Call | None:
        """Ring all of `nouns` at once; None if nobody answers within the timeout."""
        legs = [self._leg(noun) for noun in nouns]
        self._legs += legs
        try:
            async with self._call.network.clock.timeout(self._verb.timeout * 1000):
                while waiting := [leg for leg in legs if not leg.gone.is_set()]:
                    await any_of(*(event for leg in waiting for event in (leg.answered, leg.gone)))
                    answered = [leg for leg in legs if leg.answered.is_set()]
                    if answered:
                        return self._keep(answered[0], legs)
        except TimeoutError:
            for leg in legs:
                leg.hang_up("dial", unanswered="no-answer")
            for leg in legs:
                await leg.gone.wait()
        # The last to end decides: it moves to the end of the list, where `parameters` finds it.
        self._legs.sort(key=lambda leg: leg.ended_ms or 0)
        return None

    def _keep(self, winner: Call, legs: list[Call]) -> Call:
        for leg in legs:
            if leg is not winner:
                leg.hang_up("dial")
        return winner

    async def _talk(self, leg: Call) -> None:
        await any_of(leg.ready, leg.gone, leg.taken)
        if not leg.ready.is_set() or leg.gone.is_set() or leg.taken.is_set():
            self.settle("completed")
            return
        self._call.answer()
        self.bridged = True
        self._bridged_ms = self._call.network.clock.now_ms
        self._call.note(Bridged(leg.sid, leg.to))
        star = asyncio.Event()
        mine, theirs = self._call.line, leg.line
        try:
            with (
                mine.hearing(OtherParty(theirs)),
                theirs.hearing(OtherParty(mine)),
                mine.taking_keys(lambda key: star.set() if key == "*" and self._verb.hangup_on_star else None),
            ):
                async with self._call.network.clock.timeout(self._verb.time_limit * 1000):
                    await any_of(leg.gone, leg.taken, star)
        except TimeoutError:
            pass
        self.settle("completed")

    async def _hang_up_legs(self) -> None:
        """Nobody keeps ringing or talking for a `<Dial>` that is over, except a leg that REST took away."""
        for leg in self._legs:
            if not leg.taken.is_set():
                leg.hang_up("dial")
        for leg in self._legs:
            await any_of(leg.gone, leg.taken)

    async def _take_from_queue(self, noun: Queue) -> None:
        try:
            async with self._call.network.clock.timeout(self._verb.timeout * 1000):
                waiting = await take_first(self._call.network, noun.text)
        except TimeoutError:
            self.settle("no-answer")
            return
        self.bridged = True
        self._bridged_ms = self._call.network.clock.now_ms
        self._call.note(Bridged(waiting.call.sid, waiting.call.from_))
        mine, theirs = self._call.line, waiting.call.line
        try:
            with mine.hearing(OtherParty(theirs)), theirs.hearing(OtherParty(mine)):
                async with self._call.network.clock.timeout(self._verb.time_limit * 1000):
                    await waiting.left.wait()
        except TimeoutError:
            pass
        finally:
            waiting.released.set()
        self.settle("completed")

    def _nouns(self) -> list[Ringable]:
        """Whom to ring; empty if the caller ID is refused."""
        shown = self._verb.caller_id
        mine = {self._call.from_, self._call.to} | self._call.network.numbers
        if shown is not None and shown not in mine and not shown.startswith("client:"):
            self._call.note(ErrorLogged(errors.CALLER_ID_REFUSED, f"{shown} is not a number of this account"))
            return []
        if self._verb.text:
            return [Number(text=self._verb.text)]
        return [noun for noun in self._verb.nested if isinstance(noun, Number | Sip | Client)]

    def _leg(self, noun: Ringable) -> Call:
        to = _address(noun)
        if isinstance(noun, Number) and not re.fullmatch(r"\+[1-9]\d{6,14}", to):
            self._call.note(ErrorLogged(errors.NUMBER_REFUSED, f"expected an E.164 number, got {to!r}"))
        callback = None
        if noun.status_callback is not None:
            url = self._document.absolute(noun.status_callback)
            callback = Callback(url, noun.status_callback_method, frozenset(noun.status_callback_event.split()))
        shown = self._verb.caller_id or self._call.from_
        leg = Call(self._call.network, shown, to, "outbound-dial", parent=self._call, callback=callback)
        leg.ring(self._screen(noun, self._document))
        return leg


def _address(noun: Ringable) -> str:
    """The key of `Carrier.people`: a number, "sip:user@host" without parameters and headers, "client:identity"."""
    match noun:
        case Client():
            named = [each.text for each in noun.nested if isinstance(each, Identity)]
            return f"client:{named[0] if named else noun.text}"
        case Sip():
            return re.split(r"[;?]", noun.text)[0]
        case Number():
            return re.sub(r"[\s()-]", "", noun.text)
