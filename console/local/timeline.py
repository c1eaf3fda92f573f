"""The entries of one call as they come to be: moments, and spans of time that grow until they are closed."""

import dataclasses
from collections.abc import Sequence

from console.call_view import Entry, EntryKind, Message, Tone


class Timeline:
    """Numbers the entries in the order in which they were added, and keeps their numbers."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def add(
        self,
        lane: str,
        kind: EntryKind,
        at_ms: int,
        title: str,
        *,
        tone: Tone = "normal",
        messages: Sequence[Message] = (),
        until_ms: int | None = None,
        open: bool = False,  # noqa: A002 - the field's name
    ) -> int:
        """Its number. A moment, unless `until_ms` is given, or the span is open."""
        number = len(self._entries) + 1
        self._entries.append(
            Entry(
                number=number,
                lane=lane,
                kind=kind,
                at_ms=at_ms,
                until_ms=until_ms,
                open=open,
                title=title,
                tone=tone,
                messages=tuple(messages),
            )
        )
        return number

    def change(
        self, number: int, *, ending: str = "", tone: Tone | None = None, messages: Sequence[Message] = ()
    ) -> None:
        """Add `ending` to the title, and `messages` to those that it has."""
        entry = self._entries[number - 1]
        self._entries[number - 1] = dataclasses.replace(
            entry,
            title=entry.title + ending,
            tone=entry.tone if tone is None else tone,
            messages=(*entry.messages, *messages),
        )

    def extend(self, number: int, until_ms: int, *, open: bool = False) -> None:  # noqa: A002 - the field's name
        """The span has lasted until then; it is over unless it is `open`."""
        entry = self._entries[number - 1]
        until_ms = max(entry.at_ms, until_ms)
        self._entries[number - 1] = dataclasses.replace(entry, until_ms=until_ms, open=open)

    def is_open(self, number: int) -> bool:
        """The span lasts still."""
        return self._entries[number - 1].open

    def view(self, now_ms: int, *, over: bool = False) -> tuple[Entry, ...]:
        """All entries in the order of time. An open span whose end nobody has told lasts until now; no span does of a
        call that is `over`."""
        entries = (
            dataclasses.replace(
                entry, until_ms=max(entry.at_ms, now_ms if entry.until_ms is None else entry.until_ms), open=not over
            )
            if entry.open
            else entry
            for entry in self._entries
        )
        return tuple(sorted(entries, key=lambda entry: (entry.at_ms, entry.number)))
