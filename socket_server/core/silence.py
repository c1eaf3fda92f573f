"""The one clock of the caller's silence.

It starts at the last words that the caller heard, and runs while the caller does not speak, whatever the reason. After
each `filler_seconds` the caller hears something: the model is asked for a sentence, or a tone shows that the line is
alive. At the limit somebody else is asked. What the call waits for, and how long at most:

    SESSION    the model's session gets ready  answer_seconds, then a person
    ANSWER     whoever owes it (`Owes`)        answer_seconds, then a person
    TOOL       a tool's answer                 answer_seconds, then a person; before, the model says that it takes time
    CALLER     the caller, who may speak       silence_seconds, then the model checks in; at last a goodbye
    TURN       the caller, who speaks          until their line is quiet, even if the service says nothing; a minute
    LAST_WORD  the end of a last sentence      3 s after it should have been heard, then without it
    TRANSFER   the transfer function           10 s, then the model is told; 3 s without a model, then the safety net
    MOVED      the network, to end the stream  5 s, then we do

All waiting for the model is one wait: for an answer and for tools, even if the caller asks meanwhile whether anybody is
there. The clock is set when the call begins to wait for something else, or when audio is cut. It is read when it is
due: words that the caller heard meanwhile only make it later.
"""

from enum import Enum, auto
from typing import assert_never

from socket_server.core import goodbye, model_loss, tool_answers, transfer, turn_events
from socket_server.core.actions import CreateResponse
from socket_server.core.phases import Phase, TransferStage
from socket_server.core.response_requests import Owes
from socket_server.core.state import CallState, Timer

LAST_WORD_MS = 3000  # after the clock's estimate; then the call goes on without the last mark
ANNOUNCEMENT_MS = 8000  # to make one sentence and begin to play it
TRANSFER_MS = 10_000  # the function's own limit is shorter
TRANSFER_WITHOUT_MODEL_MS = 3000  # then the safety net, which reaches people without the container
MOVED_MS = 5000  # the network ends the stream within a second
TURN_MARGIN_MS = 2000  # longer than the service itself waits in a pause
LONGEST_TURN_MS = 60_000  # if neither the service nor the energy of the frames shows a pause
TURN_LOOK_MS = 1000  # before an open turn is looked at again
CHECK_INS = 3  # unanswered in a row, then a goodbye

CHECK_IN = (
    "Nothing has been said on the line for a while. If you have promised to do something, such as to put the caller "
    "through or to look something up, do it now with the tool for it. Otherwise ask the caller in one short sentence, "
    "in the language of the conversation, whether they are still there and how you can help."
)
RINGING_STILL = (
    "Nothing has been said on the line for a while, and people are still being rung for the caller. Tell the caller so "
    "in one short sentence, in the language of the conversation, and offer to help meanwhile."
)


class WaitsFor(Enum):
    """Who has to end the silence."""

    SESSION = auto()
    ANSWER = auto()
    TOOL = auto()
    CALLER = auto()
    TURN = auto()
    LAST_WORD = auto()
    TRANSFER = auto()
    MOVED = auto()


FOR_TRANSFER = {
    TransferStage.LAST_WORDS: WaitsFor.LAST_WORD,
    TransferStage.ASKED: WaitsFor.TRANSFER,
    TransferStage.MOVED: WaitsFor.MOVED,
}
MODEL = frozenset({WaitsFor.SESSION, WaitsFor.ANSWER, WaitsFor.TOOL})


def waits_for(call: CallState) -> WaitsFor:
    """Who has to end the silence after the caller has heard the audio in the phone's buffer."""
    if call.stage is not TransferStage.NONE:
        return FOR_TRANSFER[call.stage]
    if call.phase is Phase.OPENING:
        return WaitsFor.SESSION
    if call.phase is Phase.LEAVING:
        return WaitsFor.LAST_WORD
    if call.requests.caller_speaks and not call.requests.held:
        return WaitsFor.TURN
    if call.requests.owes is not Owes.NOBODY:
        return WaitsFor.ANSWER
    return WaitsFor.TOOL if call.tools_running else WaitsFor.CALLER


class SilenceClock:
    """Sets `Timer.SILENCE` and does what is due when it passes."""

    def __init__(self, now_ms: int) -> None:
        self._waits = WaitsFor.SESSION
        self._since_ms = now_ms  # when it began to wait for that
        self._entered_ms = now_ms  # the same, without what was waited for before
        self._sound_ms = now_ms  # when something was last done to be heard
        self._unanswered_ms = 0  # time that the caller waited for the model in earlier turns, since they heard a word
        self._unanswered_at_ms = now_ms
        self._voiceless = False  # the turn before was not real: the service took noise for a voice
        self._checked_in_ms = now_ms
        self._state = (0, True, False)  # the other reasons for an earlier limit

    def look(self, call: CallState) -> None:
        """Set the clock again if the call waits for something else than before, or audio was cut."""
        waits, state = waits_for(call), (call.turn_taking.cuts, call.model_lives, call.ringing is not None)
        goes_on = self._goes_on(waits)
        if goes_on and state == self._state and Timer.SILENCE in call.timers:
            self._waits = waits
            return
        if not goes_on:
            self._begin(call, waits)
        self._waits, self._state = waits, state
        call.timers[Timer.SILENCE] = self._due_ms(call)

    def due(self, call: CallState) -> None:
        """The timer has fired. Act if the time is really over: words heard meanwhile make it later."""
        waits = waits_for(call)
        if not self._goes_on(waits):  # something due at the same moment has changed it: `look` handles that
            return
        self._waits = waits
        if call.now_ms >= self._limit_ms(call):
            self._since_ms = self._sound_ms = call.now_ms
            self._run_out(call)
        elif call.now_ms >= self._next_sound_ms(call):
            self._sound_ms = call.now_ms
            self._make_sound(call)

    def _goes_on(self, waits: WaitsFor) -> bool:
        return waits is self._waits or {waits, self._waits} <= MODEL

    def _begin(self, call: CallState, waits: WaitsFor) -> None:
        """Begin another wait. If the caller only asks "hello?" into the silence, the old wait goes on."""
        if call.turn_taking.words_until_ms > self._unanswered_at_ms:
            self._unanswered_ms = 0
        waited_ms = call.now_ms - max(self._entered_ms, call.turn_taking.words_until_ms)
        voiceless = self._waits is WaitsFor.TURN and call.quiet_ms(call.now_ms) >= waited_ms
        long_wait = self._waits in MODEL and (waited_ms >= call.filler_ms or self._voiceless)
        if voiceless or long_wait:  # otherwise they only went on talking
            self._unanswered_ms += waited_ms
            self._unanswered_at_ms = call.now_ms
        if not voiceless and not (self._voiceless and waits is WaitsFor.TURN):
            self._sound_ms = call.now_ms
        self._voiceless = voiceless
        self._entered_ms = self._since_ms = call.now_ms
        if waits in MODEL:
            self._since_ms -= self._unanswered_ms

    def _begin_ms(self, call: CallState) -> int:
        """When the silence began that counts for the current wait."""
        if self._waits is WaitsFor.CALLER:  # whatever came before had no words
            return max(call.turn_taking.words_until_ms, call.caller_heard_ms, self._checked_in_ms)
        return max(call.turn_taking.words_until_ms, self._since_ms)

    def _due_ms(self, call: CallState) -> int:
        return min(self._limit_ms(call), self._next_sound_ms(call))

    def _limit_ms(self, call: CallState) -> int:
        begin_ms, typing_until_ms = self._begin_ms(call), call.timers.get(Timer.KEYS, 0)
        match self._waits:
            case WaitsFor.SESSION | WaitsFor.ANSWER | WaitsFor.TOOL:
                return begin_ms + call.answer_ms
            case WaitsFor.CALLER:
                return max(begin_ms + call.agent.limits.silence_seconds * 1000, typing_until_ms)
            case WaitsFor.TURN:
                return _turn_limit_ms(call)
            case WaitsFor.LAST_WORD:
                idle = call.requests.idle or not call.model_lives
                return max(begin_ms + (LAST_WORD_MS if idle else ANNOUNCEMENT_MS), typing_until_ms)
            case WaitsFor.TRANSFER:
                return begin_ms + (TRANSFER_MS if call.model_lives else TRANSFER_WITHOUT_MODEL_MS)
            case WaitsFor.MOVED:
                return self._since_ms + MOVED_MS
            case _:
                assert_never(self._waits)

    def _next_sound_ms(self, call: CallState) -> int:
        """When the caller must hear something before the limit; the limit itself if nothing is planned."""
        quiet = self._waits is WaitsFor.CALLER and call.ringing is None  # otherwise the caller waits, too
        if quiet or self._waits in (WaitsFor.TURN, WaitsFor.MOVED):
            return self._limit_ms(call)
        return max(self._begin_ms(call), self._sound_ms) + call.filler_ms

    def _make_sound(self, call: CallState) -> None:
        turn_taking = call.turn_taking
        if self._waits is WaitsFor.TOOL and call.requests.idle:
            call.requests.want_response(tool_answers.ONE_MOMENT)
            return
        if self._waits is WaitsFor.ANSWER:
            call.requests.give_up_waiting()
        call.do_all(turn_taking.play_tone(call.now_ms))

    def _run_out(self, call: CallState) -> None:
        match self._waits:
            case WaitsFor.SESSION | WaitsFor.ANSWER | WaitsFor.TOOL:
                model_loss.model_failed(call, f"no words within {call.agent.limits.answer_seconds} s")
            case WaitsFor.CALLER:
                self._checked_in_ms = call.now_ms
                _check_in(call)
            case WaitsFor.TURN:
                turn_events.end_caller_turn(call)
            case WaitsFor.LAST_WORD if call.stage is TransferStage.LAST_WORDS:
                transfer.ask(call)
            case WaitsFor.LAST_WORD:
                goodbye.end(call)
            case WaitsFor.TRANSFER:
                transfer.fail(call, "failed", "no answer in time")
            case WaitsFor.MOVED:
                call.end("transferred")
            case _:
                assert_never(self._waits)


def _check_in(call: CallState) -> None:
    """Both are silent: the caller may be looking for a pencil, or the model has forgotten what it promised."""
    if call.ringing is not None:  # the caller may say nothing while they wait
        call.requests.want_response(CreateResponse(f"{call.agent.instructions}\n\n{RINGING_STILL}"))
        return
    call.check_ins += 1
    if call.check_ins > CHECK_INS:
        goodbye.begin(call, "", spoke=False)
    else:
        call.requests.want_response(CreateResponse(f"{call.agent.instructions}\n\n{CHECK_IN}"))


def _turn_limit_ms(call: CallState) -> int:
    """When to end an open turn of the caller, or look at it again."""
    began_ms = call.turn_began_ms
    quiet_ms = call.quiet_ms(call.now_ms)
    quiet_at_ms = max(call.now_ms - quiet_ms, began_ms) + call.agent.longest_pause_ms + TURN_MARGIN_MS
    if quiet_at_ms > call.now_ms:
        quiet_at_ms = max(quiet_at_ms, call.now_ms + TURN_LOOK_MS)
    return min(quiet_at_ms, began_ms + LONGEST_TURN_MS)
