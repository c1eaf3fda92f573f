"""What a phone's buffer holds and what its marks prove, kept apart from the ledger that is being tested."""

from dataclasses import dataclass, field
from itertools import takewhile

type Entry = tuple[str, int] | str


@dataclass(slots=True)
class PhoneBuffer:
    """Milliseconds of items, and marks, which a real phone returns in their order."""

    entries: list[Entry] = field(default_factory=list)
    """Oldest first."""
    cleared: list[Entry] = field(default_factory=list)
    """What was in it when it was cleared last."""
    cleared_marks: list[str] = field(default_factory=list)
    """Returned at once, but on their way for as long as the network takes."""
    sent: dict[str, int] = field(default_factory=dict)
    """Milliseconds of each item that have ever been put in."""
    proved: dict[str, int] = field(default_factory=dict)
    """Milliseconds of each item that marks have proved to be heard."""
    unmarked: tuple[str, int] = ("", 0)
    """The item whose audio was put in last, and how many of its milliseconds no mark follows."""

    @property
    def marks(self) -> list[str]:
        return [entry for entry in self.entries if isinstance(entry, str)]

    @property
    def items(self) -> set[str]:
        return {entry[0] for entry in self.entries if not isinstance(entry, str)}

    def put(self, item_id: str, ms: int) -> None:
        self.sent[item_id] = self.sent.get(item_id, 0) + ms
        self.entries.append((item_id, ms))
        self.unmarked = (item_id, ms + (self.unmarked[1] if self.unmarked[0] == item_id else 0))

    def put_mark(self, name: str) -> None:
        assert name not in self.marks + self.cleared_marks, "names identify"
        self.entries.append(name)
        self.unmarked = (self.unmarked[0], 0)

    def played(self, mark: str) -> None:
        """The phone has played up to the mark, if it has it."""
        if mark not in self.marks:
            return
        end = self.entries.index(mark)
        for entry in self.entries[:end]:
            if not isinstance(entry, str):
                self.proved[entry[0]] = self.proved.get(entry[0], 0) + entry[1]
        del self.entries[: end + 1]

    def clear(self) -> None:
        self.cleared_marks += self.marks
        self.cleared, self.entries, self.unmarked = self.entries, [], ("", 0)

    def unproved_ms(self, item_id: str) -> int:
        """Of what was just cleared: how much of the item could have been heard without a mark saying so."""
        first = takewhile(lambda entry: not isinstance(entry, str), self.cleared)
        return sum(entry[1] for entry in first if not isinstance(entry, str) and entry[0] == item_id)
