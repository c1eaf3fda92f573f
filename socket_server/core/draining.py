"""Leaving a call that goes on in another session or container: at a pause in the talk, or at the last moment."""

from socket_server.core import goodbye
from socket_server.core.phases import Phase, TransferStage
from socket_server.core.response_requests import Owes
from socket_server.core.state import CallState, Timer

PAUSE_WANTED_MS = 120_000  # how long a session past its limit waits for a pause in the talk


def pauses(call: CallState) -> bool:
    """Nobody speaks, is about to speak, or waits: the call can continue in another session unnoticed."""
    quiet = call.requests.idle and call.turn_taking.playback.drained and not call.requests.caller_speaks
    waits = call.requests.owes is not Owes.NOBODY or call.tools_running or Timer.KEYS in call.timers
    return (call.opens or call.talks) and quiet and not waits


def leave_at_last(call: CallState) -> None:
    """There was no pause. The planned next step follows now; the safety net finds a transfer under way."""
    if call.phase is Phase.LEAVING:
        goodbye.end(call)
    elif call.stage is TransferStage.MOVED:
        call.end("transferred")
    else:
        call.end("draining")
