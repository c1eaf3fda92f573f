"""One leg: Twilio's Call resource, its line, and how it is told what to do and asked how it went.

Statuses: https://www.twilio.com/docs/voice/api/call-resource#call-status-values. How a call lives is in `life.py`.
"""

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Unpack

from sandbox.twilio import errors
from sandbox.twilio.audio_sources import Loop, Silence
from sandbox.twilio.call_lifecycle import Life
from sandbox.twilio.call_report import CallReport, report_on
from sandbox.twilio.commands import Callback, Delivery, Fallback, HangUp, Program
from sandbox.twilio.errors import TwilioError, TwimlError, WebhookError
from sandbox.twilio.events import (
    PATIENCE_S,
    Answered,
    CallEnded,
    Direction,
    ErrorLogged,
    Event,
    HangUpBy,
    Happening,
    HungUp,
    Status,
)  # fmt: skip
from sandbox.twilio.line import Line
from sandbox.twilio.network import Network, new_sid
from sandbox.twilio.phones import Phone, Script
from sandbox.twilio.status_callbacks import Progress
from sandbox.twilio.twiml import Document, parse


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
        forwarded_from: str | None = None,
    ) -> None:
        self.network = network
        self.sid = new_sid("CA")
        self.from_ = from_
        self.to = to
        self.direction: Direction = direction
        self.parent = parent
        self.fallback = fallback
        self.forwarded_from = forwarded_from
        self.children: list[Call] = []
        self.status: Status = "ringing" if direction == "inbound" else "queued"
        self.created_at = datetime.now(UTC)
        self.ended_at: datetime | None = None
        self.began_ms: int = parent.began_ms if parent else network.clock.now_ms
        self.answered_ms: int | None = None  # on the carrier's clock, as the next
        self.ended_ms: int | None = None
        self.ended_by: HangUpBy | None = None
        self.line = Line(Phone(self.party))
        self.answered = asyncio.Event()
        self.ready = asyncio.Event()  # a dialled leg that may be bridged
        self.taken = asyncio.Event()  # a REST update gave it another program
        self.gone = asyncio.Event()  # hung up; callbacks may still be on their way
        self.over = asyncio.Event()  # nothing of it is left
        self.error: TwilioError | None = None  # why the network did not take it
        self.failure: BaseException | None = None  # a script or the carrier itself broke
        self.streaming: asyncio.Task[object] | None = None  # the one program that has a media stream now
        self.document_url: str | None = None  # what was fetched last, for the fallback's ErrorUrl
        self.frames = network.faults.frames  # what befalls those of its party on the way to a media stream
        self._ringback = Loop(network.sounds.ringback)
        if direction == "inbound":
            self.line.ear = self._ringback  # until the network takes the call
        self._progress = Progress(self, callback)
        self._life = Life(self)
        network.calls[self.sid] = self
        if parent is not None:
            parent.children.append(self)

    @property
    def phone(self) -> Phone:
        return self.line.phone

    @property
    def party(self) -> str:
        """Who is on the other end of the line: a number, "client:identity" or a SIP address."""
        return self.from_ if self.direction == "inbound" else self.to

    @property
    def parent_sid(self) -> str | None:
        return None if self.parent is None else self.parent.sid

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
        return self._life.leaving

    async def ended(self, *, patience_s: float | None = PATIENCE_S) -> CallReport:
        """What happened, once the call and its legs are over; raises what a script raised.

        A call that is not over after `patience_s` is an AssertionError; None waits as long as it takes.
        """
        try:
            async with asyncio.timeout(patience_s):
                await self._over_with_its_legs()
        except TimeoutError:
            came = [type(event.what).__name__ for event in self.network.events if event.call_sid == self.sid]
            raise AssertionError(f"{self.sid} was not over after {patience_s} s; there was {came}") from None
        for call in (self, *self.children):
            if call.failure is not None:
                failure, call.failure = call.failure, None
                raise failure
        return report_on(self)

    async def _over_with_its_legs(self) -> None:
        await self.over.wait()
        for leg in self.children:
            await leg.over.wait()

    def note(self, what: Happening) -> None:
        """Write an event of this call."""
        clock_ms = self.network.clock.now_ms
        self.network.events.append(Event(clock_ms - self.began_ms, clock_ms, self.sid, what))

    def place(self, caller: Script, program: Program) -> None:
        """Begin an inbound call: `caller` has dialled and hears it ring."""
        self.network.group.create_task(self._life.run(caller, program, None), name=self.sid)

    def ring(self, program: Program, ring_ms: int | None = None) -> None:
        """Begin an outbound call to whoever has the number, unless the network does not take it; `ring_ms` None rings
        on."""
        person = self.network.people.get(self.to) if self.error is None else None
        if person is not None:
            self.phone.shown = self.from_
            person.phones.append(self.phone)
        script = person.script if person else None
        self.network.group.create_task(self._life.run(script, program, ring_ms), name=self.sid)

    def redirect(self, program: Program) -> None:
        """Run `program` in place of what runs now. Only while the call is in progress."""
        assert self.status == "in-progress", "the REST API answers 21220 before it gets here"
        self.taken.set()
        self._life.order(program)

    def hang_up(self, by: HangUpBy, unanswered: Status = "canceled") -> None:
        """End it; without effect on a call that has ended."""
        self._life.order(HangUp(by, unanswered))

    def limit(self, seconds: int | None) -> None:
        """Hang up that long after the answer, or from now on if it is answered; None sets no limit."""
        self._life.limit(seconds)

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
        self.tell("answered")
        self._life.start_timer()

    async def fetch(self, url: str, method: str, parameters: dict[str, str], **delivery: Unpack[Delivery]) -> Document:
        """The document at `url`; raises `WebhookError` or `TwimlError`."""
        self.document_url = url
        answer = await self.network.webhooks.request(method, url, parameters, self.note, **delivery)
        kind = answer.content_type.partition(";")[0].strip()
        if kind not in ("text/xml", "application/xml", "text/html"):
            raise TwimlError(errors.NOT_TWIML, f"{url} answered {kind or 'no content type'}, not XML")
        return parse(answer.body.decode(errors="replace"), url)

    def post(self, method: str, url: str, *forms: dict[str, str], times: int = 1) -> None:
        """Send requests beside what runs, one after the other, each `times` over as Twilio repeats them; an answer
        is not executed, a failure logged."""
        self._life.spawn(self._post(method, url, forms, times))

    async def _post(self, method: str, url: str, forms: tuple[dict[str, str], ...], times: int) -> None:
        for form in forms:
            token = str(uuid.uuid4())
            for _ in range(times):
                try:
                    await self.network.webhooks.request(method, url, form, self.note, token=token)
                except WebhookError as error:
                    self.note(ErrorLogged(error.code, error.detail))

    def tell(self, event: str) -> None:
        """Report progress to the status callback, if it asked for `event`."""
        self._progress.tell(event)

    def end(self, order: HangUp) -> None:
        """For its `Life`: the line is dead."""
        self.status = self.final_status(order)
        self.ended_by = order.by
        self.ended_ms = self.network.clock.now_ms
        self.ended_at = datetime.now(UTC)
        self.line.connected = False
        self.note(HungUp(order.by))
        self.note(CallEnded(self.status, self.talked_ms))
        self.gone.set()
        self.tell("completed")

    def final_status(self, order: HangUp) -> Status:
        """For its `Life`: what the call becomes by `order`."""
        return order.unanswered if self.answered_ms is None else "completed"
