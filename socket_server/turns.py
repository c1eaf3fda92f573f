"""Taking turns: the session gets ready, the caller and the model speak, tools run beside them."""

from typing import assert_never

from socket_server import greeting, handover
from socket_server import handover_words as words
from socket_server.actions import (
    AddMessage,
    CreateResponse,
    ForwardHeldAudio,
    OpenModel,
    PlayAudio,
    RunTool,
    SendMark,
    SendToolOutput,
)
from socket_server.call_state import CallState, Phase, Timer
from socket_server.events import FunctionCall, ModelError, ModelLost, ModelOpened, ResponseDone, SessionUpdated
from socket_server.playback import MARK_EVERY_BYTES

END_CALL = "end_call"
FORMAT = "audio/pcmu"  # what both sides speak: nothing is transcoded
FAILURES_IN_A_ROW = 2

# Errors after which no response can be expected; every other one leaves the session as it was.
FATAL_ERRORS = frozenset(
    {
        "account_deactivated",
        "billing_hard_limit_reached",
        "insufficient_quota",
        "invalid_api_key",
        "model_not_found",
        "session_expired",
    }
)


def call_admitted(call: CallState) -> None:
    """What can be said without the model is said now; not to somebody who asked for a person before."""
    recorded, floor = call.opening.recorded, call.floor
    if call.phase is not Phase.OPENING or recorded is None:
        return
    floor.greeting.begin(recorded.text)
    floor.words(greeting.ITEM, recorded.text, call.now_ms)
    for start in range(0, len(recorded.audio), MARK_EVERY_BYTES):  # at once: the phone has the buffer for it
        piece = recorded.audio[start : start + MARK_EVERY_BYTES]
        mark = floor.model_audio(greeting.RESPONSE, greeting.ITEM, len(piece), call.now_ms)
        call.do(PlayAudio(piece), *([SendMark(mark)] if mark else []))
    whole = ResponseDone(greeting.RESPONSE, "completed", message_ids=(greeting.ITEM,))
    call.do_all(floor.response_done(whole, call.now_ms))


def session(call: CallState, event: ModelOpened | SessionUpdated | ModelError | ModelLost) -> None:
    match event:
        case ModelOpened():
            model_opened(call)
        case SessionUpdated():
            session_updated(call, event)
        case ModelError():
            model_error(call, event)
        case ModelLost():
            model_lost(call, event)
        case _:
            assert_never(event)


def model_opened(call: CallState) -> None:
    """What the model is to know and to say first needs not wait for its answer: it reads in order."""
    if call.session_ready:
        return
    call.floor.model_lost()  # what another socket was asked for, one that was lost before its session was ready
    call.session_asked = True
    call.do_all(call.floor.greeting.tell())
    call.do(*call.opening.messages, *call.keys_held)
    call.greeting_asked = call.phase is Phase.OPENING  # else he pressed 0 before: nobody answers him now
    if call.greeting_asked and not call.floor.greeting.played:
        call.floor.want_response(CreateResponse(call.opening.instructions))
    elif call.greeting_asked and call.keys_held:
        call.floor.want_response()
    call.do_all(call.floor.next_response())


def session_updated(call: CallState, event: SessionUpdated) -> None:
    if call.session_ready:
        return
    if (event.input_format, event.output_format) != (FORMAT, FORMAT):
        # Any other format is loud noise in the caller's ear.
        handover.model_failed(call, f"the session is {event.input_format} in, {event.output_format} out, not {FORMAT}")
        return
    call.session_ready = True
    call.caller_audio = "forward"
    call.do(ForwardHeldAudio())
    if call.phase is Phase.OPENING:
        call.phase = Phase.TALKING
        if not call.greeting_asked:
            call.floor.want_response(CreateResponse(call.opening.instructions))
    else:  # he pressed 0 before: as there, nobody answers him now
        call.do_all(call.floor.hold())


def model_error(call: CallState, event: ModelError) -> None:
    if event.code in FATAL_ERRORS or not call.session_ready:
        handover.model_failed(call, f"error {event.code}")
    elif event.code == "conversation_already_has_active_response":
        call.floor.request_refused()


def model_lost(call: CallState, event: ModelLost) -> None:
    if event.spare and not call.session_ready:
        call.do(OpenModel())  # what it was asked for, the next one is asked for too
    else:
        handover.model_lost(call)


def caller_started(call: CallState, item_id: str) -> None:
    call.floor.caller_started(item_id, call.now_ms)
    if call.phase is Phase.TALKING and call.floor.held:
        call.spoken_over = True  # whether this cuts the sentence is told by how its response ends
    elif call.phase is Phase.TALKING:
        call.do_all(call.floor.barge_in(call.now_ms))
    elif call.phase is Phase.LEAVING:  # he has more to say
        call.do_all(call.floor.barge_in(call.now_ms))
        handover.stay(call, "the caller went on talking")


def call_started(call: CallState, response_id: str, name: str) -> None:
    """Protect the sentence before the function call is complete: afterwards the service may have cut it."""
    if call.phase is Phase.TALKING and name == words.TOOL and not call.floor.was_cut(response_id):
        call.spoken_over = call.spoken_over and call.floor.held
        call.do_all(call.floor.hold())


def response_done(call: CallState, done: ResponseDone) -> None:
    if call.phase is Phase.TALKING and call.floor.held and call.spoken_over and done.status == "cancelled":
        call.do_all(call.floor.barge_in(call.now_ms))  # it was not protected in time
    cut = call.floor.was_cut(done.response_id)
    spoke = call.floor.spoke(done.response_id)
    call.do_all(call.floor.response_done(done, call.now_ms))
    if call.handover is not None and call.phase is Phase.ESCALATING:
        call.handover.announced |= spoke and call.floor.made_for_us(done.response_id)
    if call.phase is not Phase.TALKING:
        _refuse(call, done, "the call is already being moved or ended")
    elif cut:
        _refuse(call, done, "the caller interrupted")
    elif done.status == "completed" and (spoke or done.calls):
        call.failures = 0
        for function_call in done.calls:
            _call_tool(call, function_call, spoke=spoke)
    else:
        _refuse(call, done, "the response broke off")
        if done.status == "failed" or (done.status != "cancelled" and not spoke):
            _response_failed(call, done.error)
        elif done.calls:
            call.floor.want_response()
    if call.handover is None and call.floor.held:
        _let_go(call)


def tool_finished(call: CallState, call_id: str, output: str) -> None:
    if call_id not in call.tools_running or not call.model_lives:
        return
    call.tools_running.discard(call_id)
    call.do(SendToolOutput(call_id, output))
    if call.phase is Phase.TALKING and not call.tools_running:
        call.floor.want_response()


def keys_typed(call: CallState, keys: str) -> None:
    """The model cannot hear keys: it reads them."""
    message = AddMessage("user", f"(The caller pressed these keys on the phone: {keys})")
    if call.phase is Phase.LEAVING and call.model_lives:  # of one that is gone, the goodbye is all there is
        call.do_all(call.floor.barge_in(call.now_ms, cancel=True))
        handover.stay(call, "the caller pressed keys")
    if call.phase is Phase.OPENING:
        call.keys_held.append(message)
    if call.phase is Phase.TALKING or (call.phase is Phase.OPENING and call.session_asked):
        call.do(message)
        call.floor.want_response()


def expect_an_answer(call: CallState) -> None:
    """The caller is owed one: from now on the time runs, unless it does already.

    Half of it is for the service to answer a turn by itself; then it is asked, and has the other half.
    """
    if Timer.ANSWER not in call.timers:
        call.bytes_when_due = call.floor.playback.total_bytes
        call.set_timer(Timer.ANSWER, _answer_ms(call) // (2 if call.floor.service_answers else 1))


def answer_late(call: CallState) -> None:
    """The caller was owed an answer all this time."""
    if call.phase is Phase.TALKING and call.floor.playback.total_bytes > call.bytes_when_due:
        return  # he has heard something since; if he waits again, that is another wait
    if call.phase is Phase.TALKING and call.floor.give_up_waiting():
        call.set_timer(Timer.ANSWER, _answer_ms(call) // 2)
        _response_failed(call, "")
    elif call.phase in (Phase.OPENING, Phase.TALKING):  # not where a key 0 came due in the same moment
        handover.model_failed(call, f"no answer within {call.agent.limits.answer_seconds} s")


def _answer_ms(call: CallState) -> int:
    return call.agent.limits.answer_seconds * 1000


def _call_tool(call: CallState, function_call: FunctionCall, *, spoke: bool) -> None:
    if call.phase is not Phase.TALKING:
        call.do(SendToolOutput(function_call.call_id, words.refusal("the call is already being moved or ended")))
    elif function_call.name == words.TOOL:
        handover.transfer_called(call, function_call, spoke=spoke)
    elif function_call.name == END_CALL:
        call.phase = Phase.LEAVING
        call.goodbye_call = function_call.call_id
        handover.say_first(call, words.GOODBYE, spoken=spoke)
    else:
        call.tools_running.add(function_call.call_id)
        call.do(RunTool(function_call.call_id, function_call.name, function_call.arguments))


def _refuse(call: CallState, done: ResponseDone, why: str) -> None:
    for function_call in done.calls:
        call.do(SendToolOutput(function_call.call_id, words.refusal(why)))


def _response_failed(call: CallState, error: str) -> None:
    """Nothing was said in answer: once more, then a person."""
    call.failures += 1
    if error in FATAL_ERRORS or call.failures >= FAILURES_IN_A_ROW:
        handover.model_failed(call, f"{call.failures} responses in a row came to nothing: {error or 'no answer'}")
    else:
        call.floor.want_response()


def _let_go(call: CallState) -> None:
    """The sentence was protected for a transfer that did not come of it."""
    call.do_all(call.floor.release())
    if call.phase is Phase.TALKING and call.spoken_over and not call.floor.caller_speaks:
        call.floor.want_response()  # his turn ended while the service was told not to answer
