"""The function calls of one response are decided together. Their order does not matter.

A transfer beats a goodbye. A refused transfer cancels the goodbye. A goodbye waits until the caller has heard the
answers of the other tools. A transfer waits only until the tools have answered.
"""

from collections.abc import Sequence
from itertools import batched

from socket_server.core import attended, goodbye, tool_answers, transfer
from socket_server.core import transfer_messages as messages
from socket_server.core.actions import CreateResponse
from socket_server.core.events import FunctionCall
from socket_server.core.state import CallState
from socket_server.core.transfer_messages import TransferRequest

END_CALL = "end_call"
RINGS_ALREADY = f"people are being rung already; to ring others, call {messages.CANCEL_TOOL} first"
MOVING = "the call is already being moved or ended"
REFUSALS = 2  # of a transfer; after that, a caller who was promised a person gets anybody who is there
FRUITLESS_TRANSFERS = 3  # since the caller last said something; they must speak before people are rung again
NOBODY_REACHED = "nobody could be reached; say so, and wait for what the caller says"
MOST_CALLS = 16  # of one response


def decide(call: CallState, calls: Sequence[FunctionCall], *, spoke: bool) -> None:
    """Decide the calls of a completed response. `spoke`: the response also had words."""
    named: dict[str, list[FunctionCall]] = {messages.TOOL: [], messages.CANCEL_TOOL: [], END_CALL: [], "": []}
    for each in calls:
        named.get(messages.fold_name(each.name), named[""]).append(each)
    transfers, goodbyes = named[messages.TOOL], named[END_CALL]
    attended.cancel_by_model(call, named[messages.CANCEL_TOOL])
    for each in named[""]:
        tool_answers.run(call, each)
    accepted = _transfer(call, transfers)
    if accepted is not None:
        _put_through(call, *accepted, goodbyes, spoke=spoke)
    elif transfers:
        tool_answers.refuse(call, goodbyes, "the transfer was refused")
        tool_answers.answer_tools(call)
    elif goodbyes:
        attended.cancel(call, "cancelled_by_caller")  # who says goodbye waits for nobody
        tool_answers.refuse(call, goodbyes[1:], MOVING)
        goodbye.begin(call, goodbyes[0].call_id, spoke=spoke)
    elif named[messages.CANCEL_TOOL]:
        tool_answers.answer_tools(call)


def _put_through(
    call: CallState, wish: FunctionCall, request: TransferRequest, goodbyes: Sequence[FunctionCall], *, spoke: bool
) -> None:
    """Begin the transfer, unless people were rung too often, or are being rung."""
    if call.fruitless_transfers >= FRUITLESS_TRANSFERS:
        tool_answers.refuse(call, [wish, *goodbyes], NOBODY_REACHED)
        call.requests.want_response(CreateResponse(tools_allowed=False))
    elif call.ringing is not None:
        tool_answers.refuse(call, [wish, *goodbyes], RINGS_ALREADY)
        tool_answers.answer_tools(call)
    elif call.opening.rings_beside(request.destination):
        tool_answers.refuse(call, goodbyes, "people are being rung for the caller")
        attended.begin(call, wish, request)
    else:
        tool_answers.refuse(call, goodbyes, "the caller is being put through")
        transfer.begin_by_model(call, wish, request, spoke=spoke)


def take_new(call: CallState, calls: Sequence[FunctionCall]) -> tuple[FunctionCall, ...]:
    """The calls that are new. If there are too many, the rest is refused."""
    fresh = {each.call_id: each for each in reversed(calls) if each.call_id not in call.calls_seen}
    call.calls_seen |= fresh.keys()
    first, *others = batched(reversed(fresh.values()), MOST_CALLS, strict=False) if fresh else [()]
    for more in others:
        tool_answers.refuse(call, more, f"a response may call {MOST_CALLS} functions")
    return first


def _transfer(call: CallState, transfers: Sequence[FunctionCall]) -> tuple[FunctionCall, TransferRequest] | None:
    """Begin the transfer that counts; refuse all others."""
    accepted: tuple[FunctionCall, TransferRequest] | None = None
    refused: list[tuple[FunctionCall, str]] = []
    for each in transfers:
        request = messages.read_request(each.arguments, call.opening.destinations)
        if isinstance(request, str):
            refused.append((each, request))
        elif accepted is not None:
            refused.append((each, MOVING))
        else:
            by_name = call.refused_transfers < REFUSALS
            accepted = each, request if by_name else TransferRequest("", request.reason, request.summary, request.brief)
    if refused and accepted is None:
        call.refused_transfers += 1
        if call.refused_transfers >= REFUSALS:
            first, _ = refused.pop(0)
            accepted = first, messages.read_words(first.arguments)
    for each, why in refused:
        tool_answers.refuse(call, [each], why)
    return accepted
