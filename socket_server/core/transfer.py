"""Putting the caller through to a person, without cutting a word and without a silent line.

The model says its sentence and calls the tool. From the moment the function call appears, the sentence is protected
(`hold`). The transfer function is invoked when the response is complete, its tools have answered, and the caller has
heard the last word. After the call has moved, nothing here hangs up: that would disconnect the caller from the person.
"""

from socket_server.core import attended, goodbye
from socket_server.core import transfer_messages as messages
from socket_server.core.actions import AddMessage, CancelTransfer, CloseModel, Connect, SendToolOutput, Transfer
from socket_server.core.events import FunctionCall, TransferFinished
from socket_server.core.phases import Phase, TransferStage
from socket_server.core.state import CallState, Timer
from socket_server.core.transfer_messages import PendingTransfer, TransferRequest

BY_KEY = "the caller pressed 0"


def begin_by_model(call: CallState, function_call: FunctionCall, request: TransferRequest, *, spoke: bool) -> None:
    """The model asks for it, in a completed response. `spoke`: the response also had a sentence."""
    goodbye.cancel(call, "the caller is being put through")
    call.pending_transfer = PendingTransfer(function_call.call_id, request, by_model=True, announced=spoke)
    call.progress.advance(TransferStage.LAST_WORDS)
    call.do_all(call.requests.hold())
    call.requests.want_last_words(messages.ANNOUNCE, spoken=spoke)


def begin_without_model(call: CallState, reason: str) -> None:
    """Without a model: when the caller has heard all audio, the phone network tells them."""
    if attended.connect_at_once(call):
        return
    call.own_transfers += 1
    request_id = f"{call.stream_sid}-{call.own_transfers}"
    request = TransferRequest(reason=reason)
    call.pending_transfer = PendingTransfer(request_id, request, by_model=False, announced=False)
    call.progress.advance(TransferStage.LAST_WORDS)
    attended.cancel(call, "replaced")


def begin_by_key(call: CallState) -> None:
    """The caller asks for a person by a key. The model's speech is cut."""
    call.do_all(call.turn_taking.barge_in(call.now_ms, cancel=True))
    call.requests.forget_retry()
    goodbye.cancel(call, "the caller pressed 0 for a person")
    if call.session_ready:
        call.do_all(call.requests.hold())
    call.greeting_asked = False  # the requested response is outdated; if nobody comes, the caller is greeted again
    begin_without_model(call, BY_KEY)


def ask(call: CallState) -> None:
    """The last word was heard, or the wait for it is over."""
    pending = call.pending_transfer
    assert pending is not None  # LAST_WORDS begins with one
    call.progress.advance(TransferStage.ASKED)
    call.asked.add(pending.request_id)
    request, announce = pending.request, not pending.announced
    if pending.connects:
        call.do(Connect(pending.request_id, announce))
        return
    call.do(Transfer(pending.request_id, request.destination, request.reason, request.summary, announce))


def finish(call: CallState, event: TransferFinished) -> None:
    """The transfer function has answered."""
    if event.status == "moved" and event.request_id in call.asked:
        _move(call)  # also when we had given up waiting
        return
    if attended.answered(call, event):
        return
    pending = call.pending_transfer
    if call.stage is not TransferStage.ASKED or pending is None or event.request_id != pending.request_id:
        return
    match event.status:
        case "caller_gone":
            call.end("caller_gone")
        case "in_progress":
            pass  # another invocation is working on it: `stop` or the deadline follows
        case "ringing" if call.model_lives and not pending.connects:
            attended.take_over(call, pending, event)
        case _:  # closed, unknown_destination, failed
            fail(call, event.status, event.detail)


def _move(call: CallState) -> None:
    """The network ends the stream."""
    call.pending_transfer = call.goodbye_call = call.ringing = None
    call.stop_timer(Timer.RINGING)
    if call.phase is Phase.LEAVING:
        call.progress.enter(Phase.TALKING)
    call.progress.advance(TransferStage.MOVED)
    call.caller_audio = "drop"
    if call.model_lives:
        call.do(CloseModel())
        call.model_lives = False


def fail(call: CallState, status: str, detail: str) -> None:
    """The call has not changed: the model is told, and goes on."""
    pending = call.pending_transfer
    assert pending is not None  # ASKED begins with one
    if not call.model_lives:
        call.end("model_failed")
        return
    call.progress.advance(TransferStage.NONE)
    call.pending_transfer = None
    call.ringing = None
    call.count_failed_transfer(status)
    told = messages.transfer_output(status, detail)
    if pending.connects:  # perhaps only the answer was lost: nobody may wait for a caller who does not come
        call.do(CancelTransfer(pending.request_id, "failed"))
        call.tell_model(AddMessage("system", f"The person who took the call could not be connected: {told}"))
    elif pending.by_model:
        call.do(SendToolOutput(pending.request_id, told))
    else:
        call.tell_model(AddMessage("system", f"The caller pressed 0 for a person. The outcome: {told}"))
    call.do_all(call.requests.release())
    if call.session_ready:
        call.requests.want_response()
