"""One leg: Twilio's Call resource, its line, and the program that it runs.

A call is rung (or dials in), is answered, runs one program after another, and is hung up. A program is what Twilio
executes on it: a TwiML document, or waiting to be bridged. Whoever wants something else of a live call (REST, a
`<Dial>` that is over, a party that hangs up) gives it an order; the program that runs is cancelled, cleans up after
itself and makes room. All tasks of a call live in its own task group.
"""

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import Unpack

from sandbox.carrier import errors
from sandbox.carrier.errors import TwimlError, WebhookError
from sandbox.carrier.events import (
    Answered,
    CallEnded,
    CallStarted,
    Direction,
    ErrorLogged,
    Event,
    HangUpBy,
    Happening,
    HungUp,
    KeyPressed,
    PartySpoke,
    Ringing,
    Status,
)
from sandbox.carrier.line import Line
from sandbox.carrier.network import Network, new_sid
from sandbox.carrier.orders import Callback, Delivery, Fallback, HangUp, Program
from sandbox.carrier.parameters import progress_parameters
from sandbox.carrier.phones import Leaves, Phone, Script
from sandbox.carrier.report import CallReport, report_on
from sandbox.carrier.sources import Loop, Silence
from sandbox.carrier.twiml import Document, parse

_UNREACHABLE_MS = 500  # what the network takes to find that a number does not exist


class Call:
    def __init__(
        self,
        network: Network,
        from_: str,
        to: str,
        direction: Direction,
        *,
        parent: "Call | None" = None,
        callback: Callback | None = None,
        fallback: Fallback | None = None,
    ) -> None:
        self.network = network
        self.sid = new_sid("CA")
        self.from_ = from_
        self.to = to
        self.direction: Direction = direction
        self.parent = parent
        self.callback = callback
        self.fallback = fallback
        self.children: list[Call] = []
        self.status: Status = "ringing" if direction == "inbound" else "queued"
        self.created_at = datetime.now(UTC)
        self.ended_at: datetime | None = None
        self.began_ms: int = parent.began_ms if parent else network.clock.now_ms
        self.answered_ms: int | None = None  # on the carrier's clock, as the next
        self.ended_ms: int | None = None
        self.ended_by: HangUpBy | None = None
        self.line = Line(Phone(from_ if direction == "inbound" else to))
        self.answered = asyncio.Event()
        self.ready = asyncio.Event()  # a dialled leg that may be bridged
        self.taken = asyncio.Event()  # a REST update gave it another program
        self.gone = asyncio.Event()  # hung up; callbacks may still be on their way
        self.over = asyncio.Event()  # nothing of it is left
        self.failure: BaseException | None = None  # a script or the carrier itself broke
        self.document_url: str | None = None  # what was fetched last, for the fallback's ErrorUrl
        self._ringback = Loop(network.sounds.ringback)
        self._orders: asyncio.Queue[HangUp | Program] = asyncio.Queue()
        self._leaving = False
        self._told = 0
        self._limit_s: int | None = None
        self._timer: asyncio.Task[None] | None = None
        self._group: asyncio.TaskGroup | None = None
        network.calls[self.sid] = self
        if parent is not None:
            parent.children.append(self)

    @property
    def phone(self) -> Phone:
        return self.line.phone

    @property
    def talked_ms(self) -> int:
        """Since it was answered."""
        if self.answered_ms is None:
            return 0
        until_ms = self.network.clock.now_ms if self.ended_ms is None else self.ended_ms
        return until_ms - self.answered_ms

    @property
    def hung_up(self) -> bool:
        """Whether what runs is being cancelled because the call ends, and not for another program."""
        return self._leaving

    async def ended(self) -> CallReport:
        """What happened, once the call and its legs are over; raises what a script raised."""
        await self.over.wait()
        for leg in self.children:
            await leg.over.wait()
        for call in (self, *self.children):
            if call.failure is not None:
                failure, call.failure = call.failure, None
                raise failure
        return report_on(self)

    def note(self, what: Happening) -> None:
        """Write an event of this call."""
        clock_ms = self.network.clock.now_ms
        self.network.events.append(Event(clock_ms - self.began_ms, clock_ms, self.sid, what))

    def place(self, caller: Script, program: Program) -> None:
        """Begin an inbound call: `caller` has dialled and hears it ring."""
        self.network.group.create_task(self._run(caller, program, None), name=self.sid)

    def ring(self, program: Program, ring_ms: int | None = None) -> None:
        """Begin an outbound call to whoever has the number; `ring_ms` None rings on."""
        person = self.network.people.get(self.to)
        if person is not None:
            person.phones.append(self.phone)
        script = person.script if person else None
        self.network.group.create_task(self._run(script, program, ring_ms), name=self.sid)

    def redirect(self, program: Program) -> None:
        """Run `program` in place of what runs now. Only while the call is in progress."""
        assert self.status == "in-progress", "the REST API answers 21220 before it gets here"
        self.taken.set()
        self._orders.put_nowait(program)

    def hang_up(self, by: HangUpBy, unanswered: Status = "canceled") -> None:
        """End it; without effect on a call that has ended."""
        self._orders.put_nowait(HangUp(by, unanswered))

    def limit(self, seconds: int | None) -> None:
        """Hang up that long after the answer, or from now on if it is answered; None sets no limit."""
        self._limit_s = seconds
        if self.answered.is_set():
            self._start_timer()

    def answer(self) -> None:
        """The network takes the call (or the party picked up); without effect the second time."""
        if self.answered.is_set():
            return
        self.status = "in-progress"
        self.answered_ms = self.network.clock.now_ms
        self.line.connected = True
        if self.line.ear is self._ringback:
            self.line.ear = Silence()
        self.answered.set()
        self.note(Answered(self.to))
        self._tell("answered")
        self._start_timer()

    async def fetch(self, url: str, method: str, parameters: dict[str, str], **delivery: Unpack[Delivery]) -> Document:
        """The document at `url`; raises `WebhookError` or `TwimlError`."""
        self.document_url = url
        answer = await self.network.webhooks.request(method, url, parameters, self.note, **delivery)
        kind = answer.content_type.partition(";")[0].strip()
        if kind not in ("text/xml", "application/xml", "text/html"):
            raise TwimlError(errors.NOT_TWIML, f"{url} answered {kind or 'no content type'}, not XML")
        return parse(answer.body.decode(errors="replace"), url)

    def post(self, method: str, url: str, parameters: dict[str, str]) -> None:
        """Send a request beside what runs; its answer is not executed, its failure logged."""
        assert self._group is not None, "a call has no requests before it starts"
        self._group.create_task(self._post(method, url, parameters))

    def _start_timer(self) -> None:
        assert self._group is not None
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if self._limit_s is None else self._group.create_task(self._time_out(self._limit_s))

    async def _time_out(self, seconds: int) -> None:
        await self.network.clock.sleep(seconds * 1000)
        self.hang_up("limit")

    async def _post(self, method: str, url: str, parameters: dict[str, str]) -> None:
        try:
            await self.network.webhooks.request(method, url, parameters, self.note)
        except WebhookError as error:
            self.note(ErrorLogged(error.code, error.detail))

    def _tell(self, event: str) -> None:
        """Report progress to the status callback, if it asked for `event`."""
        if self.callback is None or event not in self.callback.events:
            return
        status = "initiated" if event == "initiated" else self.status
        self.post(self.callback.method, self.callback.url, progress_parameters(self, status, self._told))
        self._told += 1

    async def _run(self, script: Script | None, program: Program, ring_ms: int | None) -> None:
        try:
            parent_sid = self.parent.sid if self.parent else None
            async with asyncio.TaskGroup() as self._group:
                with self.network.exchange.carrying(self.line):
                    self.note(CallStarted(self.from_, self.to, self.direction, parent_sid))
                    self._wire_phone()
                    party = self._group.create_task(self._follow(script)) if script else None
                    order = await self._live(program, ring_ms, exists=script is not None)
                    if party is not None:
                        party.cancel()
                    self._end(order)
        except Exception as failure:  # one call's defect must not take the others' down; `ended` raises it
            self.failure = failure
        finally:
            self.gone.set()
            self.over.set()

    def _wire_phone(self) -> None:
        self.phone.on_say = lambda ms: self.note(PartySpoke(ms))
        self.phone.on_key = self._key

    def _key(self, digit: str) -> None:
        if not self.line.connected:
            return
        self.note(KeyPressed(digit))
        if self.line.keys is not None:
            self.line.keys(digit)

    async def _follow(self, script: Script) -> None:
        with contextlib.suppress(Leaves):
            await script(self.phone)
        self.hang_up("party", unanswered="no-answer")

    async def _live(self, program: Program, ring_ms: int | None, *, exists: bool) -> HangUp:
        if self.direction != "inbound":
            refused = await self._ring(ring_ms, exists=exists)
            if refused is not None:
                return refused
            self.answer()
            return await self._conduct(program)
        self.line.connected = True
        self.line.ear = self._ringback  # until the network takes the call
        self.note(Ringing(self.to))
        return await self._conduct(program)

    async def _ring(self, ring_ms: int | None, *, exists: bool) -> HangUp | None:
        """Ring until somebody decides; None if the party answered."""
        self._tell("initiated")
        if not exists:
            await self.network.clock.sleep(_UNREACHABLE_MS)
            return HangUp("failure", "failed")
        self.status = "ringing"
        self.note(Ringing(self.to))
        self._tell("ringing")
        order = asyncio.ensure_future(self._orders.get())
        try:
            async with self.network.clock.timeout(ring_ms):
                await asyncio.wait((order, self.phone.verdict), return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            return HangUp("limit", "no-answer")
        finally:
            order.cancel()
        if not order.cancelled() and order.done():
            ordered = order.result()
            assert isinstance(ordered, HangUp), "only a call in progress gets another program"
            return ordered
        return None if self.phone.verdict.result() == "answered" else HangUp("party", "busy")

    async def _conduct(self, program: Program) -> HangUp:
        """Run `program`, and what orders put in its place, until one is through or the call is hung up."""
        assert self._group is not None
        while True:
            running = self._group.create_task(program(self))
            order = self._group.create_task(self._orders.get())
            await asyncio.wait((running, order), return_when=asyncio.FIRST_COMPLETED)
            if not order.done():
                order.cancel()
                return HangUp(running.result(), "busy")
            ordered = order.result()
            if isinstance(ordered, HangUp):
                self._leaving = True
                self.status = self._final(ordered)
            running.cancel()
            await asyncio.wait((running,))
            if isinstance(ordered, HangUp):
                return ordered
            program = ordered

    def _final(self, order: HangUp) -> Status:
        return order.unanswered if self.answered_ms is None else "completed"

    def _end(self, order: HangUp) -> None:
        self.status = self._final(order)
        self.ended_by = order.by
        self.ended_ms = self.network.clock.now_ms
        self.ended_at = datetime.now(UTC)
        self.line.connected = False
        if self._timer is not None:
            self._timer.cancel()
        self.note(HungUp(order.by))
        self.note(CallEnded(self.status, self.talked_ms))
        self.gone.set()
        self._tell("completed")
