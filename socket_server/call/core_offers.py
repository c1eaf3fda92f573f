"""The tools that the core decides about, as the model is offered them: to a person, back from it, and to the end."""

from collections.abc import Sequence

from socket_server.core import transfer_messages
from socket_server.core.function_calls import END_CALL
from socket_server.core.tool_offers import Destination, Json, ToolOffer

CORE_TOOLS = (transfer_messages.TOOL, transfer_messages.CANCEL_TOOL, END_CALL)

DIRECT = (
    "Say in one short sentence whom you are putting the caller through to, in the same response, before you call this."
)
ATTENDED = (
    "Say in one short sentence whom you are ringing, in the same response, before you call this. The caller stays with "
    "you while people are rung: help them meanwhile. You are told what happens, and announce the person who comes."
)
MIXED = (
    f"{DIRECT} Where the list says that the caller stays, say whom you are ringing, and go on helping them while "
    "people are rung. You are told what happens, and announce the person who comes."
)

TO_RING = "A person hears it before they take the call: a few words, in their language."
BRIEF = {"who": "Who calls.", "about": "What it is about.", "done": "What you have done already."}


def list_core_offers(destinations: Sequence[Destination]) -> list[ToolOffer]:
    """To cancel is offered only where the caller stays with the model while people are rung."""
    attended = any(each.mode == "attended" for each in destinations)
    return [_offer_transfer(destinations), *([_offer_cancel()] if attended else []), _offer_end()]


def _offer_transfer(destinations: Sequence[Destination]) -> ToolOffer:
    modes = frozenset(destination.mode for destination in destinations)
    how = {frozenset({"attended"}): ATTENDED, frozenset({"attended", "direct"}): MIXED}.get(modes, DIRECT)
    people = "".join(f"\n- {_describe(destination, mark=how is MIXED)}" for destination in destinations)
    where: dict[str, Json] = {"type": "string", "description": "Whom to put the caller through to."}
    if destinations:
        where["enum"] = [destination.name for destination in destinations]
    properties: dict[str, Json] = {
        "destination": where,
        "reason": {"type": "string", "description": "Why, in a few words."},
        "summary": {"type": "string", "description": "What the person should know, in one or two sentences."},
    }
    required: list[Json] = [*properties]
    if "attended" in modes:
        properties |= {name: {"type": "string", "description": f"{what} {TO_RING}"} for name, what in BRIEF.items()}
    return ToolOffer(
        transfer_messages.TOOL,
        "Put the caller through to a person. Offer it on repeated failure, anger or frustration, and do it whenever "
        f"the caller asks for a person. {how}" + (f" There are:{people}" if people else ""),
        {"type": "object", "properties": properties, "required": required, "additionalProperties": False},
    )


def _describe(destination: Destination, *, mark: bool) -> str:
    stays = " (the caller stays)" if mark and destination.mode == "attended" else ""
    return f"{destination.name}{stays}: {destination.description}{_describe_closed(destination)}"


def _describe_closed(destination: Destination) -> str:
    if destination.open:
        return ""
    return f" (closed now, opens {destination.opens_at})" if destination.opens_at else " (closed now)"


def _offer_cancel() -> ToolOffer:
    return ToolOffer(
        transfer_messages.CANCEL_TOOL,
        "Ring nobody any more. Call it when people are being rung and the caller no longer wants a person.",
        {"type": "object", "properties": {}, "additionalProperties": False},
    )


def _offer_end() -> ToolOffer:
    return ToolOffer(
        END_CALL,
        "Hang up. Only after the caller has said goodbye or wants nothing more. Say goodbye in the same response.",
        {"type": "object", "properties": {}, "additionalProperties": False},
    )
