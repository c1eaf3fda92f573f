"""One leg: Twilio's Call resource, its line, its commands, and the report about it.

Statuses: https://www.twilio.com/docs/voice/api/call-resource#call-status-values. How a call proceeds is in
`call_lifecycle.py`.
"""

import asyncio
import uuid
from collections.abc import Coroutine
from typing import Unpack

from sandbox.twilio import errors
from sandbox.twilio.audio_sources import Loop
from sandbox.twilio.call_lifecycle import CallLifecycle
from sandbox.twilio.call_report import CallReport, LegReport
from sandbox.twilio.call_state import CallOutcome, CallSignals, CallSnapshot, CallTimes, Parties, TwimlState
from sandbox.twilio.commands import Callback, Delivery, Fallback, HangUp, Program
from sandbox.twilio.errors import TwimlError, WebhookError
from sandbox.twilio.event_log import WAIT_TIMEOUT_S, TimedEvent
from sandbox.twilio.events import Answered, CallEnded, Direction, ErrorLogged, Event, HangUpBy, HungUp, Status
from sandbox.twilio.line import Line
from sandbox.twilio.network import Network
from sandbox.twilio.parameters import make_call_parameters
from sandbox.twilio.phones import Phone, Script
from sandbox.twilio.sids import make_sid
from sandbox.twilio.status_callbacks import StatusCallbacks
from sandbox.twilio.twiml import Document, parse
from sandbox.twilio.webhook_faults import request_webhook


class Call:
    """It enters itself in `calls`, which its carrier keeps by CallSid, legs included."""

    def __init__(
        self,
        network: Network,
        calls: "dict[str, Call]",
        parties: Parties,
        *,
        parent: "Call | None" = None,
        callback: Callback | None = None,
        fallback: Fallback | None = None,
    ) -> None:
        self.network = network
        self.calls = calls
        self.sid = make_sid("CA")
        self.parties = parties
        self.parent = parent
        self.children: list[Call] = []
        self.status: Status = "ringing" if parties.direction == "inbound" else "queued"
        self.times: CallTimes = CallTimes(parent.times.began_ms if parent else network.clock.now_ms)
        self.signals = CallSignals()
        self.outcome = CallOutcome()
        self.twiml = TwimlState(fallback)
        self.frames = network.faults.frames  # what befalls those of its party on the way to a media stream
        ringback = Loop(network.sounds.ringback) if parties.direction == "inbound" else None
        self.line = Line(Phone(parties.party), ringback)
        self._status_callbacks = StatusCallbacks(callback, network.faults, self.post)
        self._lifecycle = CallLifecycle(self)
        calls[self.sid] = self
        if parent is not None:
            parent.children.append(self)
        for observe in network.observers:
            observe(self.sid, self.line)

    @property
    def from_(self) -> str:
        return self.parties.from_

    @property
    def to(self) -> str:
        return self.parties.to

    @property
    def direction(self) -> Direction:
        return self.parties.direction

    @property
    def phone(self) -> Phone:
        return self.line.phone

    @property
    def parent_sid(self) -> str | None:
        return None if self.parent is None else self.parent.sid

    @property
    def talked_ms(self) -> int:
        """Since it was answered."""
        return self.times.talked_ms(self.network.clock.now_ms)

    @property
    def hung_up(self) -> bool:
        """Whether what runs is being cancelled because the call ends, and not for another program."""
        return self._lifecycle.hanging_up

    async def wait_for_end(self, *, timeout_s: float | None = WAIT_TIMEOUT_S) -> CallReport:
        """What happened, once the call and its legs are over; raises what a script raised.

        A call that is not over after `timeout_s` is an AssertionError; None waits as long as it takes.
        """
        try:
            async with asyncio.timeout(timeout_s):
                while lasting := [each for each in (self, *self._list_legs()) if not each.signals.over.is_set()]:
                    await lasting[0].signals.over.wait()
        except TimeoutError:
            came = [type(event.what).__name__ for event in self.network.events if event.call_sid == self.sid]
            raise AssertionError(f"{self.sid} was not over after {timeout_s} s; there was {came}") from None
        for call in (self, *self._list_legs()):
            failure, call.outcome.failure = call.outcome.failure, None
            if failure is not None:
                raise failure
        return self._make_report()

    def _list_legs(self) -> "list[Call]":
        """Those of its legs, too."""
        return [each for leg in self.children for each in (leg, *leg._list_legs())]

    def _make_report(self) -> CallReport:
        legs = self._list_legs()
        sids = {self.sid, *(leg.sid for leg in legs)}
        return CallReport(
            self.sid,
            self.status,
            self.outcome.ended_by,
            self.talked_ms,
            self.phone.heard,
            tuple(leg._make_leg_report() for leg in legs),
            tuple(event for event in self.network.events if event.call_sid in sids),
        )

    def _make_leg_report(self) -> LegReport:
        ended_by, heard_from_ms, heard = self.outcome.ended_by, self.times.rang_ms, self.phone.heard
        return LegReport(self.sid, self.to, self.status, ended_by, self.talked_ms, heard_from_ms, heard)

    def take_snapshot(self) -> CallSnapshot:
        return CallSnapshot(
            self.network.account_sid,
            self.sid,
            self.parent_sid,
            self.parties,
            self.status,
            self.signals.gone.is_set(),
            self.talked_ms,
            self.outcome.error,
            self.outcome.answered_by,
        )

    def make_parameters(self) -> dict[str, str]:
        """The standard form parameters of a request about this call."""
        return make_call_parameters(self.take_snapshot())

    def note(self, what: Event) -> None:
        """Write an event of this call."""
        clock_ms = self.network.clock.now_ms
        self.network.events.append(TimedEvent(clock_ms - self.times.began_ms, clock_ms, self.sid, what))

    def place(self, caller: Script, program: Program) -> None:
        """Begin an inbound call: `caller` has dialled and hears it ring."""
        self.network.group.create_task(self._lifecycle.run(caller, program, None), name=self.sid)

    def ring(self, program: Program, ring_ms: int | None = None) -> None:
        """Begin an outbound call to whoever has the number, unless the network does not take it; `ring_ms` None rings
        on."""
        person = self.network.find_person(self.to) if self.outcome.error is None else None
        if person is not None:
            self.phone.shown = self.from_
            self.phone.detected = person.detected
            person.phones.append(self.phone)
        script = person.script if person else None
        self.network.group.create_task(self._lifecycle.run(script, program, ring_ms), name=self.sid)

    def redirect(self, program: Program) -> None:
        """Run `program` in place of what runs now. Only while the call is in progress."""
        assert self.status == "in-progress", "the REST API answers 21220 before it gets here"
        if self.direction == "outbound-dial":
            self.signals.taken.set()
        self._lifecycle.submit(program)

    def hang_up(self, by: HangUpBy, unanswered: Status = "canceled") -> None:
        """End it; without effect on a call that has ended."""
        self._lifecycle.submit(HangUp(by, unanswered))

    def limit(self, seconds: int | None) -> None:
        """Hang up that long after the answer, or from now on if it is answered; None sets no limit."""
        self._lifecycle.limit(seconds)

    def answer(self) -> None:
        """The network takes the call (or the party picked up); without effect the second time."""
        if self.signals.answered.is_set():
            return
        self.status = "in-progress"
        self.times.answered_ms = self.network.clock.now_ms
        self.line.connect()
        self.signals.answered.set()
        self.note(Answered(self.to))
        self.report("answered")
        self._lifecycle.start_timer()

    async def fetch(self, url: str, method: str, parameters: dict[str, str], **delivery: Unpack[Delivery]) -> Document:
        """The document at `url`; raises `WebhookError` or `TwimlError`."""
        self.twiml.document_url = url
        answer = await request_webhook(self.network, method, url, parameters, self.note, **delivery)
        kind = answer.content_type.partition(";")[0].strip()
        if kind not in ("text/xml", "application/xml", "text/html"):
            raise TwimlError(errors.NOT_TWIML, f"{url} answered {kind or 'no content type'}, not XML")
        return parse(answer.body.decode(errors="replace"), url)

    def post(self, method: str, url: str, *forms: dict[str, str], times: int = 1) -> None:
        """Send requests beside what runs, one after the other, each `times` over as Twilio repeats them; an answer
        is not executed, a failure logged."""
        self._lifecycle.spawn(self._post(method, url, forms, times))

    async def _post(self, method: str, url: str, forms: tuple[dict[str, str], ...], times: int) -> None:
        for form in forms:
            token = str(uuid.uuid4())
            for _ in range(times):
                try:
                    await request_webhook(self.network, method, url, form, self.note, token=token)
                except WebhookError as error:
                    self.note(ErrorLogged(error.code, error.detail))

    def start(self, name: str | None, work: Coroutine[None, None, None]) -> None:
        """Do `work` beside what runs, until it is stopped by its name or the call ends."""
        self.twiml.started.append((name, self._lifecycle.spawn(work)))

    def stop_started(self, name: str | None = None) -> None:
        """Stop what was started under `name`; None: everything."""
        for each, task in self.twiml.started:
            if name in (None, each):
                task.cancel()

    def report(self, event: str) -> None:
        """Report progress to the status callback, if it asked for `event`."""
        self._status_callbacks.report(event, self.take_snapshot())

    def end(self, command: HangUp) -> None:
        """For its lifecycle: the line is dead."""
        self.status = self.choose_final_status(command)
        self.outcome.ended_by = command.by
        self.times.mark_end(self.network.clock.now_ms)
        self.line.connected = False
        self.stop_started()
        self.note(HungUp(command.by))
        self.note(CallEnded(self.status, self.talked_ms))
        self.signals.gone.set()
        self.report("completed")

    def choose_final_status(self, command: HangUp) -> Status:
        """For its lifecycle: what the call becomes by `command`."""
        return command.unanswered if self.times.answered_ms is None else "completed"
