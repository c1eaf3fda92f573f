"""The state of one call."""

from socket_server.core.actions import ClearAudio, CloseModel, EndStream, RecordTurn
from socket_server.core.phases import Phase
from socket_server.core.state import CallState, Timer
from tests.socket_server.scripts import AGENT, OPENING


def new_state() -> CallState:
    return CallState(AGENT, OPENING, "MZ1", 1000, lambda _: 0)


def test_actions_are_taken_once_in_their_order() -> None:
    call = new_state()
    call.do(ClearAudio())
    call.do_all([CloseModel(), ClearAudio()])

    assert call.take_actions() == [ClearAudio(), CloseModel(), ClearAudio()]
    assert call.take_actions() == []


def test_a_timer_that_is_stopped_does_not_run() -> None:
    call = new_state()
    call.now_ms = 5000
    call.timers[Timer.KEYS] = call.now_ms + 1500
    call.timers[Timer.RETRY] = call.now_ms + 100

    call.stop_timer(Timer.RETRY)
    call.stop_timer(Timer.SESSION)

    assert call.timers == {Timer.KEYS: 6500}


def test_the_end_tells_the_open_turns_and_stops_everything() -> None:
    call = new_state()
    call.timers[Timer.RETRY] = call.now_ms + 100
    call.turn_taking.words("i1", "Hello.", 1500)
    call.now_ms = 2500

    call.end("goodbye")

    assert call.take_actions() == [RecordTurn(1500, "model", "Hello.", ""), EndStream("goodbye", 1500)]
    assert (call.phase, call.timers, call.caller_audio) == (Phase.ENDED, {}, "drop")


def test_a_call_ends_once() -> None:
    call = new_state()
    call.end("goodbye")

    call.end("caller_gone")

    assert call.take_actions() == [EndStream("goodbye", 0)]
