"""A source of calls in memory, whose owner says when they change."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from console.call_source import CallList, CallQuery, SourceError
from console.call_view import CallSummary, CallView, Outcome
from tests.console.example_call import BEGAN_MS, LANES, NUMBER


def make_calls(count: int) -> list[CallView]:
    """Short calls of the hours before the example, newest first."""
    outcomes: tuple[Outcome, ...] = ("answered", "message", "nobody", "failed", "unknown", "talked")
    return [
        CallView(
            summary=CallSummary(
                sid=f"CA{number:032x}",
                began_at_ms=BEGAN_MS - number * 600_000,
                ended_at_ms=BEGAN_MS - number * 600_000 + 45_000,
                caller=f"+1555010{number:04}",
                called=NUMBER,
                outcome=outcomes[number % len(outcomes)],
                outcome_text=f"{outcomes[number % len(outcomes)]}, in words",
                destination="sales" if number % 2 else "",
            ),
            now_ms=45_000,
            lanes=LANES[:2],
        )
        for number in range(2, count + 2)
    ]


class CallsInMemory:
    """Every watch is counted until it is closed."""

    def __init__(self, *views: CallView) -> None:
        self.views = {each.summary.sid: each for each in views}
        self.error: SourceError | None = None
        """Raised by whatever is asked."""
        self.watchers = 0
        """Watches that were begun and not closed."""
        self._changed = asyncio.Event()

    @property
    def name(self) -> str:
        return "an example"

    def put(self, view: CallView) -> None:
        """A new call, or a newer view of one."""
        self.views[view.summary.sid] = view
        self.wake()

    def wake(self) -> None:
        """Let every watch look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def list_calls(self, query: CallQuery) -> CallList:
        self._raise_error()
        found = [each.summary for each in self.views.values() if _matches(each, query)]
        found.sort(key=lambda each: each.began_at_ms, reverse=True)
        return CallList(calls=tuple(found[: query.limit]), more=len(found) > query.limit, read_units=0.5)

    async def read_call(self, sid: str) -> CallView | None:
        self._raise_error()
        return self.views.get(sid)

    async def watch_call(self, sid: str) -> AsyncIterator[CallView]:
        self.watchers += 1
        try:
            while True:
                changed = self._changed  # of this view: a change while it is shown is not missed
                view = await self.read_call(sid)
                if view is None:
                    return
                yield view
                if view.summary.outcome != "running":
                    return
                await changed.wait()
        finally:
            self.watchers -= 1

    async def watch_list(self, query: CallQuery) -> AsyncIterator[CallList]:
        self.watchers += 1
        try:
            while True:
                changed = self._changed
                yield await self.list_calls(query)
                await changed.wait()
        finally:
            self.watchers -= 1

    def _raise_error(self) -> None:
        if self.error is not None:
            raise self.error


def _matches(view: CallView, query: CallQuery) -> bool:
    call = view.summary
    said = " ".join(each.heard + each.cut for each in view.turns).lower()
    return (
        (query.day is None or datetime.fromtimestamp(call.began_at_ms / 1000, UTC).date() == query.day)
        and query.outcome in (None, call.outcome)
        and query.destination in ("", call.destination)
        and call.caller.endswith(query.number_ends_with)
        and query.words.lower() in said
    )
