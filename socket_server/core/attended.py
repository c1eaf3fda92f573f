"""People ring while the caller goes on talking with the model: an attended transfer.

The model's function call is answered when people begin to ring, and the talk goes on. What happens to them comes as
`AttemptChanged`; the model is told, and where the caller must hear it, asked for words. When a person has taken the
call, the caller hears who it is, to the end. Only then the call is moved (`transfer`). Whatever else happens, nothing
has happened to the call. There is one attempt at a time.
"""

from dataclasses import replace
from typing import assert_never

from socket_server.core import goodbye, tool_answers
from socket_server.core import transfer_messages as messages
from socket_server.core.actions import (
    AddMessage,
    CancelReason,
    CancelTransfer,
    SendToolOutput,
    StopWatching,
    Transfer,
    WatchAttempt,
)
from socket_server.core.attempt_events import AttemptChanged
from socket_server.core.events import FunctionCall, TransferFinished
from socket_server.core.phases import TransferStage
from socket_server.core.state import CallState, Timer, ToolRun
from socket_server.core.transfer_messages import PendingTransfer, Ringing, TransferRequest

RINGING_MS = 600_000  # a person takes up to 47 s from the first ring to the key; ten of them in turn, and a margin
SPEAKS_MS = 5000  # how long a person who has taken the call waits for the caller's sentence to end


def begin_stream(call: CallState) -> None:
    """The call had a stream before. If people ring since then, look on at what happens to them."""
    if call.ringing is not None and not call.ended:
        call.timers[Timer.RINGING] = call.now_ms + RINGING_MS
        call.do(WatchAttempt(call.ringing.request_id))


def begin(call: CallState, function_call: FunctionCall, request: TransferRequest) -> None:
    """The model asks for it, in a completed response. The function call runs like a tool until people ring."""
    goodbye.cancel(call, "people are being rung for the caller")
    call_id = function_call.call_id
    call.ringing = Ringing(call_id, request.destination)
    call.asked.add(call_id)
    call.tools_running[call_id] = ToolRun(function_call.name, function_call.arguments)
    words = request.destination, request.reason, request.summary
    call.do(Transfer(call_id, *words, announce=False, attended=True, brief=request.brief))


def answered(call: CallState, event: TransferFinished) -> bool:
    """The transfer function has answered. False: not about the people who are to be rung."""
    ringing = call.ringing
    if ringing is None or event.request_id != ringing.request_id or ringing.answered:
        return False
    match event.status:
        case "caller_gone":
            call.end("caller_gone")
        case "ringing" | "in_progress":
            _ring(call, ringing)
            tool_answers.finish(call, event.request_id, messages.ringing_output(event.people))
        case _:  # closed, unknown_destination, failed
            if event.status == "failed":  # perhaps only the answer was lost
                call.do(CancelTransfer(event.request_id, "failed"))
            _stop(call)
            call.count_failed_transfer(event.status)
            tool_answers.finish(call, event.request_id, messages.transfer_output(event.status, event.detail))
    return True


def take_over(call: CallState, pending: PendingTransfer, event: TransferFinished) -> None:
    """The call was to be moved, but the function lets people ring beside the talk: go on talking."""
    call.progress.advance(TransferStage.NONE)
    call.pending_transfer = None
    _ring(call, Ringing(pending.request_id, pending.request.destination))
    told = messages.ringing_output(event.people)
    if pending.by_model:
        call.do(SendToolOutput(pending.request_id, told))
    else:
        call.tell_model(AddMessage("system", f"The caller pressed 0 for a person. The outcome: {told}"))
    call.do_all(call.requests.release())
    if call.session_ready:
        call.requests.want_response()


def changed(call: CallState, event: AttemptChanged) -> None:
    """Something has happened to the people who are rung."""
    ringing = call.ringing
    if ringing is None or event.request_id != ringing.request_id or ringing.accepted_by is not None:
        return
    told = messages.describe_change(event)
    match event.state:
        case "ringing" | "listening" | "passed":
            _tell(call, told)
        case "accepted":
            call.ringing = replace(ringing, accepted_by=event.person)
            call.timers[Timer.RINGING] = call.now_ms + SPEAKS_MS
            call.do(StopWatching())
            _tell(call, told)
        case "failed":  # perhaps only the way to learn of them
            cancel(call, "failed")
            call.count_failed_transfer(event.state)
            _tell_caller(call, told)
        case "answered_through" | "nobody":
            call.do(StopWatching())
            _stop(call)
            call.count_failed_transfer(event.state)
            _tell_caller(call, told)
        case _:
            assert_never(event.state)


def due(call: CallState) -> None:
    """The timer has fired: the person who waits waits no longer (`may_announce`), or the ringing has no end."""
    if call.ringing is not None and call.ringing.accepted_by is None:
        cancel(call, "failed")
        _tell_caller(call, messages.describe_change(AttemptChanged("", "failed", note="it took too long")))


def may_announce(call: CallState) -> bool:
    """A person waits, and the caller does not speak, or has spoken for so long that the person cannot wait."""
    accepted = call.ringing is not None and call.ringing.accepted_by is not None
    return accepted and call.talks and not (call.requests.caller_speaks and Timer.RINGING in call.timers)


def announce(call: CallState) -> None:
    """The caller hears who has taken the call, after what they hear now; then they are put through."""
    _put_through(call, by_model=True)
    call.do_all(call.requests.hold())
    person = call.ringing.accepted_by if call.ringing is not None else ""
    call.requests.want_last_words(messages.announce_person(person or ""), spoken=False)


def connect_at_once(call: CallState) -> bool:
    """The caller goes to a person without the model: to the one who waits. False: nobody waits."""
    if call.ringing is None or call.ringing.accepted_by is None:
        return False
    _put_through(call, by_model=False)
    return True


def cancel(call: CallState, reason: CancelReason) -> None:
    """Ring nobody any more, if anybody is rung."""
    ringing = call.ringing
    if ringing is None:
        return
    if ringing.accepted_by is None and ringing.answered:
        call.do(StopWatching())
    call.do(CancelTransfer(ringing.request_id, reason))
    _stop(call)
    if not ringing.answered:
        tool_answers.finish(call, ringing.request_id, messages.CANCELLED)


def cancel_by_model(call: CallState, calls: list[FunctionCall]) -> None:
    """The caller wants nobody any more."""
    for each in calls:
        if call.ringing is None:
            tool_answers.refuse(call, [each], "nobody is being rung")
        else:
            cancel(call, "cancelled_by_caller")
            call.do(SendToolOutput(each.call_id, messages.CANCELLED))


def _ring(call: CallState, ringing: Ringing) -> None:
    call.ringing = replace(ringing, answered=True)
    call.refused_transfers = 0
    call.timers[Timer.RINGING] = call.now_ms + RINGING_MS
    call.do(WatchAttempt(ringing.request_id))


def _stop(call: CallState) -> None:
    """Nobody is rung any more."""
    call.ringing = None
    call.stop_timer(Timer.RINGING)


def _put_through(call: CallState, *, by_model: bool) -> None:
    """Begin the last words before the caller is with the person who waits."""
    ringing = call.ringing
    assert ringing is not None  # both callers have looked
    call.stop_timer(Timer.RINGING)
    request = TransferRequest(ringing.destination)
    call.pending_transfer = PendingTransfer(ringing.request_id, request, by_model, announced=False, connects=True)
    call.progress.advance(TransferStage.LAST_WORDS)


def _tell(call: CallState, text: str) -> None:
    """A later session has to know it too."""
    message = AddMessage("system", text)
    call.tell_model(message)
    call.remember(message)


def _tell_caller(call: CallState, text: str) -> None:
    """The model has to say it: now, or when its session is there."""
    _tell(call, text)
    call.speaks_first = True
    if call.talks or (call.opens and call.session_asked):
        call.requests.want_response()
