"""Responses without words, or with half a sentence: they are requested once more; after that a person is asked."""

from socket_server.core import model_loss
from socket_server.core.actions import CreateResponse
from socket_server.core.events import ErrorKind, ModelError, ResponseDone
from socket_server.core.phases import Phase
from socket_server.core.state import CallState
from socket_server.core.tool_answers import ONE_MOMENT

FAILURES = 2
RETRY_MS = 1000  # after a rate limit without a time
SHORTEST_RETRY_MS = 250  # whatever it says
NO_ANSWER = ModelError(code="no answer")  # if the service gives no reason

CUT_OFF = "You were cut off in the middle of a sentence. Finish what you wanted to say, in other words, in short."


def handle_unfinished(call: CallState, done: ResponseDone, *, spoke: bool) -> None:
    """The response has ended, but is incomplete or has no words."""
    asked_for, error = call.requests.asked_for(done.response_id), done.error or NO_ANSWER
    if done.status == "incomplete" and spoke:
        _response_failed(call, error, CreateResponse(f"{call.agent.instructions}\n\n{CUT_OFF}"))
    elif done.status == "failed" or (done.status != "cancelled" and not spoke):
        if asked_for != ONE_MOMENT or error.kind in model_loss.ENDING_ERRORS:  # otherwise a tone is enough
            _response_failed(call, error, asked_for)
    elif done.calls:
        call.requests.want_response()


def request_failed(call: CallState, event: ModelError) -> None:
    """No response will follow our request."""
    request = call.requests.request_failed()
    if request is None:
        return
    if call.talks:
        _response_failed(call, event, request)
    elif call.phase is Phase.LEAVING:
        goodbye_failed(call, event, request)


def goodbye_failed(call: CallState, error: ModelError, request: CreateResponse | None) -> None:
    """Request it once more, after a rate limit as late as the service says; then the phone network says goodbye."""
    call.failures += 1
    if call.failures >= FAILURES:
        return
    if error.kind is ErrorKind.RATE_LIMIT:
        call.requests.want_later(request, call.now_ms + _read_wait_ms(error))
    else:
        call.requests.want_response(request)


def _response_failed(call: CallState, error: ModelError, again: CreateResponse | None = None) -> None:
    """The answer was nothing, or half a sentence: request it once more, then a person."""
    if error.kind is ErrorKind.RATE_LIMIT:
        _ask_later(call, error, again)
        return
    call.failures += 1
    if error.kind in model_loss.ENDING_ERRORS:
        call.requests.want_response(again)  # another session begins with the missing answer
        model_loss.session_failed(call, error)
    elif call.failures >= FAILURES:
        model_loss.model_failed(call, f"{call.failures} responses came to nothing: {error.name}")
    else:
        call.requests.want_response(again)


def _ask_later(call: CallState, error: ModelError, again: CreateResponse | None) -> None:
    wait_ms = _read_wait_ms(error)
    if wait_ms >= call.answer_ms:
        model_loss.model_failed(call, f"{error.name}: asked to wait for {wait_ms} ms")
    else:
        call.requests.want_later(again, call.now_ms + wait_ms)


def _read_wait_ms(error: ModelError) -> int:
    return RETRY_MS if error.retry_after_ms is None else max(error.retry_after_ms, SHORTEST_RETRY_MS)
