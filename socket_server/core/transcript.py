"""What was said and how much of it was heard, turn by turn.

The service sends the words of an item together with its audio, before the caller hears it. The protocol has no times of
words. So if the caller interrupts an item, the words that they heard are estimated from the share of its audio that
they heard.
"""

from dataclasses import dataclass

from socket_server.core.actions import RecordTurn
from socket_server.core.playback import Item

ITEM_CHARACTERS = 50_000  # an hour of talk in one item


@dataclass(slots=True)
class _Spoken:
    at_ms: int
    said: str = ""
    heard: str | None = None
    """None until the caller has heard it to its end, or it was cut."""
    complete: bool = False
    """No more words will come."""
    to_the_end: bool = False


class Transcript:
    """Gives out each turn once, when its words and the part that was heard are both final."""

    def __init__(self) -> None:
        self._spoken: dict[str, _Spoken] = {}
        self._caller_began_ms: dict[str, int] = {}

    def caller_began(self, item_id: str, now_ms: int) -> None:
        self._caller_began_ms[item_id] = now_ms

    def caller_said(self, item_id: str, text: str, now_ms: int) -> list[RecordTurn]:
        """The caller's words arrive later than they were said; the turn has the time at which they began."""
        at_ms = self._caller_began_ms.pop(item_id, now_ms)
        words = text.strip()
        return [RecordTurn(at_ms, "caller", words, words)] if words else []

    def model_said(self, item_id: str, words: str, now_ms: int) -> None:
        spoken = self._of(item_id, now_ms)
        if len(spoken.said) < ITEM_CHARACTERS:
            spoken.said += words

    def heard(self, item: Item, now_ms: int) -> list[RecordTurn]:
        """The item was heard to its end."""
        spoken = self._of(item.item_id, now_ms)
        spoken.to_the_end = True
        spoken.heard = spoken.said
        return self._take_if_final(item.item_id)

    def cut(self, item: Item, now_ms: int) -> list[RecordTurn]:
        """The item was cut at `item.heard_ms`."""
        spoken = self._of(item.item_id, now_ms)
        spoken.heard = _beginning(spoken.said, item.heard_bytes, item.sent_bytes)
        return self._take_if_final(item.item_id)

    def complete(self, item_id: str) -> list[RecordTurn]:
        """No more words will come for this item."""
        spoken = self._spoken.get(item_id)
        if spoken is None:
            return []
        spoken.complete = True
        return self._take_if_final(item_id)

    def complete_all(self) -> list[RecordTurn]:
        """No more words will come for any existing item."""
        return [turn for item_id in list(self._spoken) for turn in self.complete(item_id)]

    def discard(self, item_id: str) -> None:
        """The item never reached the phone."""
        self._spoken.pop(item_id, None)

    def so_far(self) -> list[RecordTurn]:
        """The known part of the turns that are not over, as if they were heard to their end."""
        spoken = sorted(self._spoken.values(), key=lambda each: each.at_ms)
        return [RecordTurn(each.at_ms, "model", each.said, each.said) for each in spoken if each.said.strip()]

    def flush(self) -> list[RecordTurn]:
        """All remaining turns, at the end of the call."""
        turns = [turn for item_id in list(self._spoken) for turn in self._take(item_id)]
        return sorted(turns, key=lambda turn: turn.at_ms)

    def _of(self, item_id: str, now_ms: int) -> _Spoken:
        return self._spoken.setdefault(item_id, _Spoken(now_ms))

    def _take_if_final(self, item_id: str) -> list[RecordTurn]:
        spoken = self._spoken[item_id]
        return self._take(item_id) if spoken.complete and spoken.heard is not None else []

    def _take(self, item_id: str) -> list[RecordTurn]:
        spoken = self._spoken.pop(item_id)
        heard = spoken.said if spoken.to_the_end else spoken.heard or ""
        return [RecordTurn(spoken.at_ms, "model", spoken.said, heard)] if spoken.said.strip() else []


def _beginning(words: str, heard_bytes: int, sent_bytes: int) -> str:
    """The part of the words that belongs to this part of the audio, in whole words."""
    if heard_bytes >= sent_bytes:
        return words
    part = words[: len(words) * heard_bytes // sent_bytes]
    if part and words[len(part)].isspace():
        return part
    return part[: part.rfind(" ")] if " " in part else ""
