"""`<Dial>`: rings people, connects the first who answers, and says what came of it.

https://www.twilio.com/docs/voice/twiml/dial. Where Twilio's behaviour is not stated, this is what happens here: of
several legs rung together the first to pick up wins, before its whisper, and the others stop ringing though it may
refuse then; a leg that is gone before it was bridged leaves what `Faults.refused_whisper` says, or, with
`sequential`, the next one is rung; DialCallDuration counts from the leg's answer, its whisper included; a caller who
hangs up while it rings leaves `canceled`; of several that failed the last one to end decides, and its error, if
Twilio knows one, comes as ErrorCode and ErrorMessage, of SIP with DialSipResponseCode. SIP credentials
are not checked.
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext

from sandbox.twilio.application_leg import CallerBehind, connecting_application
from sandbox.twilio.audio_sources import Loop
from sandbox.twilio.caller_ids import check_caller_id
from sandbox.twilio.calls import Call
from sandbox.twilio.conferences import join
from sandbox.twilio.errors import TwilioError
from sandbox.twilio.events import Bridged, DialEnded, ErrorLogged
from sandbox.twilio.legs import RunDialled, list_dialled, ring
from sandbox.twilio.line import joining
from sandbox.twilio.nouns import Conference, Dialled, Queue
from sandbox.twilio.parameters import count_seconds, to_sip_code
from sandbox.twilio.twiml import Document
from sandbox.twilio.verbs import Dial
from sandbox.twilio.wait_for_any import wait_for_any


async def dial(call: Call, verb: Dial, document: Document, run_dialled: RunDialled) -> Document | None:
    """The action's document, or the next verb. `run_dialled` is what a leg runs."""
    attempt = _Attempt(call, verb, document, run_dialled)
    try:
        await attempt.run()
    except asyncio.CancelledError:
        attempt.settle("completed" if attempt.bridged else "canceled")
        if verb.action is not None and call.hung_up and call.network.faults.action_after_hang_up:
            call.post(verb.method, document.to_absolute(verb.action), attempt.make_parameters())
        raise
    if verb.action is None:
        return None
    return await call.fetch(document.to_absolute(verb.action), verb.method, attempt.make_parameters())


class _Attempt:
    """One `<Dial>` while it runs, and what is known about it."""

    def __init__(self, call: Call, verb: Dial, document: Document, run_dialled: RunDialled) -> None:
        self.bridged = False
        self._call = call
        self._verb = verb
        self._document = document
        self._run_dialled = run_dialled
        self._legs: list[Call] = []
        self._winner: Call | None = None
        self._status = ""
        self._bridged_ms = 0
        self._talked_ms = 0
        self._error: TwilioError | None = None  # why it rang nobody
        self._refused = False  # picked up, but gone before it was bridged
        self._star = asyncio.Event()
        self._to_apps = ExitStack()  # an app is heard from the beginning

    async def run(self) -> None:
        match self._verb.nested:
            case (Conference() as noun,):
                await self._confer(noun)
            case (Queue() as noun,):
                await self._take_from_queue(noun)
            case _:
                await self._ring_people()

    async def _confer(self, noun: Conference) -> None:
        self.bridged = True
        try:
            self.bridged = await join(self._call, self._verb, noun, self._document)
        except asyncio.CancelledError:
            self.settle("answered")
            raise
        self.settle("answered" if self.bridged else "failed")

    def settle(self, status: str) -> None:
        """Fix the outcome, once."""
        if self._status:
            return
        self._status = status
        if self._bridged_ms:
            self._talked_ms = self._call.network.clock.now_ms - self._bridged_ms
        self._call.note(DialEnded(status, self.bridged, self._talked_ms))

    def make_parameters(self) -> dict[str, str]:
        """What the action gets."""
        parameters = self._call.make_parameters() | {"DialCallStatus": self._status}
        if any(isinstance(noun, Conference) for noun in self._verb.nested):
            return parameters
        bridged = self.bridged or (self._refused and self._call.network.faults.refused_whisper[1])
        parameters["DialBridged"] = "true" if bridged else "false"
        if self._error is not None:
            parameters |= {"ErrorCode": str(self._error.code), "ErrorMessage": self._error.detail}
        if self._legs:
            leg = self._winner or self._legs[-1]
            parameters["DialCallSid"] = leg.sid
            if _is_app(leg):
                parameters |= {f"ReturnParam_{name}": value for name, value in leg.twiml.returned.items()}
            if leg.to.startswith("sip"):
                parameters["DialSipResponseCode"] = str(to_sip_code(leg.status))
            if not leg.signals.taken.is_set():
                parameters["DialCallDuration"] = str(count_seconds(leg.talked_ms))
        return parameters

    async def _ring_people(self) -> None:
        rung = list_dialled(self._verb)
        self._error = check_caller_id(self._call, self._verb, rung)
        if self._error is not None:
            self._call.note(ErrorLogged(self._error.code, self._error.detail))
            await self._call.network.clock.sleep(100)
            self.settle("failed")
            return
        try:
            for together in [[noun] for noun in rung] if self._verb.sequential else [rung]:
                leg = await self._ring_until_ready(together)
                if leg is not None:
                    await self._talk(leg)
                    return
            last = self._legs[-1]
            self._error = last.outcome.error
            self._refused = last.signals.answered.is_set()
            self.settle(self._call.network.faults.refused_whisper[0] if self._refused else last.status)
        finally:
            self._to_apps.close()
            await self._hang_up_legs()

    async def _ring_until_ready(self, together: list[Dialled]) -> Call | None:
        """The first who picks up and whose whisper is through, or whom REST took away; None if that is nobody."""
        with self._call.line.hearing(Loop(self._call.network.sounds.ringback)):
            leg = await self._ring_until_answered(together)
            if leg is not None and self._verb.answer_on_bridge:
                await wait_for_any(leg.signals.ready, leg.signals.gone, leg.signals.taken)
        if leg is not None:
            await wait_for_any(leg.signals.ready, leg.signals.gone, leg.signals.taken)
            if _is_app(leg) or not leg.signals.gone.is_set():
                self._winner = leg
                return leg
        # The last to end decides: it moves to the end of the list, where `make_parameters` finds it.
        for each in self._legs:
            await each.signals.gone.wait()
        self._legs.sort(key=lambda each: (each is leg, each.times.ended_ms or 0))
        return None

    async def _ring_until_answered(self, together: list[Dialled]) -> Call | None:
        """Ring them all at once; None if nobody answers within the timeout."""
        legs = [ring(self._call, self._verb, noun, self._document, self._run_dialled) for noun in together]
        self._legs += legs
        for leg in filter(_is_app, legs):
            star = self._star if self._verb.hangup_on_star else None
            self._to_apps.enter_context(connecting_application(self._call.line, leg, star))
        try:
            async with self._call.network.clock.timeout(self._verb.timeout * 1000):
                winner = await _wait_until_answered(legs)
        except TimeoutError:
            for leg in legs:
                leg.hang_up("dial", unanswered="no-answer")
            return None
        return winner and self._stop_others(winner, legs)

    def _stop_others(self, winner: Call, legs: list[Call]) -> Call:
        for leg in legs:
            if leg is not winner:
                leg.hang_up("dial")
        return winner

    async def _talk(self, leg: Call) -> None:
        if leg.signals.taken.is_set():
            self.settle("completed")
            return
        self._call.answer()
        self.bridged = True
        self._bridged_ms = self._call.network.clock.now_ms
        self._call.note(Bridged(leg.sid, leg.to))
        leg.phone.bridged.set()
        try:
            with nullcontext() if _is_app(leg) else self._talking(leg):
                async with self._call.network.clock.timeout(self._verb.time_limit * 1000):
                    await wait_for_any(leg.signals.gone, leg.signals.taken, self._star)
        except TimeoutError:
            pass
        self.settle("completed")

    @contextmanager
    def _talking(self, leg: Call) -> Iterator[None]:
        mine = self._call.line
        with (
            joining(mine, leg.line),
            mine.taking_keys(lambda key: self._star.set() if key == "*" and self._verb.hangup_on_star else None),
        ):
            yield

    async def _hang_up_legs(self) -> None:
        """Nobody keeps ringing or talking for a `<Dial>` that is over, except a leg that REST took away."""
        for leg in self._legs:
            if not leg.signals.taken.is_set():
                leg.hang_up("dial")
        for leg in self._legs:
            await wait_for_any(leg.signals.gone, leg.signals.taken)

    async def _take_from_queue(self, noun: Queue) -> None:
        try:
            async with self._call.network.clock.timeout(self._verb.timeout * 1000):
                member = await self._call.network.queue(noun.text).take_first()
        except TimeoutError:
            self.settle("no-answer")
            return
        self.bridged = True
        self._bridged_ms = self._call.network.clock.now_ms
        self._call.note(Bridged(member.call_sid, member.from_))
        try:
            with joining(self._call.line, member.line):
                async with self._call.network.clock.timeout(self._verb.time_limit * 1000):
                    await member.left.wait()
        except TimeoutError:
            pass
        finally:
            member.released.set()
        self.settle("completed")


def _is_app(leg: Call) -> bool:
    return isinstance(leg.phone, CallerBehind)


async def _wait_until_answered(legs: list[Call]) -> Call | None:
    """The first that is answered; None when all are gone."""
    while waiting := [leg for leg in legs if not leg.signals.gone.is_set()]:
        await wait_for_any(*(event for leg in waiting for event in (leg.signals.answered, leg.signals.gone)))
        answered = [leg for leg in legs if leg.signals.answered.is_set()]
        if answered:
            return answered[0]
    return None
