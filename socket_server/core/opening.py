"""How a stream begins: with a greeting, or, if the call had a stream before, where that one stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from socket_server.core.actions import AddMessage, Speaker
from socket_server.core.agent import Agent
from socket_server.core.recorded_greeting import Recorded
from socket_server.core.tool_offers import Destination
from socket_server.core.transfer_messages import Ringing

# What the model is told about an attempt to reach a person. The keys are the possible values in an attempt's row: the
# kind of its failure, or its status.
OUTCOMES = {
    "no_answer": "nobody answered",
    "busy": "the line was busy",
    "declined": "the person could not take the call",
    "not_accepted": "somebody or a voicemail picked up, but did not take the call",
    "unconfirmed": "somebody picked up, and it is not known whether they talked: ask whether the caller was helped",
    "failed": "the connection could not be made",
    "caller_gone": "the connection was lost while it was being made",
    "no_such_number": "the number does not exist or is not in service",
    "not_permitted": "our telephone account may not call there",
    "no_line": "no telephone line was free",
    "unreachable": "the telephone could not be reached",
    "refused": "the telephone network refused the call",
    "forwarded_back": "their telephone forwards to this number here, so they cannot be reached",
    "caller_id": "the telephone network refused the call",
    "bridged": "they have talked with each other",
    "nobody": "nobody took the call",
    "passed": "nobody took the call",
    "answered_through": "somebody answered, but did not take the call",
    "cancelled_by_caller": "it was called off",
}

# While these people were rung, the caller talked on.
BESIDE_THE_TALK = ("nobody", "passed", "answered_through", "cancelled_by_caller")

MAY_HAVE_TALKED = ("bridged", "unconfirmed")
# A promise of which nobody knows is worse than none.
TOLD = "The people there get a message about this call with the caller's number. You may say so; promise no time."
NOT_TOLD = "The people there learn nothing of this call: do not promise that they call back."

STILL_RINGING = "People are still being rung for the caller. You will be told what happens. Promise nobody before that."

INTERRUPTED = "The connection was interrupted for a moment; the caller is back with you."
GO_ON = "Say in one short sentence that you are back, and go on where the conversation stopped."


@dataclass(frozen=True, slots=True)
class Past:
    """What the caller heard before this stream, oldest first, and how the last attempt to reach a person ended."""

    turns: tuple[AddMessage, ...]
    attempt: str = ""
    """A key of OUTCOMES, or "" if no attempt was made."""
    destination: str = ""
    told: bool = False
    """People there are told that nobody took the call."""
    ringing: Ringing | None = None
    """People ring still, beside the talk."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What the model gets before the caller hears its first word."""

    instructions: str
    """The instructions of the first response."""
    messages: tuple[AddMessage, ...] = ()
    destinations: tuple[str, ...] = ()
    """Names that the model may transfer to; empty if they are unknown: then any name is tried."""
    recorded: Recorded | None = None
    """Played at once, instead of a first response."""
    attended: frozenset[str] = frozenset()
    """The destinations where people are rung while the talk goes on."""
    ringing: Ringing | None = None
    """People ring already."""

    def rings_beside(self, destination: str) -> bool:
        """The talk goes on while people are rung there. "": whoever is there first."""
        return destination in self.attended if destination else self.always_rings_beside

    @property
    def always_rings_beside(self) -> bool:
        return bool(self.destinations) and self.attended.issuperset(self.destinations)


def greet(agent: Agent, destinations: Sequence[Destination] = (), recording: bytes = b"") -> Opening:
    """`recording`: of the agent's `greeting_text`; b"" if there is none."""
    recorded = Recorded(agent.greeting_text, recording) if recording else None
    instructions = f"{agent.instructions}\n\n{agent.greeting}"
    return Opening(instructions, (), _list_names(destinations), recorded, _list_attended(destinations))


def resume(agent: Agent, past: Past, destinations: Sequence[Destination] = ()) -> Opening:
    """The caller is back: they must not be greeted as a stranger."""
    if past.attempt:
        how = OUTCOMES.get(past.attempt, past.attempt)
        where = past.destination or "a person"
        if past.attempt in BESIDE_THE_TALK:
            happened = f"{INTERRUPTED} Before that, {where} was rung for them: {how}."
        else:
            happened = f"The caller was put through to {where}: {how}. They are back with you."
        if past.attempt not in MAY_HAVE_TALKED:
            happened += f" {TOLD if past.told else NOT_TOLD}"
        task = "Tell the caller in one or two short sentences what happened, and offer what else you can do."
    else:
        happened, task = INTERRUPTED, GO_ON
    if past.ringing:
        happened += f" {STILL_RINGING}"
    note = AddMessage("system", happened)
    return Opening(
        f"{agent.instructions}\n\n{happened} {task}",
        (*past.turns, note),
        _list_names(destinations),
        attended=_list_attended(destinations),
        ringing=past.ringing,
    )


def _list_names(destinations: Sequence[Destination]) -> tuple[str, ...]:
    return tuple(each.name for each in destinations)


def _list_attended(destinations: Sequence[Destination]) -> frozenset[str]:
    return frozenset(each.name for each in destinations if each.mode == "attended")


def to_message(speaker: Speaker, heard: str) -> AddMessage | None:
    """A turn of the record as a later session reads it; None if it has no content for it."""
    if not heard:
        return None
    match speaker:
        case "caller":
            return AddMessage("user", heard)
        case "model":
            return AddMessage("assistant", heard)
        case "keys":
            return AddMessage("user", f"(The caller pressed these keys on the phone: {heard})")
        case "tool":
            return AddMessage("system", f"(A tool that you called has answered. {heard})")
        case _:
            assert_never(speaker)
