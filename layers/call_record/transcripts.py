"""What was said in a call: kept as long as the rest of its record, or only until the call is over.

During a call its words are needed, because they are what the next stream remembers. If they are not to be kept,
whoever learns that the call is over writes that first, and then erases the words of all turns. A turn may be written at
the same time, or later, as the answer of a slow tool. So after each write of a turn it is read whether the call is
over; if it is, the turn's own words are erased. One of the two sees the other, because every read is consistent. The
same read shows whether somebody has deleted what was stored about the caller.

If nobody learns that the call is over, or a process dies between these steps, the turns expire by themselves.
"""

import math
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import BotoCoreError, ClientError

from call_attributes import make_attribute, read_record, read_text, to_item
from call_items import DeletedError, Items
from call_rows import EndReason, Turn

WORDS_S = 4 * 3600
"""Twilio ends a call after four hours, unless the account has longer ones: the words of a live call do not expire.
https://www.twilio.com/docs/voice/limitations-and-edge-cases"""
WORDS = ("said", "heard", "brief", "note")
"""Of a turn; what people who are rung hear about the call, and what they say to it."""
WRITERS = 10
"""How many writes a webhook has under way at once: botocore keeps as many connections."""
OVER: tuple[EndReason, ...] = ("goodbye", "goodbye_unsaid", "caller_gone")


class WordsLeftError(Exception):
    """The time was over before all words were erased. The message says how many turns have theirs; they expire."""


class Transcripts:
    """The turns of all calls. Every method raises what the client raises when the table cannot be reached."""

    def __init__(self, items: Items, *, keep: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._items = items
        self.keep = keep
        self._clock = clock

    def add(self, call_sid: str, turn: Turn) -> None:
        # Thirteen digits sort as text until the year 2286. The rest distinguishes turns of the same moment.
        item = f"turn#{turn.at_ms:013d}#{uuid.uuid4().hex[:8]}"
        row = to_item(turn)
        self._items.add(call_sid, item, row, keep_s=None if self.keep else WORDS_S)
        try:
            call = self._items.erase_if_deleted(call_sid, item, tuple(row))
        except DeletedError:
            return
        except (BotoCoreError, ClientError):
            if self.keep:
                return  # the turn is written, and calls are hardly ever deleted so soon
            raise
        if call.ended_at_ms and not self.keep:
            self._items.remove(call_sid, item, WORDS)

    def end_with_stream(self, call_sid: str, jti: str, reason: EndReason) -> None:
        """The container has written why this stream ended. That may be the end of the call."""
        if self.keep or reason not in OVER:
            return
        # The container believes that the caller is gone, too, when a stream of a repeated webhook takes the place, and
        # when the operator has the call put through to a person.
        record = read_record(self._items.list_under(call_sid))
        newest = record.streams[-1]
        moved = any(each.under_way and each.claimed_at_ms >= newest.opened_at_ms for each in record.attempts)
        if newest.jti == jti and not moved:
            self.end(call_sid)

    def end(self, call_sid: str, until: float = math.inf) -> None:
        """The call is over. A write may begin until `until`, on the clock. Raises also `WordsLeftError`."""
        if self.keep:
            return
        if self._clock() > until:
            raise WordsLeftError("there was no time to erase anything")
        self._items.change(call_sid, "call", always={"ended_at_ms": make_attribute(self._items.now_ms)})
        rows = self._items.list_under(call_sid)
        items = [read_text(row, "item") for row in rows if any(word in row for word in WORDS)]
        failed: list[Exception] = []

        def erase(item: str) -> bool:
            if self._clock() > until:
                return False
            try:
                self._items.remove(call_sid, item, WORDS)
            except (BotoCoreError, ClientError) as error:
                failed.append(error)  # the other turns lose their words all the same
            return True

        # The container has the time to write one after the other, and live calls that need its processor.
        with ThreadPoolExecutor(WRITERS if until < math.inf else 1) as pool:
            erased = list(pool.map(erase, items))
        if failed:
            raise failed[0]
        if left := erased.count(False):
            raise WordsLeftError(f"{left} of {len(erased)} turns still have their words")
