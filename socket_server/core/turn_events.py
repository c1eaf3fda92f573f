"""The events of turns: the caller or the model speaks, or the caller presses keys."""

from dataclasses import replace

from socket_server.core import function_calls, goodbye, response_failures, tool_answers
from socket_server.core import transfer_messages as messages
from socket_server.core.actions import CommitAudio, RecordTurn
from socket_server.core.events import ResponseDone
from socket_server.core.opening import to_message
from socket_server.core.phases import Phase, TransferStage
from socket_server.core.state import CallState


def caller_started(call: CallState, item_id: str) -> None:
    if not call.requests.caller_speaks:
        call.turn_began_ms = call.now_ms
    call.turn_taking.caller_started(item_id, call.now_ms)
    call.requests.forget_retry()  # the service answers this turn
    call.caller_is_there()
    if call.talks and call.requests.held:
        call.spoken_over = True  # the end of the response shows whether this cuts the sentence
    elif call.talks or call.phase is Phase.LEAVING:
        call.do_all(call.turn_taking.barge_in(call.now_ms, cancel=not call.capabilities.interrupts))
        goodbye.cancel(call, "the caller went on talking")


def caller_stopped(call: CallState) -> None:
    call.requests.caller_stopped()
    call.caller_is_there()


def end_caller_turn(call: CallState) -> None:
    """The service does not notice the end of the caller's turn: it hears noise, or nothing at all."""
    call.do(CommitAudio())
    call.requests.end_caller_turn()
    call.caller_is_there()


def call_started(call: CallState, response_id: str, name: str) -> None:
    """Protect the sentence before the function call is complete: later the service may have cut it."""
    transfers = messages.fold_name(name) == messages.TOOL
    if call.opening.always_rings_beside:  # the talk goes on, so its end may be cut
        return
    if call.talks and transfers and not call.requests.was_cut(response_id):
        call.spoken_over = call.spoken_over and call.requests.held
        call.do_all(call.requests.hold())


def response_done(call: CallState, done: ResponseDone) -> None:
    done = replace(done, calls=function_calls.take_new(call, done.calls))
    if call.talks and call.requests.held and call.spoken_over and done.status == "cancelled":
        call.do_all(call.turn_taking.barge_in(call.now_ms))  # it was not protected in time
    cut = call.requests.was_cut(done.response_id)
    spoke = call.turn_taking.spoke(done.response_id)
    call.do_all(call.turn_taking.response_done(done, call.now_ms))
    if call.pending_transfer is not None and call.stage is TransferStage.LAST_WORDS:
        call.pending_transfer.announced |= spoke and call.requests.made_for_us(done.response_id)
    if not call.talks:
        tool_answers.refuse(call, done.calls, function_calls.MOVING)
        _goodbye_done(call, done, spoke=spoke and not cut)
    elif cut:
        tool_answers.refuse(call, done.calls, "the caller interrupted")
    elif done.status == "completed" and (spoke or done.calls):
        _count(call, done, spoke=spoke)
        function_calls.decide(call, done.calls, spoke=spoke)
    else:
        tool_answers.refuse(call, done.calls, "the response broke off")
        response_failures.handle_unfinished(call, done, spoke=spoke)
    if call.pending_transfer is None and call.requests.held:
        _release_hold(call)


def _goodbye_done(call: CallState, done: ResponseDone, *, spoke: bool) -> None:
    if call.phase is not Phase.LEAVING:
        return
    if spoke:
        call.goodbye_unsaid = False
    elif call.goodbye_unsaid and call.requests.made_for_us(done.response_id):
        error = done.error or response_failures.NO_ANSWER
        response_failures.goodbye_failed(call, error, call.requests.asked_for(done.response_id))


def _count(call: CallState, done: ResponseDone, *, spoke: bool) -> None:
    """An answer resets the counts of failures and of tools without words. "One moment" is not an answer."""
    if not spoke:
        call.tool_rounds += 1
    elif call.requests.asked_for(done.response_id) != tool_answers.ONE_MOMENT:
        call.failures = call.tool_rounds = 0


def keys_typed(call: CallState, keys: str) -> None:
    """The model cannot hear keys, so it gets them as text."""
    message = to_message("keys", keys)
    assert message is not None  # keys are never none
    call.do(RecordTurn(call.now_ms, "keys", keys, keys))
    if not call.model_lives:  # for a caller who is gone, only the goodbye is left
        return
    if call.goodbye_call is not None:
        call.do_all(call.turn_taking.barge_in(call.now_ms, cancel=True))
        goodbye.cancel(call, "the caller pressed keys")
    call.tell_model(message)
    if call.talks or (call.opens and call.session_asked):
        call.requests.want_response()


def _release_hold(call: CallState) -> None:
    """The sentence was protected for a transfer, but no transfer followed."""
    call.do_all(call.requests.release())
    if call.talks and call.spoken_over and not call.requests.caller_speaks:
        call.requests.want_response()  # their turn ended while the service had orders not to answer
