"""The directory of people: names for the model, numbers for Twilio, and the rules that join the two.

`python -m directory [FILE]` checks a file, with layers/call_record on PYTHONPATH; `make check` runs it on the one that
is shipped. The shape of the file is in `directory_file`, what can be wrong in `directory_check`, the hours in `hours`.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import dial
import directory_file
from destination import Destination
from directory_check import check_completeness, validate
from directory_file import Entry, File, FileError
from hours import Hours, parse_week
from targets import parse_target

SHIPPED = Path(__file__).with_name("directory.toml")


class DirectoryError(Exception):
    """The directory cannot be used. Each line of the message is `file:line: reason`."""


@dataclass(frozen=True, slots=True)
class Directory:
    """All destinations, in the order of the file, which is the order of preference."""

    destinations: tuple[Destination, ...]
    caller_id: str
    """Whose number people see: `caller`, `called`, or a number."""
    business_number: str = ""
    """The number of the account that is shown where no other can be; empty: there is none."""

    def rings(self, numbers: Iterable[str]) -> list[str]:
        """The names of the destinations that ring one of the numbers."""
        rung = {("number", number) for number in numbers}
        return [each.name for each in self.destinations if any((t.kind, t.address) in rung for t in each.targets)]

    def get(self, name: str) -> Destination | None:
        return next((each for each in self.destinations if each.name == name), None)


def load(file: Path = SHIPPED, *, complete: bool = False) -> Directory:
    """Read and check the file. Raises `DirectoryError` with every fault that was found.

    `complete`: refuse as well what only some callers would notice.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")  # editors of Windows begin a file with a mark
    except (OSError, UnicodeDecodeError) as error:
        raise DirectoryError(f"{file}:1: cannot be read: {error}") from None
    try:
        content = directory_file.read(text)
        found = list(validate(content))
        if complete:
            found += check_completeness(content)
        if not found:
            destinations = tuple(_destination(entry, content) for entry in content.destination)
            if not (found := list(_too_long(destinations))):
                number = content.caller_id if content.caller_id not in ("caller", "called") else ""
                return Directory(destinations, content.caller_id, content.business_number or number)
    except FileError as error:
        found = [error]
    places = sorted((fault.line or directory_file.line_of(text, fault.path), fault.reason) for fault in found)
    raise DirectoryError("\n".join(f"{file}:{line}: {reason}" for line, reason in places))


def _too_long(destinations: Iterable[Destination]) -> Iterator[FileError]:
    for index, destination in enumerate(destinations):
        if (length := len(dial.render_longest(destination))) > dial.MAX_CHARACTERS:
            reason = f"targets: the TwiML would have {length} characters, and Twilio takes {dial.MAX_CHARACTERS}"
            yield FileError(reason, ("destination", index, "targets"))


def _destination(entry: Entry, file: File) -> Destination:
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
        accept="answer" if targets[0].kind == "queue" else entry.accept,
        whisper=dial.compose_whisper(file.business_name.strip(), spoken),
    )


def main(arguments: list[str]) -> int:
    file = Path(arguments[0]) if arguments else SHIPPED
    try:
        directory = load(file, complete=True)
    except DirectoryError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{file.name}: {', '.join(each.name for each in directory.destinations)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
