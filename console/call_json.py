"""A call as JSON, for the pages and their downloads. Numbers and keys are masked here and nowhere else.

The keys are the names of the fields in `call_view.py`. Exact messages and sound are left out: they have addresses of
their own.
"""

import json
from dataclasses import fields, is_dataclass
from urllib.parse import quote

from console.call_source import CallList
from console.call_view import CallView, Entry
from console.masking import hide_secrets, mask_numbers

type Json = bool | int | float | str | list[Json] | dict[str, Json] | None
type JsonObject = dict[str, Json]

PARTS = tuple(each.name for each in fields(CallView))


def encode_view(view: CallView, *, show_numbers: bool) -> JsonObject:
    """The whole call; an entry's `has_messages` says whether `encode_messages` has something."""
    return {part: encode_part(view, part, show_numbers=show_numbers) for part in PARTS}


def encode_part(view: CallView, part: str, *, show_numbers: bool) -> Json:
    """One field of a view."""
    if part == "recordings":
        return [
            {
                "lane": each.lane,
                "label": encode(each.label, show_numbers=show_numbers),
                "from_ms": each.from_ms,
                "url": f"/api/calls/{quote(view.summary.sid, safe='')}/recordings/{index}.wav",
            }
            for index, each in enumerate(view.recordings)
        ]
    return encode(getattr(view, part), show_numbers=show_numbers)


def encode_list(found: CallList, source: str, *, show_numbers: bool) -> JsonObject:
    """Found calls, with the name of where they were found."""
    return {
        "calls": encode(found.calls, show_numbers=show_numbers),
        "more": found.more,
        "read_units": found.read_units,
        "source": source,
    }


def encode_messages(entry: Entry, *, show_numbers: bool) -> JsonObject:
    """The exact messages of one entry."""
    return {"messages": encode(entry.messages, show_numbers=show_numbers)}


def encode(value: object, *, show_numbers: bool) -> Json:
    """Anything that a view is made of, but for its recordings."""
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return mask_numbers(hide_secrets(value), show_numbers)
        case tuple():
            return [encode(each, show_numbers=show_numbers) for each in value]
        case _:
            assert is_dataclass(value), "a view has nothing else"
            shown = {each.name: getattr(value, each.name) for each in fields(value)}
    messages = shown.pop("messages", None)
    encoded = {name: encode(each, show_numbers=show_numbers) for name, each in shown.items()}
    return encoded if messages is None else {**encoded, "has_messages": bool(messages)}


def dump_json(value: Json, *, indent: int | None = None) -> str:
    """ASCII alone: what a model writes may have half a character, which UTF-8 cannot say and JSON's escapes can."""
    return json.dumps(value, indent=indent, allow_nan=False)
