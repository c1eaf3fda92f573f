"""A checked of one call: keeps its own account of what happened, and says which promise an order of the core breaks.

The promises are those that hold for any order of events, sensible or not. What the checked counts, it counts on its
own: audio that passed the gate, marks sent, responses begun and ended, function calls taken and answered.
"""

from dataclasses import dataclass, field
from typing import get_args

from hypothesis import note

from socket_server.core import actions, events, tone
from socket_server.core.agent import Agent, Limits
from socket_server.core.conversation import Conversation
from socket_server.core.opening import Opening
from socket_server.core.phases import Phase, TransferStage
from socket_server.core.recorded_greeting import ITEM
from tests.socket_server.attempts import Attempts
from tests.socket_server.function_calls import FunctionCalls
from tests.socket_server.phone_buffer import PhoneBuffer
from tests.socket_server.scripts import OPENING, READY, new_call

MINUTE = 60_000
MARK_MS = 200
TRANSFER_MS = 10_000
IMPATIENT = Agent("Be brief.", "Greet.", limits=Limits(answer_seconds=2, silence_seconds=5, session_minutes=1))
# Of silence in the caller's ear while it is not they who speak: the model asks whether they are there after five
# seconds, and one later there is a tone.
SILENCE_MS = 7000
TURN_MS = 60_000


@dataclass(slots=True)
class CheckedCall:
    opening: Opening = OPENING
    call: Conversation = field(init=False)
    plain: Conversation = field(init=False)
    """The same call, to which every mark is an event: nothing may differ."""
    now_ms: int = 0
    phone: PhoneBuffer = field(default_factory=PhoneBuffer)
    caller_speaks: bool = False
    asked: bool = False
    signs_come_back: bool = False
    outdated: bool = False
    """What was asked for has been interrupted before it began."""
    active: str | None = None
    own: set[str] = field(default_factory=set)
    """Responses that came of our requests."""
    ready: bool = False
    lost: bool = False
    over: bool = False
    response_of: dict[str, str] = field(default_factory=dict)
    ended_items: set[str] = field(default_factory=set)
    cut_items: set[str] = field(default_factory=set)
    cut_responses: set[str] = field(default_factory=set)
    turn_taking: bool = True
    transfer: actions.Transfer | actions.Connect | None = None
    transfer_until_ms: int = 0
    transfers: set[str] = field(default_factory=set)
    """request_id of all that were asked for."""
    moved: bool = False
    told: bool = False
    """The model knows what was recorded."""
    calls: FunctionCalls = field(default_factory=FunctionCalls)
    attempts: Attempts = field(default_factory=Attempts)
    replaced: bool = False
    """A lost session is being replaced because of the event at hand."""
    unsaid: bool = False
    """The model cannot say, or had its time to say, what comes next."""
    noise: bool = False
    """The model is lost with the event at hand and sent noise: nobody is left who could forget what is cut."""
    session: int = 0
    """How many the call has had before the present one."""
    strangers: set[str] = field(default_factory=set)
    """Items of sessions that are lost: the present one knows none of them."""
    heard_until_ms: int = 0
    """When the last sound ends in the caller's ear, if the phone plays at the speed of the clock."""
    turn_began_ms: int = 0
    second_attempts_ms: list[int] = field(default_factory=list)
    pause_from_ms: int = MINUTE
    latest_ms: int = 3 * MINUTE

    def __post_init__(self) -> None:
        if self.opening.ringing is not None:
            self.attempts = Attempts(self.opening.ringing.request_id, answered=True, watched=True)
        self.call, self.plain = new_call(self.opening, IMPATIENT), new_call(self.opening, IMPATIENT)

    # --- what happens

    def drain(self, pause_after_ms: int, latest_after_ms: int) -> None:
        """The process has to go."""
        draining = events.Draining(self.now_ms + pause_after_ms, self.now_ms + latest_after_ms)
        self.pause_from_ms = min(self.pause_from_ms, draining.pause_from_ms)
        self.latest_ms = min(self.latest_ms, draining.latest_ms)
        self.tell(draining)

    def wait(self, ms: int, *, stalled: bool = False) -> None:
        """Time passes; the deadlines in it are told when they are due, or all of them late."""
        until_ms = self.now_ms + ms
        while (due_ms := self.call.deadline_ms) is not None and due_ms <= until_ms:
            self.frame()
            self.now_ms = until_ms if stalled else max(self.now_ms, due_ms)
            if stalled:
                self.heard_until_ms = self.now_ms  # whatever is due can only be late
            self.tell(events.DeadlinePassed())
        self.now_ms = until_ms
        if stalled:
            self.heard_until_ms = max(self.now_ms, self.heard_until_ms)

    def frame(self) -> None:
        expected = "drop" if self.over or self.lost or self.moved else "forward" if self.ready else "hold"
        assert self.call.caller_frame() == expected
        self.plain.caller_frame()

    def audio(self, response_id: str, item_id: str, ms: int) -> None:
        if item_id in self.ended_items and item_id not in self.phone.items:
            return  # no service goes on with an item that it has ended and that was heard
        mark = self.call.model_audio(response_id, item_id, 8 * ms, self.now_ms)
        note(f"{self.now_ms}: {ms} ms of {item_id}: {mark!r}")
        assert mark == self.plain.model_audio(response_id, item_id, 8 * ms, self.now_ms)
        if self.over or response_id in self.cut_responses:
            assert mark is None, "audio passed after its response was cut"
        assert self.ready or mark is None, "audio passed before its format was known"
        if mark is None:
            return
        self.response_of[item_id] = response_id
        self._put(item_id, ms)
        if mark:
            self.phone.put_mark(mark)
        assert self.phone.unmarked[1] < MARK_MS, "too much audio without a mark"

    def tell(self, event: events.Event) -> None:
        note(f"{self.now_ms}: {event}")
        heard_of = not (self.over or (self.lost and isinstance(event, get_args(events.ModelEvent.__value__))))
        before = self.call.phase, self.call.stage
        if isinstance(event, events.MarkPlayed):
            self.phone.played(event.name)
        if heard_of:
            self._before(event)
        self.replaced, self.noise = False, isinstance(event, events.ModelLost) and event.noise
        ordered = self._receive(event)
        note(f"    {ordered}")
        assert not (self.over and ordered), "acted after the end"
        punctual = not isinstance(event, events.DeadlinePassed)
        self.unsaid = not punctual or isinstance(event, events.ModelLost)
        for number, action in enumerate(ordered):
            self._look_at(action, ordered[:number], ordered[number + 1 :])
            moves = isinstance(action, actions.Connect | actions.Transfer) and self.call.stage is TransferStage.ASKED
            assert not (moves and self.phone.entries and punctual), "a cut word"
        if heard_of:
            self._after(event, before)
        assert (self.call.deadline_ms is None) == (self.call.phase is Phase.ENDED) == self.over
        if isinstance(event, events.ModelLost) and not self.lost and heard_of and not self.replaced:
            self._model_gone()
        self._nobody_waits_in_silence()
        assert self.over or self.now_ms < self.latest_ms, "stays too long"
        if not (self.over or self.lost):
            self.calls.check(self.call)

    def _receive(self, event: events.Event) -> list[actions.Action]:
        """As the bridge does: not where a mark decides nothing. To receive it nevertheless has to come to the same."""
        decides = not isinstance(event, events.MarkPlayed) or self.call.mark_played(event.name, self.now_ms)
        if isinstance(event, events.MarkPlayed):
            self.plain.mark_played(event.name, self.now_ms)
        ordered = self.call.receive(event, self.now_ms) if decides else []
        assert ordered == self.plain.receive(event, self.now_ms)
        assert self.call.deadline_ms == self.plain.deadline_ms
        return ordered

    # --- what has to be true

    def _before(self, event: events.Event) -> None:
        self.attempts.happens(event)
        match event:
            case events.SpeechStarted():
                self.turn_began_ms = self.turn_began_ms if self.caller_speaks else self.now_ms
                self.caller_speaks = True
                self.outdated = self.asked and self.turn_taking and self.call.talks
                if self.active and self.turn_taking and (self.call.talks or self.call.phase is Phase.LEAVING):
                    self.cut_responses.add(self.active)
            case events.SpeechStopped() if self.caller_speaks:
                self.caller_speaks = self.outdated = False
                self.heard_until_ms = max(self.heard_until_ms, self.now_ms)
            case events.ResponseCreated() | events.ResponseDone():
                self._response(event)
            case events.ModelError(events.ErrorKind.RESPONSE_ACTIVE | events.ErrorKind.RATE_LIMIT):
                self.asked = self.outdated = False
            case events.ModelOpened() | events.SessionReady():
                self._session(event)
            case events.ToolFinished(call_id):
                self.calls.running.discard(call_id)
            case events.TransferFinished():
                self._transfer_finished(event)

    def _response(self, event: events.ResponseCreated | events.ResponseDone) -> None:
        match event:
            case events.ResponseCreated(response_id, ours):
                self.active = response_id
                self.signs_come_back |= ours
                if self._comes_of_a_request(event):
                    self.asked = False
                    self.own.add(response_id)
            case events.ResponseDone(response_id):
                if response_id not in self.own and self.signs_come_back:
                    self.asked = False  # it was lost, or the service would have refused it
                self.calls.take(event, cut=response_id in self.cut_responses)
                if response_id == self.active:
                    self.active = None

    def _session(self, event: events.ModelOpened | events.SessionReady) -> None:
        match event:
            case events.ModelOpened() if not self.ready:  # in place of another one
                self.told = True
                self.asked = self.outdated = False
                self.active = None
            case events.SessionReady():
                self.ready = self.ready or event == READY

    def _transfer_finished(self, event: events.TransferFinished) -> None:
        self.calls.running.discard(event.request_id)
        if event.status == "moved":
            self.moved |= event.request_id in self.transfers  # also when it was given up before
        elif event.status != "in_progress" and self.transfer and event.request_id == self.transfer.request_id:
            self.transfer = None

    def _after(self, event: events.Event, before: tuple[Phase, TransferStage]) -> None:
        if isinstance(event, events.ResponseCreated) and self._comes_of_a_request(event):
            assert event.response_id in self.cut_responses or not self.outdated, "spoken over the caller"
            self.outdated = False
        came_back = before[1] is TransferStage.ASKED or isinstance(event, events.ResponseDone)
        assert self.turn_taking or not came_back or not self.call.talks, "held for nothing"
        finished: tuple[str, ...] = ()
        if isinstance(event, events.AudioFinished):
            finished = (event.item_id,)
        elif isinstance(event, events.ResponseDone):
            finished = event.message_ids
        self.ended_items |= {*finished}
        live = [item for item in finished if item not in self.cut_items and before[0] is not Phase.ENDED]
        if not self.over:
            assert not (self.phone.unmarked[0] in live and self.phone.unmarked[1]), "the end of an item has no mark"

    def _look_at(self, action: actions.Action, earlier: list[actions.Action], later: list[actions.Action]) -> None:
        match action:
            case actions.ClearAudio():
                forgotten = (actions.TruncateItem, actions.DeleteItem)
                assert not any(isinstance(a, (actions.ClearAudio, actions.CancelResponse, *forgotten)) for a in earlier)
                untold = ITEM in self.phone.items and not self.told
                nothing_to_forget = untold or self.noise or self.phone.items <= {tone.ITEM, *self.strangers}
                assert nothing_to_forget or any(isinstance(a, forgotten) for a in later)
                self.phone.clear()
                self.heard_until_ms = self.now_ms
            case actions.PlayAudio(tone.TONE):
                self._put(tone.ITEM, len(tone.TONE) // 8)
            case actions.PlayAudio(audio):
                assert not (earlier and isinstance(earlier[-1], actions.PlayAudio)), "too much audio without a mark"
                self._put(ITEM, len(audio) // 8)
            case actions.SendMark(name):
                self.phone.put_mark(name)
            case actions.TruncateItem(item_id, audio_end_ms, by_marks_ms, sent_ms):
                assert item_id not in self.cut_items | self.strangers
                assert sent_ms == self.phone.sent[item_id]
                assert 0 < audio_end_ms <= sent_ms
                assert by_marks_ms == self.phone.proved.get(item_id, 0)
                assert audio_end_ms <= by_marks_ms + self.phone.unproved_ms(item_id)
                self._cut(item_id)
            case actions.DeleteItem(item_id):
                assert item_id not in self.strangers
                self._cut(item_id)
            case actions.CancelResponse(response_id):
                assert response_id == self.active
                self.cut_responses.add(response_id)
            case _:
                self._look_at_the_rest(action, later)

    def _look_at_the_rest(self, action: actions.Action, later: list[actions.Action]) -> None:
        self.attempts.order(action, unsaid=self.unsaid or self.lost)
        match action:
            case actions.SetTurnTaking(enabled):
                assert enabled != self.turn_taking
                self.turn_taking = enabled
            case actions.CreateResponse():
                assert self.active is None or self.active in self.cut_responses
                assert (self.asked, self.lost) == (False, False)
                self.active = None
                self.asked = True
            case actions.OpenModel(fresh):
                assert not self.lost
                self._session_gone(second_attempt=not fresh)
            case actions.CommitAudio():
                assert self.caller_speaks
                assert self.now_ms - self.turn_began_ms >= TURN_MS, "a turn was ended that is not over"
                self.caller_speaks = self.outdated = False
                self.heard_until_ms = max(self.heard_until_ms, self.now_ms)
            case actions.CloseModel():
                assert not self.lost
                self._model_gone()
            case actions.RunTool(call_id):
                self.calls.run(call_id)
            case actions.SendToolOutput(call_id):
                self.calls.answer(call_id)
            case actions.Transfer() | actions.Connect() | actions.CancelTransfer():
                self._look_at_transfer(action)
            case actions.RecordTurn(at_ms, _, said, heard):
                assert said
                assert said.startswith(heard)
                assert 0 <= at_ms <= self.now_ms
            case actions.EndStream(reason, talked_ms):
                assert not later
                assert reason != "draining" or self.now_ms >= self.latest_ms or self._pause(), "cut in the talk"
                assert talked_ms == self.now_ms
                self.over = True

    def _look_at_transfer(self, action: actions.Transfer | actions.Connect | actions.CancelTransfer) -> None:
        match action:
            case actions.CancelTransfer(request_id):
                self.calls.running.discard(request_id)
            case actions.Transfer(request_id, attended=True):
                assert self.transfer is None or self.now_ms >= self.transfer_until_ms
                self.calls.run(request_id)
                self.transfers.add(request_id)
            case actions.Transfer() | actions.Connect():
                assert self.transfer is None or self.now_ms >= self.transfer_until_ms
                self.transfer, self.transfer_until_ms = action, self.now_ms + TRANSFER_MS
                self.transfers.add(action.request_id)

    def _pause(self) -> bool:
        """Nobody speaks, and nothing that was begun is under way."""
        talks = self.phone.entries or self.caller_speaks or self.active or self.asked or self.calls.running
        put_through = self.transfer is not None and self.now_ms < self.transfer_until_ms
        return self.now_ms >= self.pause_from_ms and not talks and not put_through

    def _nobody_waits_in_silence(self) -> None:
        """In whatever state: something is heard after so long, or the stream has ended."""
        if self.over:
            return
        due_ms = self.call.deadline_ms
        assert due_ms is not None
        assert due_ms <= self.latest_ms
        if self.caller_speaks and self.call.talks:
            assert self.now_ms <= max(self.turn_began_ms + TURN_MS, self.heard_until_ms + SILENCE_MS)
        elif not self.caller_speaks:
            assert self.now_ms <= self.heard_until_ms + SILENCE_MS, "silence"

    def _comes_of_a_request(self, created: events.ResponseCreated) -> bool:
        """It bears our sign; of a service that never sends signs back, the next one is taken for ours."""
        return created.ours or not self.signs_come_back

    def _cut(self, item_id: str) -> None:
        self.cut_items.add(item_id)
        if item_id in self.response_of:
            self.cut_responses.add(self.response_of[item_id])

    def _put(self, item_id: str, ms: int) -> None:
        self.phone.put(item_id, ms)
        self.heard_until_ms = max(self.heard_until_ms, self.now_ms) + ms

    def _model_gone(self) -> None:
        self.lost, self.asked, self.active = True, False, None

    def _session_gone(self, *, second_attempt: bool) -> None:
        """Another session takes the place of this one, and begins with what it is told."""
        if second_attempt:
            steady = [at_ms for at_ms in self.second_attempts_ms if self.now_ms - at_ms < MINUTE]
            assert not steady, "a second second attempt"
            self.second_attempts_ms.append(self.now_ms)
        if self.ready:
            self.session += 1
            self.strangers |= set(self.phone.sent) - {tone.ITEM}
            self.calls.forget()
            if self.caller_speaks:
                self.heard_until_ms = max(self.heard_until_ms, self.now_ms)
            self.caller_speaks = False
        self.replaced = self.turn_taking = True
        self.ready = self.asked = self.outdated = False
        self.active = None
