"""The directory of people: names for the model, numbers for Twilio, and the rules that connect them.

`directory_file` has the shape of the file, `directory_check` its faults, `hours` the opening hours.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec.structs import replace

import dial
from destination import Destination
from directory_check import check_completeness, find_entry_faults, validate
from directory_file import Entry, File
from hours import Hours, parse_week
from recipients import parse_recipient
from targets import parse_target
from toml_faults import Fault
from toml_file import TomlFile

SHIPPED = Path(__file__).with_name("directory.toml")


@dataclass(frozen=True, slots=True)
class Directory:
    """All destinations, in the order of the file, which is the order of preference."""

    destinations: tuple[Destination, ...]
    caller_id: str
    """The number that people see: `caller`, `called`, or a number."""
    business_number: str = ""
    """The account's number that is shown if no other can be; empty: there is none."""
    sms_from: str = ""
    """The account's number that sends SMS; empty: there is none."""

    def rings(self, numbers: Iterable[str]) -> list[str]:
        """The names of the destinations that ring one of the numbers."""
        rung = {("number", number) for number in numbers}
        return [each.name for each in self.destinations if any((t.kind, t.address) in rung for t in each.targets)]

    def get(self, name: str) -> Destination | None:
        return next((each for each in self.destinations if each.name == name), None)


def load(path: Path = SHIPPED, *, complete: bool = False) -> Directory:
    """Read and check the file. Raises `TomlFileError` with every fault that was found.

    `complete`: also refuse faults that only some callers would notice.
    """
    file = TomlFile.read(path)
    rules = (validate, _find_too_long, check_completeness) if complete else (validate, _find_too_long)
    content = file.decode(File, *rules)
    destinations = tuple(_make_destination(entry, content) for entry in content.destination)
    number = content.caller_id if content.caller_id not in ("caller", "called") else ""
    business_number = content.business_number or number
    return Directory(destinations, content.caller_id, business_number, content.sms_from or business_number)


def _find_too_long(file: File) -> Iterator[Fault]:
    for index, entry in enumerate(file.destination):
        if any(find_entry_faults(entry)):
            continue
        destination = _make_destination(replace(entry, hours="always"), file)  # whose zone may be bad
        if (length := len(dial.render_longest(destination))) > dial.MAX_CHARACTERS:
            reason = f"the TwiML would have {length} characters, and Twilio takes {dial.MAX_CHARACTERS}"
            yield Fault(("destination", index, "targets"), reason, (("destination", index),))


def _make_destination(entry: Entry, file: File) -> Destination:
    hours: Hours | None = None
    if isinstance(entry.hours, dict):
        zone = ZoneInfo(entry.time_zone or file.time_zone)
        hours = Hours(zone, parse_week(entry.hours), frozenset(file.holidays))
    spoken = entry.spoken.strip() or "the " + entry.name.replace("_", " ")
    targets = [target for text in entry.targets if (target := parse_target(text))]
    return Destination(
        name=entry.name,
        description=entry.description.strip(),
        spoken=spoken,
        targets=tuple(targets),
        in_turn=entry.ring == "in_turn",
        ring_seconds=entry.ring_seconds,
        talk_seconds=entry.talk_seconds,
        hours=hours,
        after_talk=entry.after_talk,
        nobody=entry.nobody,
        mode=entry.mode,
        notify=tuple(recipient for text in entry.notify if (recipient := parse_recipient(text))),
        accept="answer" if targets[0].kind == "queue" else entry.accept,
        whisper=dial.compose_whisper(file.business_name.strip(), spoken),
    )
