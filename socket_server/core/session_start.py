"""The start of the model's session: what it must know and say first, and what its errors mean."""

from typing import assert_never

from socket_server.core import attended, model_loss, recorded_greeting, response_failures
from socket_server.core.actions import CreateResponse, ForwardHeldAudio, PlayAudio, SendMark
from socket_server.core.events import ErrorKind, ModelError, ModelLost, ModelOpened, ResponseDone, SessionReady
from socket_server.core.phases import Phase
from socket_server.core.playback import MARK_EVERY_BYTES
from socket_server.core.state import CallState


def call_admitted(call: CallState) -> None:
    """Say now what needs no model, but not to a caller who asked for a person before."""
    attended.begin_stream(call)
    recorded, turn_taking = call.opening.recorded, call.turn_taking
    if not call.opens or recorded is None:
        return
    turn_taking.greeting.begin(recorded.text)
    turn_taking.words(recorded_greeting.ITEM, recorded.text, call.now_ms)
    for start in range(0, len(recorded.audio), MARK_EVERY_BYTES):  # all at once: the phone buffers it
        piece = recorded.audio[start : start + MARK_EVERY_BYTES]
        mark = turn_taking.model_audio(recorded_greeting.RESPONSE, recorded_greeting.ITEM, len(piece), call.now_ms)
        call.do(PlayAudio(piece), *([SendMark(mark)] if mark else []))
    whole = ResponseDone(recorded_greeting.RESPONSE, "completed", message_ids=(recorded_greeting.ITEM,))
    call.do_all(turn_taking.response_done(whole, call.now_ms))


def handle(call: CallState, event: ModelOpened | SessionReady | ModelError | ModelLost) -> None:
    match event:
        case ModelOpened():
            model_opened(call)
        case SessionReady():
            session_ready(call, event)
        case ModelError():
            model_error(call, event)
        case ModelLost():
            model_loss.model_lost(call, event)
        case _:
            assert_never(event)


def model_opened(call: CallState) -> None:
    """Send at once what the model must know and say first: it reads messages in order, so there is no need to wait."""
    if call.session_ready:
        return
    call.requests.model_lost()  # the first response of another socket, which was lost before its session was ready
    call.session_asked = True
    call.do_all(call.turn_taking.greeting.tell())
    call.do(*call.opening.messages, *call.told_when_ready)
    call.greeting_asked = call.opens  # otherwise they pressed 0 before: the model must not answer them now
    if call.greeting_asked and call.speaks_first and not call.turn_taking.greeting.played:
        call.requests.want_response(CreateResponse(call.opening.instructions))
    elif call.greeting_asked and call.told_when_ready:
        call.requests.want_response()
    call.do_all(call.requests.next_response(call.now_ms))


def session_ready(call: CallState, event: SessionReady) -> None:
    if call.session_ready:
        return
    if event.fault:
        model_loss.model_failed(call, event.fault)
        return
    call.session_ready = True
    call.ready_at_ms = call.now_ms
    call.told_when_ready.clear()
    call.progress.enter(Phase.TALKING)
    if not call.talks:  # they pressed 0 before: the model must not answer them now
        call.do_all(call.requests.hold())
    elif not call.greeting_asked:
        call.requests.want_response(CreateResponse(call.opening.instructions))
    call.caller_audio = "forward"
    call.do(ForwardHeldAudio())


def model_error(call: CallState, event: ModelError) -> None:
    if event.kind in model_loss.ENDING_ERRORS or not call.session_ready:
        model_loss.session_failed(call, event)
    elif event.kind is ErrorKind.RESPONSE_ACTIVE:
        call.requests.request_refused()
    elif event.of_request or event.kind is ErrorKind.RATE_LIMIT:
        response_failures.request_failed(call, event)
