"""The tools that run for the model: they are started, and what they answer is given to it.

When the model has all outputs, it goes on.
"""

from collections.abc import Sequence

from socket_server.core import goodbye
from socket_server.core import transfer_messages as messages
from socket_server.core.actions import CreateResponse, RunTool, SendToolOutput
from socket_server.core.events import FunctionCall
from socket_server.core.opening import to_message
from socket_server.core.state import CallState, ToolRun

OUTPUT_CHARACTERS = 50_000  # of a tool's answer, for the model
TOOL_CHARACTERS = 4000  # of a tool's arguments and answer, for the record and for a later session
TOOL_ROUNDS = 5  # in a row without an answer; then the model must answer with what it knows

ONE_MOMENT = CreateResponse(
    "Tell the caller in one short sentence, in the language of the conversation, that this takes a moment longer. Say "
    "nothing else.",
    tools_allowed=False,
)
"""A sentence requested while a tool runs; it does not count as an answer."""


def run(call: CallState, function_call: FunctionCall) -> None:
    call.tools_running[function_call.call_id] = ToolRun(function_call.name, function_call.arguments)
    call.do(RunTool(function_call.call_id, function_call.name, function_call.arguments))


def refuse(call: CallState, calls: Sequence[FunctionCall], why: str) -> None:
    for each in calls:
        call.do(SendToolOutput(each.call_id, messages.refusal_output(why)))


def finish(call: CallState, call_id: str, output: str) -> None:
    run = call.tools_running.pop(call_id, None)
    if run is None:
        return
    if len(output) > OUTPUT_CHARACTERS:
        output = messages.refusal_output(
            f"expected an answer of at most {OUTPUT_CHARACTERS} characters, got {len(output)}"
        )
    told = to_message("tool", make_turn(run.name, run.arguments, output))
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
        answer_tools(call)
    elif call.talks and not call.tools_running:
        goodbye.tools_answered(call)


def make_turn(name: str, arguments: str, output: str) -> str:
    """A tool's run as the record and a later session know it."""
    return f"{name} {arguments or '{}'}: {output}"[:TOOL_CHARACTERS]


def answer_tools(call: CallState) -> None:
    """When the model has all outputs, it goes on."""
    if not call.tools_running:
        too_many = call.tool_rounds >= TOOL_ROUNDS
        call.requests.want_response(CreateResponse(tools_allowed=False) if too_many else None)
