"""What follows when the model is lost: another session once, then a person.

A session that replaces a lost one is told what was said. Items and function calls that it does not know are never named
to it. The caller's audio is held meanwhile. The caller hears the audio that is still in the phone's buffer, unless it
is noise.
"""

from dataclasses import replace

from socket_server.core import transfer
from socket_server.core.actions import AddMessage, ClearAudio, CloseModel, OpenModel, RecordTurn
from socket_server.core.events import ErrorKind, ModelError, ModelLost
from socket_server.core.opening import GO_ON, INTERRUPTED, to_message
from socket_server.core.phases import Phase
from socket_server.core.response_requests import Owes
from socket_server.core.state import CallState

MODEL_FAILED = "the assistant failed"
"""The reason of a transfer that takes the place of the model."""
STEADY_MS = 60_000  # a session that lasted so long is worth another second attempt

ENDING_ERRORS = frozenset({ErrorKind.SESSION_EXPIRED, ErrorKind.ACCOUNT})  # no response can be expected any more
# Another session may well be had.
PASSING_ERRORS = frozenset({ErrorKind.RATE_LIMIT, ErrorKind.SERVER, ErrorKind.SESSION_EXPIRED})


def model_lost(call: CallState, event: ModelLost) -> None:
    """Its socket is gone, or never opened."""
    if event.noise:
        _stop_noise(call)
    if event.spare and not call.session_ready:
        _open(call, fresh=True)  # what it was asked for, the next one is asked for too
    elif event.hopeless or not _second_attempt(call):
        _gone(call)


def _stop_noise(call: CallState) -> None:
    """Empty the phone's buffer. The model that sent it is gone, so it is told nothing."""
    cut = call.turn_taking.barge_in(call.now_ms)
    call.do_all(action for action in cut if isinstance(action, ClearAudio | RecordTurn))


def session_failed(call: CallState, event: ModelError) -> None:
    """The service said so; the socket may still be there."""
    if event.kind not in PASSING_ERRORS or not _second_attempt(call):
        model_failed(call, f"error {event.name}")


def model_failed(call: CallState, reason: str) -> None:
    """It is there but of no use any more; `reason` is for the log."""
    call.do(CloseModel(reason))
    _gone(call)


def _second_attempt(call: CallState) -> bool:
    """Open another session in place of this one, if that may still be tried."""
    if call.session_ready and call.now_ms - call.ready_at_ms >= STEADY_MS:
        call.second_attempts = 1
    if not (call.opens or call.talks) or not call.second_attempts:
        return False
    call.second_attempts -= 1
    if call.session_ready:
        _begin_anew(call)
    _open(call)
    return True


def _open(call: CallState, *, fresh: bool = False) -> None:
    call.requests.model_lost()
    call.session_asked = False
    call.do(OpenModel(fresh=fresh))


def _begin_anew(call: CallState) -> None:
    """The talk goes on in a session that knows nothing of it yet."""
    turn_taking = call.turn_taking
    call.speaks_first = call.requests.owes is not Owes.NOBODY or call.requests.caller_speaks
    unfinished, ends = turn_taking.session_lost(call.now_ms)
    note = AddMessage("system", INTERRUPTED)
    turns = (to_message(turn.speaker, turn.heard) for turn in unfinished)
    known = (*call.past, *call.memory, *filter(None, turns), note)
    call.do_all(ends)  # which are among the unfinished
    instructions = f"{call.agent.instructions}\n\n{INTERRUPTED} {GO_ON}"
    call.opening = replace(call.opening, instructions=instructions, messages=known, recorded=None)
    call.progress.enter(Phase.OPENING)
    call.session_ready = False
    call.caller_audio = "hold"
    call.spoken_over = False
    call.failures = call.tool_rounds = 0
    call.calls_seen.clear()
    call.goodbye_call = None
    for run in call.tools_running.values():
        run.of_lost_session = True


def _gone(call: CallState) -> None:
    """No model is left: the caller goes to a person."""
    call.model_lives = call.session_ready = False
    call.caller_audio = "drop"
    call.goodbye_unsaid = call.goodbye_unsaid and not call.turn_taking.speaking
    call.requests.model_lost()
    if call.opens or call.talks:
        transfer.begin_without_model(call, MODEL_FAILED)
