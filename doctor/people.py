"""`python -m doctor.people [FILE]`: whether a directory of people can be used, and what each entry means.

`make check` runs it. No account is asked: whether Twilio may ring these people is a matter of `make doctor`.
"""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.options import DIRECTORY
from doctor.shared_code import find_shared_code

if TYPE_CHECKING:
    from destination import Destination
    from directory import Directory


def main(arguments: Sequence[str], now: datetime) -> int:
    """The exit status: 1, and a line for each fault, for a file that cannot be used."""
    find_shared_code()
    from directory import load
    from toml_file import TomlFileError

    file = Path(arguments[0]) if arguments else DIRECTORY
    try:
        directory = load(file, complete=True)
    except TomlFileError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.writelines(f"{file.name}: {line}\n" for line in describe(directory, now))
    return 0


def describe(directory: "Directory", now: datetime) -> Iterator[str]:
    """A line for each destination: when it is open, who is rung, what follows."""
    for each in directory.destinations:
        parts = [_describe_hours(each, now), _describe_ringing(each), f"then {_describe_outcome(each)}"]
        parts.append(_describe_told(each))
        yield f"{each.name}: {', '.join(parts)}"


def _describe_hours(destination: "Destination", now: datetime) -> str:
    if destination.hours is None:
        return "always open"
    if destination.open_at(now):
        return "open now"
    opening = destination.next_opening(now)
    return f"closed until {opening:%a %d %b %H:%M}" if opening else "closed for a year or more"


def _describe_ringing(destination: "Destination") -> str:
    seconds, count = f"{destination.ring_seconds} s", len(destination.targets)
    if destination.targets[0].kind == "queue":
        return f"waits in a queue for {seconds}"
    how = "rings one" if count == 1 else f"rings {count} {'in turn' if destination.in_turn else 'together'}"
    each = " each" if count > 1 and destination.in_turn else ""
    key = "a key takes the call" if destination.accept == "keypress" else "whoever picks up takes the call"
    return f"{how} for {seconds}{each} ({key})"


def _describe_outcome(destination: "Destination") -> str:
    match destination.nobody:
        case "continue":
            return "back to the model"
        case "message":
            return "a message"
        case fallback:
            return fallback.destination


def _describe_told(destination: "Destination") -> str:
    """Who learns of a missed call and of a message."""
    if not destination.notify:
        return "and tells nobody"
    told = [_mask(each.address) if each.kind == "sms" else "whoever subscribes" for each in destination.notify]
    return f"and tells {', '.join(told)}"


def _mask(number: str) -> str:
    return f"{number[:5]}…{number[-2:]} by SMS"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], datetime.now(UTC)))
