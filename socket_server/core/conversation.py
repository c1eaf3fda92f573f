"""Decides about one call: events go in, actions come out.

`phases` has the phases of a call and what may follow each; `silence` says how long each may last without a word. Audio
and the marks in it pass through the gate: `caller_frame`, `model_audio` and `mark_played`.
"""

from collections.abc import Callable
from enum import Enum
from typing import Literal, assert_never

from socket_server.core import attended, draining, events, goodbye, session_start, tool_answers, transfer, turn_events
from socket_server.core.actions import Action
from socket_server.core.agent import Agent
from socket_server.core.attempt_events import AttemptChanged
from socket_server.core.capabilities import FULL, Capabilities
from socket_server.core.events import Event, ModelEvent
from socket_server.core.keypad import asks_for_a_person
from socket_server.core.opening import Opening
from socket_server.core.phases import Phase, TransferStage
from socket_server.core.silence import SilenceClock
from socket_server.core.state import CallState, Timer


class Conversation:
    """The core of one call. It never raises for an event and does nothing after its end."""

    def __init__(
        self,
        agent: Agent,
        opening: Opening,
        stream_sid: str,
        now_ms: int,
        quiet_ms: Callable[[int], int] = lambda _: 0,
        capabilities: Capabilities = FULL,
    ) -> None:
        """`quiet_ms`: how long, at a given time, the caller's line has been without speech. Called now and then."""
        self._call = call = CallState(agent, opening, stream_sid, now_ms, quiet_ms, capabilities)
        self._silence = SilenceClock(now_ms)
        self._pause_from_ms = now_ms + agent.limits.session_minutes * 60_000
        self._latest_ms = self._pause_from_ms + draining.PAUSE_WANTED_MS
        call.timers[Timer.SESSION] = self._pause_from_ms
        self._silence.look(call)

    @property
    def phase(self) -> Phase:
        return self._call.phase

    @property
    def stage(self) -> TransferStage:
        """Of a transfer, which is beside the phase."""
        return self._call.stage

    @property
    def talks(self) -> bool:
        """Caller and model talk, and nobody is being put through."""
        return self._call.talks

    def take_phase_changes(self) -> list[tuple[Enum, Enum]]:
        """The changes of phase and stage since the last call, each from what to what."""
        return self._call.progress.take_changes()

    def take_spoke_at_ms(self) -> int | None:
        """When the model began to speak, if it did so since the last call."""
        return self._call.turn_taking.take_spoke_at_ms()

    @property
    def drained(self) -> bool:
        """The phone's buffer is empty."""
        return self._call.turn_taking.playback.drained

    @property
    def deadline_ms(self) -> int | None:
        """When the core must receive `DeadlinePassed`; None exactly if the call has ended."""
        return min(self._call.timers.values(), default=None)

    def caller_frame(self) -> Literal["hold", "forward", "drop"]:
        """What to do with a frame of the caller's audio."""
        return self._call.caller_audio

    @property
    def session_ready(self) -> bool:
        """The service repeated the session that it was asked for: what else it says has to wait for that."""
        return self._call.session_ready

    def model_audio(self, response_id: str, item_id: str, audio_bytes: int, now_ms: int) -> str | None:
        """Whether audio of the model may go to the phone: None = drop it; else the mark to send after it, or ""."""
        call = self._call
        return call.turn_taking.model_audio(response_id, item_id, audio_bytes, now_ms) if call.session_ready else None

    def mark_played(self, mark: str, now_ms: int) -> bool:
        """Count a mark that came back. True: something may follow from it, so the core must receive `MarkPlayed`."""
        return self._call.turn_taking.playback.played(mark, now_ms)

    def receive(self, event: Event, now_ms: int) -> list[Action]:
        """What to do after `event`. The actions must be carried out at once and in order."""
        call = self._call
        if call.ended:
            return []
        call.now_ms = now_ms
        match event:
            case events.MarkPlayed() | events.KeyPressed() | events.PhoneStopped() | events.PhoneLost():
                self._phone(event)
            case events.DeadlinePassed():
                self._deadline_passed()
            case events.Draining(pause_from_ms, latest_ms):
                self._pause_from_ms = call.timers[Timer.SESSION] = min(self._pause_from_ms, pause_from_ms)
                self._latest_ms = min(self._latest_ms, latest_ms)
            case events.CallAdmitted():
                session_start.call_admitted(call)
            case events.ToolFinished(call_id, output):
                tool_answers.finish(call, call_id, output)
            case events.TransferFinished():
                transfer.finish(call, event)
            case AttemptChanged():
                attended.changed(call, event)
            case _ if call.model_lives:
                self._model(event)
        self._go_on()
        return call.take_actions()

    def _phone(self, event: events.MarkPlayed | events.KeyPressed | events.PhoneStopped | events.PhoneLost) -> None:
        call = self._call
        match event:
            case events.MarkPlayed():
                call.do_all(call.turn_taking.take_heard(call.now_ms))
            case events.KeyPressed(digit):
                call.timers[Timer.KEYS] = call.keypad.press(digit, call.now_ms)
                call.caller_is_there()
            case events.PhoneStopped() | events.PhoneLost() if call.stage in (TransferStage.ASKED, TransferStage.MOVED):
                call.end("transferred")  # or the caller hung up meanwhile: the attempt's row knows
            case events.PhoneStopped():
                call.end("caller_gone")
            case events.PhoneLost():
                call.end("stream_lost")
            case _:
                assert_never(event)

    def _model(self, event: ModelEvent) -> None:
        call = self._call
        match event:
            case events.AudioFinished(response_id, item_id):
                call.do_all(call.turn_taking.audio_finished(response_id, item_id, call.now_ms))
            case events.TranscriptGrew(_, item_id, text):
                call.turn_taking.words(item_id, text, call.now_ms)
            case events.CallerTranscribed(item_id, text):
                call.do_all(call.turn_taking.caller_said(item_id, text, call.now_ms))
            case events.SpeechStarted(item_id):
                turn_events.caller_started(call, item_id)
            case events.SpeechStopped():
                turn_events.caller_stopped(call)
            case events.ResponseCreated(response_id, ours):
                call.do_all(call.requests.response_created(response_id, ours=ours))
            case events.CallStarted(response_id, name):
                turn_events.call_started(call, response_id, name)
            case events.ResponseDone():
                turn_events.response_done(call, event)
            case events.ModelOpened() | events.SessionReady() | events.ModelError() | events.ModelLost():
                session_start.handle(call, event)
            case _:
                assert_never(event)

    def _go_on(self) -> None:
        """Do what has become possible, after any event."""
        call = self._call
        if call.ended:
            return
        if attended.may_announce(call):
            attended.announce(call)
        if call.stage is TransferStage.LAST_WORDS and self._last_word_heard:
            transfer.ask(call)
        elif call.phase is Phase.LEAVING and self._last_word_heard and Timer.KEYS not in call.timers:
            goodbye.end(call)
        elif call.stage is TransferStage.LAST_WORDS or call.talks or call.phase is Phase.LEAVING:
            call.do_all(call.requests.next_response(call.now_ms))
        if call.now_ms >= self._latest_ms:
            draining.leave_at_last(call)
        elif call.now_ms >= self._pause_from_ms and draining.pauses(call):
            call.end("draining")
        if not call.ended:
            self._set_retry_timer()
            self._silence.look(call)

    def _set_retry_timer(self) -> None:
        retry_at_ms = self._call.requests.retry_at_ms
        if retry_at_ms is not None and retry_at_ms > self._call.now_ms:
            self._call.timers[Timer.RETRY] = retry_at_ms
        else:
            self._call.stop_timer(Timer.RETRY)

    @property
    def _last_word_heard(self) -> bool:
        """The caller has heard everything that they must hear before the call is moved or ended, and nothing else is
        pending.
        """
        call = self._call
        if not call.turn_taking.playback.drained:
            return False
        by_model = call.pending_transfer is None or call.pending_transfer.by_model
        return not by_model or (call.requests.idle and not (call.model_lives and call.tools_running))

    def _deadline_passed(self) -> None:
        call = self._call
        for timer in sorted(call.timers):
            # A timer that fires may stop the next one, or set it again.
            if call.timers.get(timer, call.now_ms + 1) <= call.now_ms:
                call.stop_timer(timer)
                self._timer_due(timer)

    def _timer_due(self, timer: Timer) -> None:
        call = self._call
        match timer:
            case Timer.KEYS:
                self._keys_typed(call.keypad.take())
            case Timer.SILENCE:
                self._silence.due(call)
            case Timer.RINGING:
                attended.due(call)
            case Timer.RETRY:
                pass  # `_go_on` asks for what is wanted
            case Timer.SESSION:  # from here on `_go_on` looks for a pause
                call.timers[Timer.SESSION] = self._latest_ms
            case _:
                assert_never(timer)

    def _keys_typed(self, keys: str) -> None:
        call = self._call
        if call.stage is TransferStage.NONE and asks_for_a_person(keys):
            transfer.begin_by_key(call)
        else:
            turn_events.keys_typed(call, keys)
