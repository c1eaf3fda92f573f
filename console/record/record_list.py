"""Finds calls by the index of a stack's table: by day, outcome, destination, last digits, words.

A day is read from its end, so the row of a call itself is the last of its rows, and the list can stop when it is long
enough. A call that ran past midnight has rows of the next day, too, and so its own rows are read. For words, the turns
of the calls that are left are read, a few calls at a time.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import batched, chain, islice

from call_attributes import Attributes, read_number, read_record, read_text
from call_rows import CallRecord
from call_search import DAY_MS, CallSearch, Page, to_ms
from console.call_source import CallList, CallQuery
from console.call_view import CallSummary
from console.record.record_outcome import LONGEST_CALL_MS, NEXT_MS, find_end, summarize
from doctor.context import TEST_CALLER

DAYS = 31
"""How far the newest calls are looked for, from today on. A stack keeps rows for 30 days, unless it says otherwise."""
MAX_ROWS = 100_000
"""Of the index, for one list: some 20 MB, or 2500 read units."""
MAX_SEARCHED = 500
"""Calls whose words are read for one list."""
AT_ONCE = 10

CALL_SID = re.compile(r"CA[0-9a-fA-F]{32}")


@dataclass(frozen=True, slots=True)
class FoundCall:
    summary: CallSummary
    record: CallRecord


class RecordList:
    """One list, made once. It raises what the client raises."""

    def __init__(self, search: CallSearch, pool: ThreadPoolExecutor, query: CallQuery, now_ms: int) -> None:
        """`pool`: for reads at the same time. `now_ms`: since 1970."""
        self._search = search
        self._pool = pool
        self._query = query
        self._now_ms = now_ms
        self._rows = 0
        self._cut = False
        """Not everything was looked at."""
        self._read_units = 0.0

    def read(self) -> CallList:
        """The calls, newest first."""
        found = self._list_day(self._query.day) if self._query.day else self._list_newest()
        matching: Iterator[FoundCall] = (call for call in found if _matches(call, self._query))
        if words := simplify(self._query.words):
            matching = self._keep_with_words(matching, words)
        calls = [call.summary for call in islice(matching, self._query.limit + 1)]
        shown = sorted(calls[: self._query.limit], key=lambda call: call.began_at_ms, reverse=True)
        more = self._cut or len(calls) > self._query.limit
        return CallList(calls=tuple(shown), more=more, read_units=self._read_units)

    def _list_newest(self) -> Iterator[FoundCall]:
        begun: dict[str, list[Attributes]] = {}
        for day, pages in self._open_days():
            yield from self._read_pages(pages, begun)
            # No call is longer: of these, the row of the call itself was never written.
            for sid in [sid for sid, rows in begun.items() if _find_first(rows) >= to_ms(day) + LONGEST_CALL_MS]:
                yield from self._make(sid, begun.pop(sid))
            if self._cut:
                return

    def _open_days(self) -> Iterator[tuple[date, Iterator[Page]]]:
        """The days from today on backwards. Of more and more of them at a time, because most may be empty."""
        today = datetime.fromtimestamp(self._now_ms / 1000, UTC).date()
        days = [today - timedelta(days=back) for back in range(DAYS)]
        while days:
            count = DAYS + 1 - len(days)  # 1, 2, 4, 8, 16
            some, days = days[:count], days[count:]
            opened = [self._search.list_day(day) for day in some]
            firsts = list(self._pool.map(lambda pages: next(pages, Page([], 0.0)), opened))
            for page in firsts:
                self._count(page)  # also where the list ends before it comes to them
            for day, first, rest in zip(some, firsts, opened, strict=True):
                yield day, chain([Page(first.rows, 0.0)], rest)

    def _list_day(self, day: date) -> Iterator[FoundCall]:
        begun: dict[str, list[Attributes]] = {}
        for calls in batched(self._read_pages(self._search.list_day(day), begun), AT_ONCE, strict=False):
            late = [call.summary.sid for call in calls if self._may_continue(call, to_ms(day) + DAY_MS)]
            heads = {call.summary.sid: call for call in self._read_heads(late)}
            yield from (heads.get(call.summary.sid, call) for call in calls)
        for call in self._read_heads(list(begun)):  # they began a day earlier, or have no row of their own
            if call.summary.began_at_ms >= to_ms(day):
                yield call

    def _read_pages(self, pages: Iterator[Page], begun: dict[str, list[Attributes]]) -> Iterator[FoundCall]:
        """The calls that began on the day. `begun` gets the rows of others, and may have some of a later day."""
        for page in pages:
            self._count(page)
            for row in page.rows:
                sid = read_text(row, "call_sid")
                if not CALL_SID.fullmatch(sid):
                    continue
                begun.setdefault(sid, []).append(row)
                if read_text(row, "item") == "call":
                    yield from self._make(sid, begun.pop(sid))
            self._rows += len(page.rows)
            if self._rows >= MAX_ROWS:
                self._cut = True
                return

    def _make(self, sid: str, rows: list[Attributes]) -> Iterator[FoundCall]:
        """One call, or none where the rows tell nothing."""
        record = read_record(rows)
        summary = summarize(sid, record, self._now_ms)
        if summary and summary.caller != TEST_CALLER:
            yield FoundCall(summary, record)

    def _may_continue(self, call: FoundCall, midnight_ms: int) -> bool:
        """Whether the call may have rows of the next day."""
        began_at_ms, end = call.summary.began_at_ms, find_end(call.record, self._now_ms)
        if self._now_ms < midnight_ms or began_at_ms < midnight_ms - LONGEST_CALL_MS:
            return False
        return end.at_ms is None or end.at_ms > midnight_ms - NEXT_MS

    def _read_heads(self, sids: list[str]) -> Iterator[FoundCall]:
        for sid, page in zip(sids, self._pool.map(self._search.read_head, sids), strict=True):
            self._count(page)
            yield from self._make(sid, page.rows)

    def _keep_with_words(self, calls: Iterator[FoundCall], words: str) -> Iterator[FoundCall]:
        searched = 0
        for some in batched(calls, AT_ONCE, strict=False):
            if searched >= MAX_SEARCHED:
                self._cut = True
                return
            searched += len(some)
            pages = self._pool.map(self._search.read_turns, [call.summary.sid for call in some])
            for call, page in zip(some, pages, strict=True):
                self._count(page)
                turns = read_record(page.rows).turns
                if any(words in simplify(turn.said) or words in simplify(turn.heard) for turn in turns):
                    yield call

    def _count(self, page: Page) -> None:
        self._read_units += page.read_units


def simplify(text: str) -> str:
    """The words alone, whatever their case and what stands between them."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _find_first(rows: list[Attributes]) -> int:
    return min(read_number(row, "at_ms") for row in rows)


def _matches(call: FoundCall, query: CallQuery) -> bool:
    asked_for = {simplify(each.destination.replace("_", " ")) for each in call.record.attempts}
    wanted = simplify(query.destination.replace("_", " "))
    return (
        query.outcome in (None, call.summary.outcome)
        and (not wanted or wanted in asked_for)
        and call.summary.caller.endswith(query.number_ends_with)
    )
