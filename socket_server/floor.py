"""Who has the floor: the model's responses, the caller's interruptions, and what of it all was heard.

A response is *active* from `response.created` to `response.done`; the service refuses a second `response.create` in
that time, and with turn detection it makes responses by itself. So a response that we need is *wanted* until we could
ask for it, and *requested* until it was created or refused; one that the service makes meanwhile replaces it only if it
has seen the same conversation. Ours bear a sign; with a server that does not send it back, the next one counts as ours.

Source: https://platform.openai.com/docs/guides/realtime-conversations.
"""

from collections.abc import Iterator

from socket_server import greeting, tone
from socket_server.actions import (
    Action,
    CancelResponse,
    ClearAudio,
    CreateResponse,
    DeleteItem,
    PlayAudio,
    RecordTurn,
    SendMark,
    SetTurnTaking,
    TruncateItem,
)
from socket_server.events import ResponseDone
from socket_server.greeting import Memory
from socket_server.playback import Item, Playback
from socket_server.transcript import Transcript


class Floor:
    """Every method that returns actions expects them to be carried out at once and in order."""

    def __init__(self, now_ms: int = 0) -> None:
        self.playback = Playback(now_ms)
        self.active: str | None = None
        """The response that is being made."""
        self.spoke_at_ms: int | None = None
        """When the first audio of the newest item went to the phone."""
        self.caller_speaks = False
        self.held = False
        """The service neither answers nor stops by itself, so that a last sentence stays whole."""
        self.greeting = Memory()
        """Of a recorded one."""
        self._transcript = Transcript()
        self._requested: CreateResponse | None = None  # sent; response.created has not come
        self._outdated = False  # the floor was taken since: the requested response must not be heard
        self._wanted: CreateResponse | None = None
        self._next_turn_tells = False  # what is wanted was told to the service before it answers the caller
        self._signs_come_back = False
        self._assumed: CreateResponse | None = None  # the request that an unsigned response was taken to come of
        self._own: dict[str, CreateResponse | None] = {}  # responses that came of our requests
        self._service_answers = False  # the caller's turn ended, the service is about to answer
        self._cut: set[str] = set()
        self._spoke: set[str] = set()  # responses, and items, of which audio went to the phone
        self._strangers: set[str] = set()  # items of a session that is lost: the present one knows none of them
        self._words_until_ms = now_ms
        self._bytes_with_tone = 0  # of all audio, when the last tone was sent

    # --- the model speaks

    def model_audio(self, response_id: str, item_id: str, audio_bytes: int, now_ms: int) -> str | None:
        """Whether audio may go to the phone: None = drop it; else the name of the mark to send after it, or "".

        Runs for every delta: this is the gate that the read callback asks.
        """
        if response_id in self._cut:
            return None
        if item_id not in self._spoke:
            self._spoke |= {response_id, item_id}
            self.spoke_at_ms = now_ms
        return self.playback.sent(response_id, item_id, audio_bytes, now_ms)

    @property
    def words_until_ms(self) -> int:
        """When the last words that were sent have been heard, by the clock; a tone is no word."""
        if self.playback.total_bytes > self._bytes_with_tone:
            self._words_until_ms = self.playback.until_ms
        return self._words_until_ms

    def play_tone(self, now_ms: int) -> list[Action]:
        """Let the caller hear that the line lives; nothing while, by the clock, they hear something else."""
        if now_ms < self.playback.until_ms:
            return []
        self._words_until_ms = self.words_until_ms
        marks = (
            self.playback.sent(tone.RESPONSE, tone.ITEM, len(tone.TONE), now_ms),
            self.playback.finish_item(tone.ITEM),
        )
        self._bytes_with_tone = self.playback.total_bytes
        return [PlayAudio(tone.TONE), *(SendMark(mark) for mark in marks if mark)]

    def spoke(self, response_id: str) -> bool:
        """Audio of this response has gone to the phone."""
        return response_id in self._spoke

    def was_cut(self, response_id: str) -> bool:
        return response_id in self._cut

    def words(self, item_id: str, words: str, now_ms: int) -> None:
        self._transcript.model_said(item_id, words, now_ms)

    def audio_finished(self, response_id: str, item_id: str, now_ms: int) -> list[Action]:
        if response_id in self._cut:
            return []
        mark = self.playback.finish_item(item_id)
        return [*self._heard(now_ms), *([SendMark(mark)] if mark else [])]

    def mark_played(self, mark: str, now_ms: int) -> list[Action]:
        self.playback.played(mark, now_ms)
        return self._heard(now_ms)

    def made_for_us(self, response_id: str) -> bool:
        """The response came of a request of ours."""
        return response_id in self._own

    def asked_for(self, response_id: str) -> CreateResponse | None:
        """The request that the response came of; None where the service made it by itself."""
        return self._own.get(response_id)

    def response_created(self, response_id: str, *, ours: bool = False) -> list[Action]:
        self.active = response_id
        self._service_answers = False
        self._signs_come_back |= ours
        if not ours and (self._signs_come_back or self._requested is None):
            if self._next_turn_tells:
                self._wanted = None
            return []
        self._own[response_id] = self._requested
        self._assumed = None if ours else self._requested
        self._requested = None
        outdated, self._outdated = self._outdated, False
        if not outdated:
            return []
        self._cut.add(response_id)
        return [CancelResponse(response_id)]

    def response_done(self, done: ResponseDone, now_ms: int) -> list[Action]:
        """Close the response's items: those that nobody heard anything of leave the model's memory too."""
        if self.active == done.response_id:
            self.active = None
        actions: list[Action] = []
        for item_id in done.message_ids:
            if self.was_cut(done.response_id) and item_id not in self._spoke:
                self._transcript.discard(item_id)
                actions.append(DeleteItem(item_id))
            else:
                actions += self.audio_finished(done.response_id, item_id, now_ms)
                actions += self._transcript.complete(item_id)
        return actions

    # --- the caller speaks

    def caller_started(self, item_id: str, now_ms: int) -> None:
        self.caller_speaks = True
        if not self.held:
            self._service_answers = False  # it has to hear this turn first
        self._transcript.caller_began(item_id, now_ms)

    def caller_stopped(self) -> None:
        if not self.caller_speaks:  # a turn that was ended without the service
            return
        self.caller_speaks = False
        if not self.held:
            self._outdated = False  # what is created next may be the service's answer to this turn
            self._service_answers = True

    def end_caller_turn(self) -> None:
        """The service has not seen the end of the caller's turn: it is asked for the answer."""
        self.caller_speaks = False
        self._outdated = False
        self.want_response()

    def caller_said(self, item_id: str, text: str, now_ms: int) -> list[RecordTurn]:
        return self._transcript.caller_said(item_id, text, now_ms)

    def barge_in(self, now_ms: int, *, cancel: bool = False) -> list[Action]:
        """Take the floor from the model: nothing more of what it was saying, or was asked to say, reaches the ear.

        `cancel`: the response has to be stopped too; where the caller speaks, the service has done so.
        """
        newest_mark = self.playback.newest_mark
        items = self.playback.interrupt(now_ms)
        actions: list[Action] = [ClearAudio(newest_mark)] if items else []
        if self.active is not None and self.active not in self._cut:
            self._cut.add(self.active)
            actions += [CancelResponse(self.active)] if cancel else []
        self._outdated = self._requested is not None
        for item in items:
            actions += self._cut_item(item, now_ms)
        return actions

    def _cut_item(self, item: Item, now_ms: int) -> Iterator[Action]:
        if item.item_id == tone.ITEM:
            return
        self._cut.add(item.response_id)
        turns = self._transcript.cut(item, now_ms)
        if item.item_id not in self._strangers:
            if item.item_id == greeting.ITEM:
                yield from self.greeting.cut(turns[0].heard)  # its words are complete: the turn is
            else:
                yield _forget_unheard(item)
        yield from turns

    # --- asking for a response

    def hold(self) -> list[Action]:
        """From here on the service neither answers nor stops speaking by itself."""
        if self.held:
            return []
        self.held = True
        self._service_answers = False
        return [SetTurnTaking(enabled=False)]

    def release(self) -> list[Action]:
        if not self.held:
            return []
        self.held = False
        return [SetTurnTaking(enabled=True)]

    def want_response(self, response: CreateResponse | None = None) -> None:
        """A response is needed; `next_response` asks for it as soon as the service takes it."""
        self._wanted = response or CreateResponse()
        self._next_turn_tells = response is None and self.caller_speaks and not self.held

    def want_nothing(self) -> None:
        self._wanted = None

    def next_response(self) -> list[Action]:
        """Ask for the wanted response, unless one is on its way or the caller is speaking."""
        if self._wanted is None or self.active or self._requested or self._service_answers:
            return []
        if self.caller_speaks and not self.held:
            return []  # when he ends, the service answers by itself
        self._requested, self._wanted = self._wanted, None
        return [self._requested]

    def request_refused(self) -> None:
        """The service was making a response of its own when ours was asked for: that one comes first."""
        refused, self._requested, self._assumed = self._requested or self._assumed, None, None
        if refused is not None:
            self._wanted = refused
            self._own.pop(self.active or "", None)
            self._next_turn_tells = self._outdated = False
            self._service_answers = self.active is None

    @property
    def idle(self) -> bool:
        """No response is being made, asked for or wanted."""
        return self.active is None and self._requested is None and self._wanted is None

    @property
    def owes(self) -> bool:
        """The model is to be heard next: a response is wanted, on its way or being made, or the service begins one."""
        made = self.active is not None and self.active not in self._cut
        return made or self._requested is not None or self._wanted is not None or self._service_answers

    @property
    def unspoken(self) -> bool:
        """The model is to be heard next, and has not begun."""
        return self.owes and self.active not in self._spoke

    def give_up_waiting(self) -> bool:
        """Ask for the response that is due, whatever kept us from it; whether anything did.

        The service was to answer by itself and has not begun to, or has not said the end of a response that was cut.
        """
        waited, self._service_answers = self._service_answers, False
        if self._wanted is not None and self.active in self._cut:
            waited, self.active = True, None
        if waited and self._wanted is None:
            self.want_response()
        return waited

    def model_lost(self) -> None:
        """No response will come any more of what was asked for."""
        self.active = self._requested = self._wanted = self._assumed = None
        self._outdated = self._service_answers = False

    def session_lost(self) -> list[RecordTurn]:
        """Another session takes the place of the one that is lost: what was said stays, but it has not said it.

        The turns that are not over yet, as far as they are known: the caller may still hear the rest of them.
        """
        self.model_lost()
        self.caller_speaks = self.held = False
        self._strangers |= {item.item_id for item in self.playback.items}
        self.greeting = Memory()
        return self._transcript.so_far()

    def close(self, now_ms: int) -> list[Action]:
        """The end: the turns that are still open, with what was heard of them."""
        cut = [item for item in self.playback.interrupt(now_ms) if item.item_id != tone.ITEM]
        turns = [turn for item in cut for turn in self._transcript.cut(item, now_ms)]
        return [*turns, *self._transcript.flush()]

    def _heard(self, now_ms: int) -> list[Action]:
        heard = [item for item in self.playback.take_heard() if item.item_id != tone.ITEM]
        return [turn for item in heard for turn in self._transcript.heard(item, now_ms)]


def _forget_unheard(item: Item) -> Action:
    """The model is to remember of an item what the caller heard of it."""
    if not item.heard_ms:
        return DeleteItem(item.item_id)
    return TruncateItem(item.item_id, item.heard_ms, item.by_marks_ms, item.sent_ms)
