"""Putting the caller through to a person, without a cut word and without a silent line.

The model says its sentence and calls the tool; from the moment the call appears the sentence is protected (`hold`).
When the response is complete and the last word was heard, the transfer function is asked. Once the call has moved,
nothing here hangs up: that would cut the caller off from the person.
"""

from socket_server import handover_words as words
from socket_server.actions import (
    AddMessage,
    CloseModel,
    CreateResponse,
    SendToolOutput,
    Transfer,
)
from socket_server.call_state import CallState, Phase, Timer
from socket_server.events import FunctionCall, TransferFinished
from socket_server.handover_words import Handover, Wish

MARKS_LATE_MS = 3000  # beyond the clock's own estimate; then the hand-over goes on without the last mark
ANNOUNCEMENT_MS = 8000  # to make one sentence and to speak it
TRANSFER_MS = 20_000  # the function's own time-outs are shorter


def transfer_called(call: CallState, function_call: FunctionCall, *, spoke: bool) -> None:
    """The model asks, in a response that completed; `spoke`: with a sentence in the same response."""
    wish = words.read_wish(function_call.arguments, call.opening.destinations)
    if isinstance(wish, str):
        call.do(SendToolOutput(function_call.call_id, words.refusal(wish)))
        call.floor.want_response()
        return
    call.handover = Handover(function_call.call_id, wish, by_model=True, announced=spoke)
    call.phase = Phase.ESCALATING
    call.do_all(call.floor.hold())
    say_first(call, words.ANNOUNCE, spoken=spoke)


def say_first(call: CallState, instructions: str, *, spoken: bool) -> None:
    """Before the line goes quiet a sentence has to be heard: the model's own, or else one that it is asked for."""
    if spoken:
        call.floor.want_nothing()  # whatever else there was to say would come between
    else:
        call.floor.want_response(CreateResponse(instructions, tools_allowed=False))
    remaining_ms = call.floor.playback.remaining_ms(call.now_ms)
    call.set_timer(Timer.HANDOVER, remaining_ms + MARKS_LATE_MS + (0 if spoken else ANNOUNCEMENT_MS))


def ask_for_a_person(call: CallState, reason: str) -> None:
    """At once and without the model: the network itself tells the caller."""
    call.handovers += 1
    request_id = f"{call.stream_sid}-{call.handovers}"
    call.handover = Handover(request_id, Wish(reason=reason), by_model=False, announced=False)
    transfer(call)


def stay(call: CallState, why: str) -> None:
    """The goodbye is off."""
    call.phase = Phase.TALKING
    call.stop_timer(Timer.HANDOVER)
    call.floor.want_nothing()
    call.do(SendToolOutput(call.goodbye_call, words.refusal(why)))


def zero_pressed(call: CallState) -> None:
    """The caller asks for a person himself; what the model was saying is cut."""
    call.do_all(call.floor.barge_in(call.now_ms, cancel=True))
    if call.phase is Phase.LEAVING:
        stay(call, "the caller pressed 0 for a person")
    if call.session_ready:
        call.do_all(call.floor.hold())
    call.greeting_asked = False  # what was asked for is outdated; if nobody comes, he is greeted again
    ask_for_a_person(call, "the caller pressed 0")


def transfer(call: CallState) -> None:
    assert call.handover is not None  # ESCALATING begins with one
    call.phase = Phase.TRANSFERRING
    call.asked.add(call.handover.request_id)
    call.set_timer(Timer.HANDOVER, TRANSFER_MS)
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
    call.stop_timer(Timer.HANDOVER)
    call.caller_audio = "drop"
    if call.model_lives:
        call.do(CloseModel())
        call.model_lives = False


def transfer_failed(call: CallState, status: str, detail: str) -> None:
    """Nothing has happened to the call: the model is told and goes on."""
    assert call.handover is not None  # TRANSFERRING begins with one
    call.stop_timer(Timer.HANDOVER)
    if not call.model_lives:
        call.end("model_failed")
        return
    call.phase = Phase.TALKING if call.session_ready else Phase.OPENING
    told = words.outcome(status, detail)
    if call.handover.by_model:
        call.do(SendToolOutput(call.handover.request_id, told))
    elif call.session_ready:
        call.do(AddMessage("system", f"The caller pressed 0 for a person. The outcome: {told}"))
    call.handover = None
    call.do_all(call.floor.release())
    if call.session_ready:
        call.floor.want_response()
    else:
        call.set_timer(Timer.ANSWER, call.agent.limits.answer_seconds * 1000)


def handover_late(call: CallState) -> None:
    """A mark, an announcement or an answer did not come in time."""
    if call.phase is Phase.ESCALATING:
        transfer(call)
    elif call.phase is Phase.LEAVING:
        call.end("goodbye")
    else:
        assert call.phase is Phase.TRANSFERRING  # no other one starts this timer, or leaves it running
        transfer_failed(call, "failed", "no answer in time")


def model_failed(call: CallState, reason: str) -> None:
    """It is there but of no use any more; `reason` is for the log."""
    call.do(CloseModel(reason))
    model_lost(call)


def model_lost(call: CallState) -> None:
    """Its socket is gone: the caller goes to a person at once."""
    call.model_lives = False
    call.caller_audio = "drop"
    call.floor.model_lost()
    if call.phase in (Phase.OPENING, Phase.TALKING):
        ask_for_a_person(call, "the assistant failed")
