"""The hand-over in words: what the model asks for, what it is told, what it is to say.

The model names a destination and gives reasons; numbers and what a name means belong to the transfer function.
"""

import json
from dataclasses import dataclass

from msgspec import Struct
from msgspec.json import decode

from socket_server.errors import BAD_JSON

TOOL = "transfer_to_human"

ANNOUNCE = (
    "Tell the caller in one short sentence, in the language of the conversation, that you are putting them through to "
    "a person now and that they should stay on the line. Say nothing else."
)
GOODBYE = "Say goodbye to the caller in one short sentence, in the language of the conversation."


class Wish(Struct, frozen=True, forbid_unknown_fields=True):
    """The arguments of the transfer tool."""

    destination: str = ""
    """A name of the directory; "" is its first open one that was not rung in vain."""
    reason: str = ""
    summary: str = ""


@dataclass(slots=True)
class Handover:
    """One attempt to put the caller through."""

    request_id: str
    wish: Wish
    by_model: bool
    """The model asked, with a function call whose call_id is the request_id."""
    announced: bool
    """The caller has been told by the model."""


def read_wish(arguments: str, destinations: tuple[str, ...]) -> Wish | str:
    """The wish in a function call's arguments; or what is wrong with them, for the model to read."""
    try:
        wish = decode(arguments or "{}", type=Wish)
    except BAD_JSON as error:
        return f"bad arguments: {error}"
    if destinations and wish.destination not in ("", *destinations):
        return f"unknown destination {wish.destination!r}, expected one of: {', '.join(destinations)}"
    return wish


def outcome(status: str, detail: str) -> str:
    """The output of a transfer that did not come about, for the model."""
    told = {"status": status, "detail": detail} if detail else {"status": status}
    return json.dumps(told | {"next": "Tell the caller what happened and offer something else."})


def refusal(reason: str) -> str:
    """The output of a function call that was not carried out."""
    return json.dumps({"error": reason})
