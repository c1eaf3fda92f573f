"""A run of the sandbox as a source of calls, live and afterwards.

It must run before the first call, for it listens to every leg from its beginning. It changes nothing of what it
watches.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Self

from botocore.exceptions import BotoCoreError, ClientError

from console.call_source import CallList, CallQuery
from console.call_view import CallView
from console.local.call_finder import CallFinder
from console.local.leg_ear import LegEar
from console.local.local_call import LocalCall
from console.local.log_reader import LogReader
from console.local.model_prices import ModelPrices
from console.local.model_wire import ModelWire
from console.local.wire_notes import WireSession
from console.local.work_beside import WorkBeside
from sandbox.installation import Installation
from sandbox.twilio.carrier import Carrier
from sandbox.twilio.event_log import TimedEvent
from sandbox.twilio.line import Line

_SHORTEST_S = 0.1  # between two views: nobody sees more
_LONGEST_S = 0.5  # who speaks, and what the record and the logs say, is looked at twice a second


class LocalSource:
    """`async with LocalSource(carrier).run() as source:` watches while the block lasts.

    `installation`: the Warmline behind the carrier's number; None: another application, which keeps no record. `wire`:
    the relay to the model, if there is one; `prices`: what the model asks for; None: nobody knows. `names`: people by
    the address that is rung for them.
    """

    def __init__(
        self,
        carrier: Carrier,
        installation: Installation | None = None,
        wire: ModelWire | None = None,
        *,
        names: Mapping[str, str] | None = None,
        prices: ModelPrices | None = None,
        name: str = "this machine",
    ) -> None:
        self._name = name
        self._application = "Warmline" if installation else "your application"
        self._carrier = carrier
        self._installation = installation
        self._wire = wire
        self._names: Mapping[str, str] = {} if names is None else names
        self._prices = prices
        self._finder = CallFinder(self._open_call)
        self._logs = LogReader()
        self._changes = 0
        self._changed = asyncio.Event()
        self._sessions = 0  # of the wire's, how many were taken

    @property
    def name(self) -> str:
        """What is shown."""
        return self._name

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncIterator[Self]:
        """Listen to every call from now on."""
        self._carrier.observers.append(self._listen)
        if self._wire is not None:
            self._wire.now_ms = lambda: self._carrier.now_ms
            self._wire.changed = self._note_wire
        async with WorkBeside() as work:
            work.start(self._follow_events())
            work.start(self._follow_records())
            try:
                yield self
            finally:
                self._carrier.observers.remove(self._listen)

    def list_sessions(self, sid: str) -> Sequence[WireSession]:
        """The connections to the model that the call has had, the newest last."""
        call = self._finder.calls.get(sid)
        return () if call is None else call.list_sessions()

    def note_fault(self, title: str) -> None:
        """Something happened to every call that runs, of which no message and no line tells."""
        for call in self._finder.calls.values():
            if not call.over:
                call.take_fault(title, self._carrier.now_ms)
        self._note_change()

    async def list_calls(self, query: CallQuery) -> CallList:
        """The calls that the query names, of this run."""
        views = [self._view(call) for call in reversed(self._finder.calls.values())]
        found = [view.summary for view in views if _fits(view, query)]
        return CallList(calls=tuple(found[: query.limit]), more=len(found) > query.limit)

    async def read_call(self, sid: str) -> CallView | None:
        """The call as it is known now; None: there is none."""
        call = await self._find_call(sid)
        return None if call is None else self._view(call)

    async def wait_for_end(self, sid: str) -> CallView | None:
        """The call when it is over and its record is written; None: there is none."""
        last: CallView | None = None
        async for view in self.watch_call(sid):
            last = view
        return last

    async def watch_call(self, sid: str) -> AsyncGenerator[CallView]:
        """The call now and after every change, ten times a second at most, until its record is written."""
        call = await self._find_call(sid)
        while call is not None:
            written, seen = call.written, self._changes
            yield self._view(call)
            if written:
                return
            await self._wait_for_change(seen)

    async def watch_list(self, query: CallQuery) -> AsyncGenerator[CallList]:
        """The list now and after every change."""
        shown: CallList | None = None
        while True:
            seen = self._changes
            listed = await self.list_calls(query)
            if listed != shown:
                shown = listed
                yield listed
            await self._wait_for_change(seen)

    async def _find_call(self, sid: str) -> LocalCall | None:
        """None: there is none. Whoever has dialled a moment ago waits until the carrier has taken it up."""
        while self._finder.is_to_begin(sid):
            await self._changed.wait()
        return self._finder.calls.get(sid)

    def _view(self, call: LocalCall) -> CallView:
        return call.view(self._carrier.now_ms)

    def _open_call(self, began: TimedEvent) -> LocalCall:
        ago_ms = self._carrier.now_ms - began.clock_ms
        began_at_ms = time.time_ns() // 1_000_000 - ago_ms
        return LocalCall(
            began,
            began_at_ms,
            self._names,
            self._prices,
            recorded=self._installation is not None,
            application=self._application,
        )

    def _listen(self, call_sid: str, line: Line) -> None:
        self._finder.ears[call_sid] = LegEar(line, lambda: self._carrier.tick_ms)

    def _note_wire(self) -> None:
        assert self._wire is not None, "only a wire calls this"
        for session in self._wire.sessions[self._sessions :]:
            self._sessions += 1
            self._finder.take_session(session)
        self._note_change()

    async def _follow_events(self) -> None:
        async for event in self._carrier.events.watch():
            self._finder.take_event(event)
            self._note_change()

    async def _follow_records(self) -> None:
        """Read logs and the record of each call that runs, twice a second, until it is written."""
        while True:
            if self._installation is not None:
                self._read_logs(self._installation)
            for call in [each for each in self._finder.calls.values() if not each.written]:
                await self._read_record(call)
            await asyncio.sleep(_LONGEST_S)  # other processes write into the table

    def _read_logs(self, installation: Installation) -> None:
        now_ms = self._carrier.now_ms
        logs = [program.log for program in installation.ports]
        logs += [function.log for function in installation.cloud.functions.values()]
        for line in self._logs.read_new(logs):
            self._finder.take_log_line(line, now_ms)
        for title in self._logs.list_lost(installation.ports):
            self.note_fault(title)

    async def _read_record(self, call: LocalCall) -> None:
        """A table that is slow, or fails, on purpose perhaps, has nothing new to say."""
        over, record = call.over, call.record
        if self._installation is not None:
            with contextlib.suppress(BotoCoreError, ClientError):
                record = await asyncio.to_thread(self._installation.table.read, call.sid)
        call.take_record(record, self._carrier.now_ms, over=over)
        self._note_change()

    def _note_change(self) -> None:
        self._changes += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def _wait_for_change(self, seen: int) -> None:
        """Wait until there is more to see than when the `seen`-th change had come."""
        await asyncio.sleep(_SHORTEST_S)
        if self._changes == seen:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LONGEST_S - _SHORTEST_S):
                    await self._changed.wait()


def _fits(view: CallView, query: CallQuery) -> bool:
    summary = view.summary
    day = datetime.fromtimestamp(summary.began_at_ms / 1000, UTC).date()
    said = " ".join(f"{turn.heard} {turn.cut}" for turn in view.turns)
    return (
        query.day in (None, day)
        and query.outcome in (None, summary.outcome)
        and query.destination in ("", *(attempt.destination for attempt in view.attempts))
        and summary.caller.endswith(query.number_ends_with)
        and _squeeze(query.words) in _squeeze(said)
    )


def _squeeze(text: str) -> str:
    return " ".join(text.casefold().split())
