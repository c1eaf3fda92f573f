"""Whose turn it is: the model's responses, the caller's interruptions, and which words the caller heard."""

from collections.abc import Iterator

from socket_server.core import recorded_greeting, tone
from socket_server.core.actions import (
    Action,
    AddMessage,
    CancelResponse,
    ClearAudio,
    DeleteItem,
    PlayAudio,
    RecordTurn,
    SendMark,
    TruncateItem,
)
from socket_server.core.events import ResponseDone
from socket_server.core.playback import Item, Playback
from socket_server.core.recorded_greeting import GreetingMemory
from socket_server.core.response_requests import ResponseRequests
from socket_server.core.transcript import Transcript


class TurnTaking:
    """Every method that returns actions expects them to be carried out at once and in order."""

    def __init__(self, requests: ResponseRequests, now_ms: int = 0, *, truncates: bool = True) -> None:
        """`truncates`: see `Capabilities`."""
        self.requests = requests
        self._cut = requests.cut
        self._truncates = truncates
        self.playback = Playback(now_ms)
        self.cuts = 0
        """How often the model was interrupted."""
        self.greeting = GreetingMemory()
        """Of a recorded one."""
        self._transcript = Transcript()
        self._spoke: set[str] = set()  # responses, and items, of which audio went to the phone
        self._spoke_at_ms: int | None = None  # when the first item began that was not reported yet
        self._items_of_lost_sessions: set[str] = set()  # the current session knows none of them
        self._words_until_ms = now_ms
        self._bytes_with_tone = 0  # of all audio, when the last tone was sent

    def model_audio(self, response_id: str, item_id: str, audio_bytes: int, now_ms: int) -> str | None:
        """Whether audio may go to the phone: None = drop it; else the name of the mark to send after it, or "".

        It runs for every delta: the read callback asks this gate.
        """
        if response_id in self._cut:
            return None
        if item_id not in self._spoke:
            self._spoke |= {response_id, item_id}
            self._spoke_at_ms = now_ms if self._spoke_at_ms is None else self._spoke_at_ms
        return self.playback.sent(response_id, item_id, audio_bytes, now_ms)

    def take_spoke_at_ms(self) -> int | None:
        """When the first audio of an item went to the phone, if that was since the last call; else None."""
        spoke_at_ms, self._spoke_at_ms = self._spoke_at_ms, None
        return spoke_at_ms

    @property
    def words_until_ms(self) -> int:
        """When the caller will have heard the last words that were sent, by the clock. A tone does not count."""
        if self.playback.total_bytes > self._bytes_with_tone:
            self._words_until_ms = self.playback.until_ms
        return self._words_until_ms

    def play_tone(self, now_ms: int) -> list[Action]:
        """Play a tone to show that the line is alive; nothing while, by the clock, the caller hears something else."""
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

    def words(self, item_id: str, words: str, now_ms: int) -> None:
        self._transcript.model_said(item_id, words, now_ms)

    def audio_finished(self, response_id: str, item_id: str, now_ms: int) -> list[Action]:
        if response_id in self._cut:
            return []
        mark = self.playback.finish_item(item_id)
        return [*self.take_heard(now_ms), *([SendMark(mark)] if mark else [])]

    def response_done(self, done: ResponseDone, now_ms: int) -> list[Action]:
        """Close the response's items. Items of which the caller heard nothing also leave the model's memory."""
        self.requests.response_over(done.response_id)
        actions: list[Action] = []
        for item_id in done.message_ids:
            if self.requests.was_cut(done.response_id) and item_id not in self._spoke:
                self._transcript.discard(item_id)
                actions.append(DeleteItem(item_id) if self._truncates else _tell_heard(0))
            else:
                actions += self.audio_finished(done.response_id, item_id, now_ms)
                actions += self._transcript.complete(item_id)
        return actions

    def caller_started(self, item_id: str, now_ms: int) -> None:
        self.requests.caller_started()
        self._transcript.caller_began(item_id, now_ms)

    def caller_said(self, item_id: str, text: str, now_ms: int) -> list[RecordTurn]:
        return self._transcript.caller_said(item_id, text, now_ms)

    def barge_in(self, now_ms: int, *, cancel: bool = False) -> list[Action]:
        """Interrupt the model: the caller hears nothing more of its speech, or of a requested response.

        `cancel`: also stop the response. If the caller speaks, the service has done so already.
        """
        self.cuts += 1
        newest_mark = self.playback.newest_mark
        items = self.playback.interrupt(now_ms)
        actions: list[Action] = [ClearAudio(newest_mark)] if items else []
        response_id = self.requests.cut_active()
        if cancel and response_id is not None:
            actions.append(CancelResponse(response_id))
        for item in items:
            actions += self._cut_item(item, now_ms)
        return actions

    def _cut_item(self, item: Item, now_ms: int) -> Iterator[Action]:
        if item.item_id == tone.ITEM:
            return
        self._cut.add(item.response_id)
        turns = self._transcript.cut(item, now_ms)
        if item.item_id not in self._items_of_lost_sessions:
            if item.item_id == recorded_greeting.ITEM:
                forgotten = self.greeting.cut(turns[0].heard)  # its words are complete: the turn is
            else:
                forgotten = [_forget_unheard(item)]
            yield from forgotten if self._truncates or not forgotten else [_tell_heard(item.heard_ms)]
        yield from turns

    @property
    def speaking(self) -> bool:
        """The caller already hears the response that is being made."""
        active = self.requests.active
        return active in self._spoke and active not in self._cut

    def session_lost(self, now_ms: int) -> tuple[list[RecordTurn], list[Action]]:
        """Another session replaces the lost one. What was said stays, but the new session has not said it.

        Returns the known part of the turns that are not over (the caller may still hear the rest), and the actions that
        end them: no more audio and no more words will come for them.
        """
        self.requests.session_lost()
        unfinished = self._transcript.so_far()
        items = [item for item in self.playback.items if item.item_id != tone.ITEM]
        self._items_of_lost_sessions |= {item.item_id for item in items}
        actions = [each for item in items for each in self.audio_finished(item.response_id, item.item_id, now_ms)]
        self.greeting = GreetingMemory()
        return unfinished, [*actions, *self._transcript.complete_all()]

    def close(self, now_ms: int) -> list[Action]:
        """The end: returns the open turns, with the words that were heard."""
        cut = [item for item in self.playback.interrupt(now_ms) if item.item_id != tone.ITEM]
        turns = [turn for item in cut for turn in self._transcript.cut(item, now_ms)]
        return [*turns, *self._transcript.flush()]

    def take_heard(self, now_ms: int) -> list[Action]:
        """The turns of the items that were heard to their end since the last call."""
        heard = [item for item in self.playback.take_heard() if item.item_id != tone.ITEM]
        return [turn for item in heard for turn in self._transcript.heard(item, now_ms)]


def _tell_heard(heard_ms: int) -> Action:
    """Tell the model what was heard, if it remembers everything that it has said."""
    return AddMessage(
        "system", f"The caller interrupted you; they heard only {heard_ms / 1000:.1f} s of what you said."
    )


def _forget_unheard(item: Item) -> Action:
    """Let the model remember only the part of an item that the caller heard."""
    if not item.heard_ms:
        return DeleteItem(item.item_id)
    return TruncateItem(item.item_id, item.heard_ms, item.by_marks_ms, item.sent_ms)
