"""Putting the caller through to a person, or saying goodbye, without a cut word and without a silent line.

The model says its sentence and calls the tool; from the moment the call appears the sentence is protected (`hold`).
When the response is complete, its tools have answered and the last word was heard, the transfer function is asked. Once
the call has moved, nothing here hangs up: that would cut the caller off from the person.
"""

from socket_server.core import transfer_messages as words
from socket_server.core.actions import (
    AddMessage,
    CloseModel,
    CreateResponse,
    SendToolOutput,
    Transfer,
)
from socket_server.core.events import FunctionCall, TransferFinished
from socket_server.core.state import CallState, Phase
from socket_server.core.transfer_messages import PendingTransfer, TransferRequest

BY_KEY = "the caller pressed 0"


def by_model(call: CallState, function_call: FunctionCall, wish: TransferRequest, *, spoke: bool) -> None:
    """The model asks, in a response that completed; `spoke`: with a sentence in the same response."""
    stay(call, "the caller is being put through")
    call.handover = PendingTransfer(function_call.call_id, wish, by_model=True, announced=spoke)
    call.phase = Phase.ESCALATING
    call.do_all(call.turn_taking.hold())
    say_first(call, words.ANNOUNCE, spoken=spoke)


def say_first(call: CallState, instructions: str, *, spoken: bool) -> None:
    """Before the line goes quiet a sentence has to be heard: the model's own, or else one that it is asked for."""
    if spoken:
        call.turn_taking.want_nothing()  # whatever else there was to say would come between
    else:
        call.turn_taking.want_response(CreateResponse(instructions, tools_allowed=False))


def ask_for_a_person(call: CallState, reason: str) -> None:
    """Without the model: the network itself tells the caller, when they have heard what there is to hear."""
    call.handovers += 1
    request_id = f"{call.stream_sid}-{call.handovers}"
    call.handover = PendingTransfer(request_id, TransferRequest(reason=reason), by_model=False, announced=False)
    call.phase = Phase.ESCALATING


def zero_pressed(call: CallState) -> None:
    """The caller asks for a person; what the model was saying is cut."""
    call.do_all(call.turn_taking.barge_in(call.now_ms, cancel=True))
    stay(call, "the caller pressed 0 for a person")
    if call.session_ready:
        call.do_all(call.turn_taking.hold())
    call.greeting_asked = False  # what was asked for is outdated; if nobody comes, they are greeted again
    ask_for_a_person(call, BY_KEY)


def transfer(call: CallState) -> None:
    assert call.handover is not None  # ESCALATING begins with one
    call.phase = Phase.TRANSFERRING
    call.asked.add(call.handover.request_id)
    wish, announce = call.handover.wish, not call.handover.announced
    call.do(Transfer(call.handover.request_id, wish.destination, wish.reason, wish.summary, announce))


def transfer_finished(call: CallState, event: TransferFinished) -> None:
    if event.status == "moved" and event.request_id in call.asked:
        _moved(call)  # also when we had given up waiting
        return
    waiting = call.phase is Phase.TRANSFERRING and call.handover is not None
    if not waiting or call.handover is None or event.request_id != call.handover.request_id:
        return
    match event.status:
        case "caller_gone":
            call.end("caller_gone")
        case "in_progress":
            pass  # another invocation is at it: `stop` or the deadline tells
        case _:  # ringing, closed, unknown_destination, failed
            transfer_failed(call, event.status, event.detail)


def _moved(call: CallState) -> None:
    """The network ends the stream."""
    call.handover = None
    call.phase = Phase.TRANSFERRING
    call.moved = True
    call.caller_audio = "drop"
    if call.model_lives:
        call.do(CloseModel())
        call.model_lives = False


def transfer_failed(call: CallState, status: str, detail: str) -> None:
    """Nothing has happened to the call: the model is told and goes on."""
    assert call.handover is not None  # TRANSFERRING begins with one
    if not call.model_lives:
        call.end("model_failed")
        return
    call.phase = Phase.TALKING if call.session_ready else Phase.OPENING
    told, asked = words.outcome(status, detail), call.handover
    if status == "unknown_destination":
        call.refused_transfers += 1
    else:
        call.refused_transfers = 0
        call.fruitless_transfers += 1
    call.handover = None
    if asked.by_model:
        call.do(SendToolOutput(asked.request_id, told))
    else:
        tell_when_ready(call, AddMessage("system", f"The caller pressed 0 for a person. The outcome: {told}"))
    call.do_all(call.turn_taking.release())
    if call.session_ready:
        call.turn_taking.want_response()


def tell_when_ready(call: CallState, message: AddMessage) -> None:
    """Add to what the model knows; before its session is ready also for another one, if this one should be lost."""
    if not call.session_ready:
        call.told_when_ready.append(message)
    if call.model_lives and (call.session_asked or call.session_ready):
        call.do(message)


# --- the goodbye


def leave(call: CallState, goodbye_call: str, *, spoke: bool) -> None:
    """The call is to end, by the model's function call or, with "", by our own idea."""
    stay(call, "it is asked for once more")
    call.goodbye_call = goodbye_call
    if call.tools_running:  # the answers are heard first; `tools_answered` goes on
        return
    call.phase = Phase.LEAVING
    call.goodbye_unsaid = not spoke
    say_first(call, words.GOODBYE, spoken=spoke)


def tools_answered(call: CallState) -> None:
    """What the tools of the goodbye's response told is said, then the goodbye."""
    call.phase = Phase.LEAVING
    call.goodbye_unsaid = True
    say_first(call, words.ANSWER_THEN_GOODBYE, spoken=False)


def stay(call: CallState, why: str) -> None:
    """The goodbye is off, if there was to be one."""
    if call.goodbye_call is None:
        return
    if call.phase is Phase.LEAVING:
        call.phase = Phase.TALKING
        call.turn_taking.want_nothing()
    if call.goodbye_call and call.model_lives:
        call.do(SendToolOutput(call.goodbye_call, words.refusal(why)))
    call.goodbye_call = None
