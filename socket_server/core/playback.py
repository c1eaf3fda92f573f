"""The ledger of what the caller has heard.

The phone network buffers whatever we send. It tells us about it only by marks: a mark comes back when all audio before
it was played, or when `clear` removed that audio. So the ledger keeps the audio that is still in the buffer, in pieces
that each end with a mark. A returned mark that the ledger does not know belongs to cleared audio and is ignored.

Truncation, "was the last word heard?" and the transcript's `heard` column use only this ledger.
Source: https://www.twilio.com/docs/voice/media-streams/websocket-messages (mark, clear).
"""

from collections import deque
from dataclasses import dataclass

BYTES_PER_MS = 8  # mu-law, 8000 samples a second, one byte each
MARK_EVERY_BYTES = 200 * BYTES_PER_MS  # shorter pieces cost a message both ways, and nobody hears the difference


@dataclass(slots=True)
class Item:
    """The audio of one spoken item of the conversation."""

    item_id: str
    response_id: str
    sent_bytes: int = 0
    heard_bytes: int = 0
    by_marks_bytes: int = 0
    """The part of the heard audio that marks have proved."""
    finished: bool = False
    """The model has no more audio for it."""

    @property
    def sent_ms(self) -> int:
        return self.sent_bytes // BYTES_PER_MS

    @property
    def by_marks_ms(self) -> int:
        return self.by_marks_bytes // BYTES_PER_MS

    @property
    def heard_ms(self) -> int:
        return self.heard_bytes // BYTES_PER_MS


@dataclass(slots=True)
class _Piece:
    item: Item
    audio_bytes: int
    mark: str | None = None
    """None while it still grows, or if a later mark covers it."""


class Playback:
    """What was sent, what was heard, what is still in the phone's buffer."""

    def __init__(self, now_ms: int = 0) -> None:
        self._items: dict[str, Item] = {}  # unfinished or not yet heard to the end
        self._pieces: deque[_Piece] = deque()  # in the phone's buffer, oldest first
        self._growing: _Piece | None = None  # the last of them, if it has no mark yet
        self.total_bytes = 0
        """Of all audio that was sent."""
        self._heard: list[Item] = []
        self._buffered_bytes = 0
        self._playing_since_ms = now_ms
        self._marks = 0

    @property
    def drained(self) -> bool:
        """All that was sent has been heard."""
        return not self._pieces

    @property
    def items(self) -> list[Item]:
        """The items that are unfinished or not yet heard to their end."""
        return list(self._items.values())

    @property
    def newest_mark(self) -> str:
        """The last mark that has not come back; "" if there is none."""
        return next((piece.mark for piece in reversed(self._pieces) if piece.mark), "")

    @property
    def until_ms(self) -> int:
        """When the caller will have heard all sent audio, by the clock. It is in the past if the phone is drained."""
        return self._playing_since_ms + self._buffered_bytes // BYTES_PER_MS

    def sent(self, response_id: str, item_id: str, audio_bytes: int, now_ms: int) -> str:
        """Count audio that goes to the phone now. Returns the name of the mark to send after it, or ""."""
        item = self._items.get(item_id)
        if item is None:
            item = self._items[item_id] = Item(item_id, response_id)
        began_ms = now_ms - self._buffered_bytes // BYTES_PER_MS
        if began_ms > self._playing_since_ms:  # by the clock the buffer was empty: the time since then was silence
            self._playing_since_ms = began_ms
        piece = self._growing
        if piece is None or piece.item is not item:
            piece = self._growing = _Piece(item, 0)
            self._pieces.append(piece)
        self.total_bytes += audio_bytes
        self._buffered_bytes += audio_bytes
        item.sent_bytes += audio_bytes
        piece.audio_bytes += audio_bytes
        return self._mark(piece) if piece.audio_bytes >= MARK_EVERY_BYTES else ""

    def finish_item(self, item_id: str) -> str:
        """The item has no more audio. Returns the name of the mark that must still follow it, or ""."""
        item = self._items.get(item_id)
        if item is None:
            return ""
        item.finished = True
        for piece in reversed(self._pieces):
            if piece.item is item:
                # A mark at the end covers it; an unmarked piece that is not the last one is covered by a later mark.
                return self._mark(piece) if piece.mark is None and piece is self._pieces[-1] else ""
        self._heard.append(self._items.pop(item_id))  # it was heard before the model reported the end of the item
        return ""

    def played(self, mark: str, now_ms: int) -> bool:
        """A mark came back: all audio up to it was heard, unless it belongs to audio that was cleared.

        Returns whether something may follow from it. Nearly all marks are in the middle of an item: nothing follows
        from them.
        """
        pieces = self._pieces
        if len(pieces) > 1 and pieces[0].mark == mark and pieces[1].item is pieces[0].item:
            self._first_heard()
            self._playing_since_ms = now_ms
            return False
        self._played_up_to(mark, now_ms)
        return True

    def _played_up_to(self, mark: str, now_ms: int) -> None:
        if not any(piece.mark == mark for piece in self._pieces):
            return
        while True:
            piece = self._first_heard()
            if piece.item.finished and piece.item.heard_bytes == piece.item.sent_bytes:
                self._heard.append(self._items.pop(piece.item.item_id))
            if piece.mark == mark:
                break
        self._playing_since_ms = now_ms

    def take_heard(self) -> list[Item]:
        """The items that were heard to their end since the last call."""
        heard, self._heard = self._heard, []
        return heard

    def interrupt(self, now_ms: int) -> list[Item]:
        """Forget the buffer. Returns the items that the caller did not hear to their end, and how much they heard of
        each.

        The marks are certain. The time since the last mark is added, but never more than up to the next mark: if that
        had been played, it would have come back.
        """
        by_clock = max(0, now_ms - self._playing_since_ms) * BYTES_PER_MS
        for piece in self._pieces:
            heard = min(by_clock, piece.audio_bytes)
            piece.item.heard_bytes += heard
            by_clock = 0 if piece.mark is not None else by_clock - heard
        cut = list(self._items.values())
        self._items.clear()
        self._pieces.clear()
        self._growing = None
        self._playing_since_ms = min(now_ms, self.until_ms)
        self._buffered_bytes = 0
        return cut

    def _first_heard(self) -> _Piece:
        piece = self._pieces.popleft()
        self._buffered_bytes -= piece.audio_bytes
        piece.item.heard_bytes += piece.audio_bytes
        piece.item.by_marks_bytes += piece.audio_bytes
        return piece

    def _mark(self, piece: _Piece) -> str:
        self._growing = None
        self._marks += 1
        piece.mark = str(self._marks)
        return piece.mark
