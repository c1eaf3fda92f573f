"""The function calls of one response are decided together. Their order does not matter.

A transfer beats a goodbye. A refused transfer cancels the goodbye. A goodbye waits until the caller has heard the
answers of the other tools. A transfer waits only until the tools have answered.
"""

from collections.abc import Sequence
from itertools import batched

from socket_server.core import goodbye, transfer
from socket_server.core import transfer_messages as messages
from socket_server.core.actions import CreateResponse, RunTool, SendToolOutput
from socket_server.core.events import FunctionCall
from socket_server.core.opening import to_message
from socket_server.core.state import CallState, ToolRun
from socket_server.core.transfer_messages import TransferRequest

END_CALL = "end_call"
MOVING = "the call is already being moved or ended"
REFUSALS = 2  # of a transfer; after that, a caller who was promised a person gets anybody who is there
FRUITLESS_TRANSFERS = 3  # since the caller last said something; they must speak before people are rung again
MOST_CALLS = 16  # of one response
OUTPUT_CHARACTERS = 50_000  # of a tool's answer, for the model
TOOL_CHARACTERS = 4000  # of a tool's arguments and answer, for the record and for a later session
TOOL_ROUNDS = 5  # in a row without an answer; then the model must answer with what it knows

ONE_MOMENT = CreateResponse(
    "Tell the caller in one short sentence, in the language of the conversation, that this takes a moment longer. Say "
    "nothing else.",
    tools_allowed=False,
)
"""A sentence requested while a tool runs; it does not count as an answer."""


def decide(call: CallState, calls: Sequence[FunctionCall], *, spoke: bool) -> None:
    """Decide the calls of a completed response. `spoke`: the response also had words."""
    transfers = [each for each in calls if messages.fold_name(each.name) == messages.TOOL]
    goodbyes = [each for each in calls if messages.fold_name(each.name) == END_CALL]
    for each in calls:
        if each not in transfers and each not in goodbyes:
            _run(call, each)
    accepted = _transfer(call, transfers)
    if accepted is not None and call.fruitless_transfers >= FRUITLESS_TRANSFERS:
        refuse(call, [accepted[0], *goodbyes], "nobody could be reached; say so, and wait for what the caller says")
        call.requests.want_response(CreateResponse(tools_allowed=False))
    elif accepted is not None:
        refuse(call, goodbyes, "the caller is being put through")
        transfer.begin_by_model(call, *accepted, spoke=spoke)
    elif transfers:
        refuse(call, goodbyes, "the transfer was refused")
        _answer_tools(call)
    elif goodbyes:
        refuse(call, goodbyes[1:], MOVING)
        goodbye.begin(call, goodbyes[0].call_id, spoke=spoke)


def take_new(call: CallState, calls: Sequence[FunctionCall]) -> tuple[FunctionCall, ...]:
    """The calls that are new. If there are too many, the rest is refused."""
    fresh = {each.call_id: each for each in reversed(calls) if each.call_id not in call.calls_seen}
    call.calls_seen |= fresh.keys()
    first, *others = batched(reversed(fresh.values()), MOST_CALLS, strict=False) if fresh else [()]
    for more in others:
        refuse(call, more, f"a response may call {MOST_CALLS} functions")
    return first


def refuse(call: CallState, calls: Sequence[FunctionCall], why: str) -> None:
    for each in calls:
        call.do(SendToolOutput(each.call_id, messages.refusal_output(why)))


def tool_finished(call: CallState, call_id: str, output: str) -> None:
    run = call.tools_running.pop(call_id, None)
    if run is None:
        return
    if len(output) > OUTPUT_CHARACTERS:
        output = messages.refusal_output(
            f"expected an answer of at most {OUTPUT_CHARACTERS} characters, got {len(output)}"
        )
    told = to_message("tool", tool_turn(run.name, run.arguments, output))
    assert told is not None  # it names the tool
    if run.of_lost_session:
        call.tell_model(told)
        call.speaks_first = True
        if call.opens and call.session_asked:
            call.requests.want_response()
    elif call.model_lives:
        call.do(SendToolOutput(call_id, output))
    call.remember(told)
    if call.talks and call.goodbye_call is None:
        _answer_tools(call)
    elif call.talks and not call.tools_running:
        goodbye.tools_answered(call)


def tool_turn(name: str, arguments: str, output: str) -> str:
    """A tool's run as the record and a later session know it."""
    return f"{name} {arguments or '{}'}: {output}"[:TOOL_CHARACTERS]


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
            accepted = each, request if by_name else TransferRequest("", request.reason, request.summary)
    if refused and accepted is None:
        call.refused_transfers += 1
        if call.refused_transfers >= REFUSALS:
            first, _ = refused.pop(0)
            accepted = first, messages.read_words(first.arguments)
    for each, why in refused:
        refuse(call, [each], why)
    return accepted


def _run(call: CallState, function_call: FunctionCall) -> None:
    call.tools_running[function_call.call_id] = ToolRun(function_call.name, function_call.arguments)
    call.do(RunTool(function_call.call_id, function_call.name, function_call.arguments))


def _answer_tools(call: CallState) -> None:
    """When the model has all outputs, it goes on."""
    if not call.tools_running:
        too_many = call.tool_rounds >= TOOL_ROUNDS
        call.requests.want_response(CreateResponse(tools_allowed=False) if too_many else None)
