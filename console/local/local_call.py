"""One call of the sandbox: what is observed of it, joined into a `CallView`.

It gets the carrier's events, the notes of the model's sessions, lines of the logs and the call record, in whatever
order they come, and knows what its legs hear. It waits for nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from call_record import Call, CallRecord
from console.call_view import CallSummary, CallView, Entry, Figures, Lane, Message, Outcome, Recording, Tone
from console.local import figures
from console.local.call_sound import CallSound
from console.local.carrier_entries import CarrierEntries
from console.local.carrier_outcome import CarrierOutcome
from console.local.leg_ear import LegEar
from console.local.log_lines import LogLine
from console.local.model_entries import ModelEntries
from console.local.model_prices import ModelPrices
from console.local.timeline import Timeline
from console.local.wire_notes import WireSession
from console.record import record_view
from sandbox.twilio import events
from sandbox.twilio.event_log import TimedEvent

_WRITTEN_MS = 5000  # after its end nobody waits for the record for longer
_LATER_MS = 24 * 3600 * 1000  # whatever a record waits for has not come within a day


@dataclass(slots=True)
class _Session:
    wire: WireSession
    entries: ModelEntries
    taken: int = 0
    over: bool = False


class LocalCall:
    """A call that somebody dialled. Times that it is given are of the carrier's clock, unless they are since 1970."""

    def __init__(
        self,
        began: TimedEvent,
        began_at_ms: int,
        names: Mapping[str, str],
        prices: ModelPrices | None,
        *,
        recorded: bool = True,
        application: str = "Warmline",
    ) -> None:
        """`began`: its `CallStarted`. `began_at_ms`: since 1970. `prices`: of the model; None: nobody knows them.

        `recorded`: it has a call record. `application`: who answers Twilio's webhooks.
        """
        assert isinstance(began.what, events.CallStarted)
        self.sid = began.call_sid
        self.parties = began.what
        self.record = CallRecord()
        """The newest that was read."""
        self.written = False
        """Nothing will be added to the record."""
        self._sessions: list[_Session] = []
        self._recorded = recorded
        self._began_ms = began.clock_ms
        self._began_at_ms = began_at_ms
        self._prices = prices
        self._timeline = Timeline()
        self._names = names
        self._application = application
        self._carrier = CarrierEntries(self._timeline, self.sid, names, application)
        self._sound = CallSound(self._timeline, self._began_ms)
        self._outcome = CarrierOutcome(self.sid)
        self._recordings: tuple[Recording, ...] = ()
        self._last_view: CallView | None = None  # of a call of which nothing more is expected

    @property
    def over(self) -> bool:
        """The call and its legs have ended."""
        return self._outcome.over

    @property
    def sids(self) -> frozenset[str]:
        """The CallSids of the call and of its legs."""
        return frozenset(self._outcome.legs)

    def take_event(self, event: TimedEvent, ear: LegEar | None = None) -> None:
        """An event of the call, of one of its legs, or about it. `ear`: of a leg that begins."""
        self._last_view = None
        sid = event.call_sid
        lane = "caller" if sid == self.sid else sid
        self._carrier.take(event, event.clock_ms - self._began_ms)
        self._outcome.take(sid, event.what, event.clock_ms - self._began_ms)
        match event.what:
            case events.CallStarted() if ear is not None:
                self._sound.add(lane, self._carrier.find_party(sid).whom, ear)
            case events.Answered() if sid == self.sid:
                self._sound.answered_ms = event.clock_ms
            case events.AudioCleared(dropped_ms=dropped_ms) if dropped_ms:
                self._sound.clear(event.clock_ms)
            case events.CallEnded():
                self._sound.end(lane)

    def add_session(self, session: WireSession) -> None:
        """The model's session, or one more, that is this call's."""
        self._last_view = None
        self._sessions.append(_Session(session, ModelEntries(self._timeline, session)))

    def list_sessions(self) -> list[WireSession]:
        """In the order in which they were opened."""
        return [session.wire for session in self._sessions]

    def take_record(self, record: CallRecord, now_ms: int, *, over: bool) -> None:
        """What was read now. `over`: the call was, before it was read."""
        settled = all(stream.end_reason for stream in record.streams)
        settled = settled and not any(attempt.under_way for attempt in record.attempts)
        settled = settled and not any(notice.status == "sending" for notice in record.notices)
        ended_at_ms = self._outcome.ended_at_ms
        waited_ms = 0 if ended_at_ms is None else now_ms - self._began_ms - ended_at_ms
        self.written = over and ((settled and record == self.record) or waited_ms > _WRITTEN_MS)
        self.record = record

    def take_log_line(self, line: LogLine, now_ms: int) -> None:
        """A line about this call: an entry if it is a warning or an error."""
        self._last_view = None
        if line.bad:
            at_ms = now_ms - self._began_ms if line.at_ms is None else max(0, line.at_ms - self._began_at_ms)
            message = Message(label=f"Log line, {line.level}", text=line.text, syntax="json")
            tone: Tone = "warning" if line.level == "WARNING" else "fault"
            self._timeline.add(
                "warmline", "fault", at_ms, f"Warmline logs: {line.message}", tone=tone, messages=[message]
            )

    def take_fault(self, title: str, now_ms: int) -> None:
        """Something broke that no message and no line tells."""
        self._timeline.add("warmline", "fault", now_ms - self._began_ms, title, tone="fault")

    def view(self, now_ms: int) -> CallView:
        """All that is known now."""
        if self._last_view is not None:
            return self._last_view
        view = self._make_view(now_ms)
        if self.written and all(session.over for session in self._sessions):
            self._last_view = view
        return view

    def _make_view(self, now_ms: int) -> CallView:
        self._take_notes()
        self._sound.show()
        until_ms = self._outcome.ended_at_ms
        until_ms = now_ms - self._began_ms if until_ms is None else until_ms
        if self.over and not self._recordings:
            self._recordings = self._sound.record()
        recorded = self._read_record(until_ms)
        told = self._timeline.view(until_ms if self.written else now_ms - self._began_ms, over=self.written)
        entries = (*told, *self._pick_entries(recorded))
        return CallView(
            summary=self._summarize(recorded, entries, until_ms),
            now_ms=until_ms,
            lanes=(
                Lane(id="caller", kind="caller", name="Caller"),
                Lane(id="assistant", kind="assistant", name="Assistant"),
                *self._carrier.people,
                Lane(id="twilio", kind="twilio", name="Twilio"),
                Lane(id="warmline", kind="warmline", name=self._application[:1].upper() + self._application[1:]),
            ),
            entries=tuple(sorted(entries, key=lambda entry: (entry.at_ms, entry.number))),
            turns=recorded.turns if recorded else (),
            attempts=self._outcome.correct(recorded.attempts) if recorded else (),
            figures=self._measure(until_ms),
            recordings=self._recordings,
            notes=(*(recorded.notes if recorded else ()), *self._list_notes()),
        )

    def _list_notes(self) -> tuple[str, ...]:
        if self._sessions and self._prices is None:
            return ("What the model costs is not known: the list of prices is OpenAI's, and this is another server.",)
        return ()

    def _take_notes(self) -> None:
        """Of each session what has come and is whole: a run of audio may still grow."""
        for session in self._sessions:
            notes = session.wire.notes
            over = session.wire.closed_at_ms is not None
            while session.taken < len(notes):
                note = notes[session.taken]
                if note.is_audio and session.taken == len(notes) - 1 and not over:
                    break
                session.entries.take(note, note.at_ms - self._began_ms)
                session.taken += 1
            if over and not session.over:
                session.over = True
                session.entries.end((session.wire.closed_at_ms or 0) - self._began_ms)

    def _measure(self, until_ms: int) -> Figures:
        used = [session.entries.used for session in self._sessions]
        return replace(
            self._sound.measure(self._began_ms + until_ms),
            tokens=figures.count_tokens(used),
            cost_usd=None if self._prices is None else figures.sum_cost_usd(used, self._prices),
        )

    def _read_record(self, until_ms: int) -> CallView | None:
        """What the record says, from when the caller dialled on: the record itself begins with the first webhook.

        Of a call that is over it need not guess whether it is.
        """
        now_ms = self._began_at_ms + until_ms + (_LATER_MS if self.over else 0)
        if not self._recorded:
            return None
        call = self.record.call or Call(self.parties.from_, self.parties.to)
        record = replace(self.record, call=replace(call, started_at_ms=self._began_at_ms))
        return record_view.make_view(self.sid, record, now_ms)

    def _pick_entries(self, recorded: CallView | None) -> tuple[Entry, ...]:
        """What only the record knows: the steps of a transfer, who was told, why a stream ended; and tools, if nobody
        listens to the wire."""
        entries = recorded.entries if recorded else ()
        return tuple(
            each for each in entries if each.lane == "warmline" and not (each.kind == "tool" and self._sessions)
        )

    def _summarize(self, recorded: CallView | None, entries: tuple[Entry, ...], until_ms: int) -> CallSummary:
        summary = recorded.summary if recorded else None
        faults = sum(entry.kind == "fault" and entry.tone == "fault" for entry in entries)
        outcome: Outcome = "running"
        text = summary.outcome_text if summary and summary.outcome == "running" else "runs"
        if self.over:
            told = summary and (summary.outcome, summary.outcome_text)
            outcome, text = told or self._outcome.describe(self._names)
        return CallSummary(
            sid=self.sid,
            began_at_ms=self._began_at_ms,
            ended_at_ms=self._began_at_ms + until_ms if self.over else None,
            caller=self.parties.from_,
            called=self.parties.to,
            outcome=outcome,
            outcome_text=text,
            destination=summary.destination if summary else "",
            attempts=summary.attempts if summary else 0,
            errors=faults,
        )
