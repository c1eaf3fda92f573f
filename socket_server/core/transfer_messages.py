"""The messages of a transfer: what the model asks for, what it is told, what it has to say.

The model names a destination and gives a reason. Only the transfer function knows numbers and what a name means.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from msgspec import Struct
from msgspec.json import decode

from socket_server.core.actions import Brief
from socket_server.core.attempt_events import AttemptChanged
from socket_server.core.errors import BAD_JSON

TOOL = "transfer_to_human"
NOTE_CHARACTERS = 500  # of what a person said, who does not take the call
CANCEL_TOOL = "cancel_transfer"
BRIEF_CHARACTERS = 120  # of each of its fields; the function cuts them to what a person listens to

ANNOUNCE = (
    "Tell the caller in one short sentence, in the language of the conversation, that you are putting them through to "
    "a person now and that they should stay on the line. Say nothing else."
)
TELLS_YOU = "Others may still be rung; you will be told."
GO_ON = "Tell the caller in one short sentence, and offer what else you can do."
TALK_ON = (
    "The talk goes on. Tell the caller that you are ringing somebody, and help them meanwhile. You will be told what "
    f"happens. Promise nobody before that. If the caller wants nobody any more, call {CANCEL_TOOL}."
)
GOODBYE = "Say goodbye to the caller in one short sentence, in the language of the conversation."
ANSWER_THEN_GOODBYE = (
    "Tell the caller in one or two short sentences, in the language of the conversation, what the tools answered, and "
    "then say goodbye."
)
CANCELLED = json.dumps({"status": "cancelled", "detail": "nobody is being rung any more"})


class TransferRequest(Struct, frozen=True):
    """The arguments of the transfer tool."""

    destination: str = ""
    """A name of the directory; "" is its first open one that was not rung in vain."""
    reason: str = ""
    summary: str = ""
    brief: Brief = Brief()


@dataclass(slots=True)
class PendingTransfer:
    """One attempt to put the caller through."""

    request_id: str
    request: TransferRequest
    by_model: bool
    """The model asked for it. The call_id of its function call is the request_id."""
    announced: bool
    """The model has told the caller."""
    connects: bool = False
    """A person has taken the call and waits: `Ringing`. The function call was answered when people began to ring."""


@dataclass(frozen=True, slots=True)
class Ringing:
    """People ring while the talk goes on: one attempt."""

    request_id: str
    destination: str
    answered: bool = False
    """The function has answered that people ring."""
    accepted_by: str | None = None
    """The person who has taken the call and waits for the caller; "": their name is unknown; None: nobody has."""


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
    words = _words(fields.get("reason")), _words(fields.get("summary"))
    brief = Brief(*(_words(fields.get(name))[:BRIEF_CHARACTERS] for name in ("who", "about", "done")))
    return TransferRequest(known or destination.strip(), *words, brief)


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


def ringing_output(people: int) -> str:
    """The output of the transfer tool when people ring and the talk goes on."""
    told: dict[str, object] = {"status": "ringing"} | ({"people": people} if people else {})
    return json.dumps(told | {"next": TALK_ON})


def announce_person(person: str) -> str:
    """The instructions for the last words before the caller is with this person."""
    who = person or "a person"
    return (
        f"The call has been taken by {who}, who waits for the caller. Tell the caller in one short sentence, in the "
        f"language of the conversation, that you are putting them through to {who} now. Say nothing else."
    )


def describe_change(event: AttemptChanged) -> str:
    """What happens while people ring, for the model."""
    who = event.person or "Somebody"
    note = json.dumps(event.note[:NOTE_CHARACTERS], ensure_ascii=False) if event.note else ""
    match event.state:
        case "ringing":
            return f"{event.people or 'Some'} {'person is' if event.people == 1 else 'people are'} being rung."
        case "listening":
            return f"{who} has picked up and hears what the call is about. They have not taken the call yet."
        case "passed":
            return f"{who} was rung and does not take the call. {TELLS_YOU}"
        case "accepted":
            return f"{who} takes the call."
        case "answered_through":
            said = f"said what to tell the caller: {note}" if note else "does not take the call"
            return f"{who} {said}. Nobody is being rung any more. Tell the caller, and offer what else you can do."
        case "nobody":
            why = f" ({note})" if note else ""
            return f"Nobody who was rung takes the call{why}. {GO_ON}"
        case "failed":
            why = f" ({note})" if note else ""
            return f"Nobody can be rung any more{why}. {GO_ON}"
        case _:
            assert_never(event.state)


def refusal_output(reason: str) -> str:
    """The output of a function call that was not carried out."""
    return json.dumps({"error": reason})
