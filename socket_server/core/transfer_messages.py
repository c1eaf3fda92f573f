"""The messages of a transfer: what the model asks for, what it is told, what it has to say.

The model names a destination and gives a reason. Only the transfer function knows numbers and what a name means.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec import Struct
from msgspec.json import decode

from socket_server.core.errors import BAD_JSON

TOOL = "transfer_to_human"

ANNOUNCE = (
    "Tell the caller in one short sentence, in the language of the conversation, that you are putting them through to "
    "a person now and that they should stay on the line. Say nothing else."
)
GOODBYE = "Say goodbye to the caller in one short sentence, in the language of the conversation."
ANSWER_THEN_GOODBYE = (
    "Tell the caller in one or two short sentences, in the language of the conversation, what the tools answered, and "
    "then say goodbye."
)


class TransferRequest(Struct, frozen=True):
    """The arguments of the transfer tool."""

    destination: str = ""
    """A name of the directory; "" is its first open one that was not rung in vain."""
    reason: str = ""
    summary: str = ""


@dataclass(slots=True)
class PendingTransfer:
    """One attempt to put the caller through."""

    request_id: str
    request: TransferRequest
    by_model: bool
    """The model asked for it. The call_id of its function call is the request_id."""
    announced: bool
    """The model has told the caller."""


def fold_name(name: str) -> str:
    """The name in the form of the directory and the tools: `functions.Front-Desk` is `front_desk`."""
    return re.sub(r"[^a-z0-9]+", "_", name.strip().casefold().removeprefix("functions.")).strip("_")


def read_request(arguments: str, destinations: Sequence[str]) -> TransferRequest | str:
    """The request in a function call's arguments, or a message for the model that says what is wrong with them.

    Only the destination matters. Everything else may be missing, null or of any type.
    """
    try:
        fields = decode(arguments if arguments.strip() else "{}")
    except BAD_JSON as error:
        return f"bad arguments: {error}"
    if fields is None:
        fields = {}
    if not isinstance(fields, dict):
        return f"bad arguments: expected an object, got {type(fields).__name__}"
    destination = fields.get("destination")
    if destination is None:
        destination = ""
    if not isinstance(destination, str):
        return f"bad arguments: expected destination to be a name, got {type(destination).__name__}"
    known = next((name for name in destinations if fold_name(name) == fold_name(destination)), None)
    if destination.strip() and destinations and known is None:
        return f"unknown destination {destination!r}, expected one of: {', '.join(destinations)}"
    return TransferRequest(known or destination.strip(), _words(fields.get("reason")), _words(fields.get("summary")))


def read_words(arguments: str) -> TransferRequest:
    """A request for any person, with the readable reasons, from arguments that name nobody we know."""
    try:
        fields = decode(arguments)
    except BAD_JSON:
        return TransferRequest()
    if not isinstance(fields, dict):
        return TransferRequest()
    return TransferRequest(reason=_words(fields.get("reason")), summary=_words(fields.get("summary")))


def _words(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def transfer_output(status: str, detail: str) -> str:
    """The output of a failed transfer, for the model."""
    told = {"status": status, "detail": detail} if detail else {"status": status}
    return json.dumps(told | {"next": "Tell the caller what happened and offer something else."})


def refusal_output(reason: str) -> str:
    """The output of a function call that was not carried out."""
    return json.dumps({"error": reason})
