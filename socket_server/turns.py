"""Taking turns: the session gets ready, the caller and the model speak, tools run beside them."""

from typing import assert_never

from socket_server import function_calls, greeting, handover, model_loss
from socket_server import handover_words as words
from socket_server.actions import (
    CommitAudio,
    CreateResponse,
    ForwardHeldAudio,
    PlayAudio,
    RecordTurn,
    SendMark,
)
from socket_server.call_state import CallState, Phase, Timer
from socket_server.events import ModelError, ModelLost, ModelOpened, ResponseDone, SessionUpdated
from socket_server.opening import remembered
from socket_server.playback import MARK_EVERY_BYTES

FORMAT = "audio/pcmu"  # what both sides speak: nothing is transcoded
FAILURES = 2
RATE_LIMITS = frozenset({"inference_rate_limit_exceeded", "rate_limit_exceeded"})
RETRY_MS = 1000  # after a rate limit that does not say for how long

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

CUT_OFF = "You were cut off in the middle of a sentence. Finish what you wanted to say, in other words, in short."


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
            model_loss.model_lost(call, event)
        case _:
            assert_never(event)


def model_opened(call: CallState) -> None:
    """What the model is to know and to say first needs not wait for its answer: it reads in order."""
    if call.session_ready:
        return
    call.floor.model_lost()  # what another socket was asked for, one that was lost before its session was ready
    call.session_asked = True
    call.do_all(call.floor.greeting.tell())
    call.do(*call.opening.messages, *call.told_when_ready)
    call.greeting_asked = call.phase is Phase.OPENING  # else they pressed 0 before: nobody answers them now
    if call.greeting_asked and call.speaks_first and not call.floor.greeting.played:
        call.floor.want_response(CreateResponse(call.opening.instructions))
    elif call.greeting_asked and call.told_when_ready:
        call.floor.want_response()
    call.do_all(call.floor.next_response())


def session_updated(call: CallState, event: SessionUpdated) -> None:
    if call.session_ready:
        return
    if (event.input_format, event.output_format) != (FORMAT, FORMAT):
        # Any other format is loud noise in the caller's ear.
        reason = f"the session is {event.input_format} in, {event.output_format} out, not {FORMAT}"
        model_loss.model_failed(call, reason)
        return
    call.session_ready = True
    call.ready_at_ms = call.now_ms
    call.told_when_ready.clear()
    call.caller_audio = "forward"
    call.do(ForwardHeldAudio())
    if call.phase is Phase.OPENING:
        call.phase = Phase.TALKING
        if not call.greeting_asked:
            call.floor.want_response(CreateResponse(call.opening.instructions))
    else:  # they pressed 0 before: as there, nobody answers them now
        call.do_all(call.floor.hold())


def model_error(call: CallState, event: ModelError) -> None:
    if event.code in FATAL_ERRORS or not call.session_ready:
        model_loss.session_failed(call, event)
    elif event.code == "conversation_already_has_active_response":
        call.floor.request_refused()


def caller_started(call: CallState, item_id: str) -> None:
    if not call.floor.caller_speaks:
        call.turn_began_ms = call.now_ms
    call.floor.caller_started(item_id, call.now_ms)
    call.stop_timer(Timer.RETRY)  # the service answers this turn
    call.check_ins = 0
    if call.phase is Phase.TALKING and call.floor.held:
        call.spoken_over = True  # whether this cuts the sentence is told by how its response ends
    elif call.phase in (Phase.TALKING, Phase.LEAVING):
        call.do_all(call.floor.barge_in(call.now_ms))
        handover.stay(call, "the caller went on talking")


def caller_stopped(call: CallState) -> None:
    call.floor.caller_stopped()
    call.caller_heard_ms = call.now_ms


def end_caller_turn(call: CallState) -> None:
    """The service does not see the end of the caller's turn: it hears noise, or nothing at all."""
    call.do(CommitAudio())
    call.floor.end_caller_turn()
    call.caller_heard_ms = call.now_ms


def call_started(call: CallState, response_id: str, name: str) -> None:
    """Protect the sentence before the function call is complete: afterwards the service may have cut it."""
    transfers = words.folded(name) == words.TOOL
    if call.phase is Phase.TALKING and transfers and not call.floor.was_cut(response_id):
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
        function_calls.refuse(call, done.calls, function_calls.MOVING)
    elif cut:
        function_calls.refuse(call, done.calls, "the caller interrupted")
    elif done.status == "completed" and (spoke or done.calls):
        _count(call, done, spoke=spoke)
        function_calls.decide(call, done.calls, spoke=spoke)
    else:
        function_calls.refuse(call, done.calls, "the response broke off")
        _broke_off(call, done, spoke=spoke)
    if call.handover is None and call.floor.held:
        _let_go(call)


def _count(call: CallState, done: ResponseDone, *, spoke: bool) -> None:
    """An answer makes up for what failed, and for tools without a word; "one moment" is none."""
    if not spoke:
        call.tool_rounds += 1
    elif call.floor.asked_for(done.response_id) != function_calls.ONE_MOMENT:
        call.failures = call.tool_rounds = 0


def _broke_off(call: CallState, done: ResponseDone, *, spoke: bool) -> None:
    if done.status == "incomplete" and spoke:
        response_failed(call, done.error, CreateResponse(f"{call.agent.instructions}\n\n{CUT_OFF}"))
    elif done.status == "failed" or (done.status != "cancelled" and not spoke):
        response_failed(call, done.error, retry_after_ms=done.retry_after_ms)
    elif done.calls:
        call.floor.want_response()


def response_failed(
    call: CallState, error: str, again: CreateResponse | None = None, *, retry_after_ms: int | None = None
) -> None:
    """Nothing, or half a sentence, was said in answer: once more, then a person."""
    if error in RATE_LIMITS:
        wait_ms = RETRY_MS if retry_after_ms is None else retry_after_ms
        if wait_ms >= call.answer_ms:
            model_loss.model_failed(call, f"{error}: asked to wait for {wait_ms} ms")
        else:
            call.set_timer(Timer.RETRY, wait_ms)
        return
    call.failures += 1
    if error in FATAL_ERRORS:
        model_loss.session_failed(call, ModelError(error, ""))
    elif call.failures >= FAILURES:
        why = f"{call.failures} responses came to nothing: {error or 'no answer'}"
        model_loss.model_failed(call, why)
    else:
        call.floor.want_response(again)


def keys_typed(call: CallState, keys: str) -> None:
    """The model cannot hear keys: it reads them."""
    message = remembered("keys", keys)
    assert message is not None  # keys are never none
    call.do(RecordTurn(call.now_ms, "keys", keys, keys))
    call.caller_heard_ms, call.check_ins = call.now_ms, 0
    if not call.model_lives:  # of one that is gone, the goodbye is all there is
        return
    if call.goodbye_call is not None:
        call.do_all(call.floor.barge_in(call.now_ms, cancel=True))
        handover.stay(call, "the caller pressed keys")
    handover.tell_when_ready(call, message)
    if call.phase is Phase.TALKING or (call.phase is Phase.OPENING and call.session_asked):
        call.floor.want_response()


def _let_go(call: CallState) -> None:
    """The sentence was protected for a transfer that did not come of it."""
    call.do_all(call.floor.release())
    if call.phase is Phase.TALKING and call.spoken_over and not call.floor.caller_speaks:
        call.floor.want_response()  # their turn ended while the service was told not to answer
