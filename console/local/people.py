"""Everybody whom the directory rings: what they are called, in the words in which the caller hears of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec


class _Entry(msgspec.Struct):
    name: str
    targets: list[str]
    spoken: str = ""


class _File(msgspec.Struct):
    destination: list[_Entry]
    caller_id: str = ""
    business_number: str = ""
    sms_from: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Of a directory that was checked."""

    names: dict[str, str]
    """Of each person by what is rung: a number, "sip:user@host" or "client:identity"."""
    queues: tuple[str, ...]
    """Destinations that are queues: nobody is rung there."""
    own_numbers: tuple[str, ...]
    """Of the user's Twilio account. The first one is what callers dial."""


def read_people(text: str) -> People:
    """From the text of a directory.toml that was checked."""
    file = msgspec.toml.decode(text, type=_File)
    names: dict[str, str] = {}
    for entry in file.destination:
        for address, name in _name_targets(entry):
            names[address] = f"{names[address]}, {name}" if address in names else name
    queues = tuple(entry.name for entry in file.destination if entry.targets[0].startswith("queue:"))
    own = (file.business_number, file.caller_id, file.sms_from)
    return People(names, queues, tuple(dict.fromkeys(each for each in own if each.startswith("+"))))


def _name_targets(entry: _Entry) -> Iterator[tuple[str, str]]:
    spoken = entry.spoken.strip() or entry.name.replace("_", " ")
    name = spoken[:1].upper() + spoken[1:]
    rung = [each for each in entry.targets if not each.startswith("queue:")]
    for index, target in enumerate(rung, 1):
        # As the carrier looks for them: a SIP address without its parameters and headers.
        yield re.split("[;?]", target)[0], name if len(rung) == 1 else f"{name} ({index})"
