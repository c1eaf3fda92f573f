"""The call record: everything that is stored about a call, in one DynamoDB table, with a few atomic writes.

Functions and container both use it; nothing else knows the attribute names. It is synchronous. The given client has the
time limits and the number of retries; every write may be repeated. If the table cannot be reached, every method raises
the client's exception (`botocore.exceptions`). `call_items` has the table, `call_rows` the rows.
"""

import math
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from attempt_end import AttemptEnd, DialFailure
from attended import Attended
from call_attributes import (
    Attribute,
    end_attributes,
    make_attribute,
    read_attempt,
    read_call,
    read_record,
    read_stream,
    to_item,
)
from call_index import place
from call_items import KEEP_DAYS, Items, RefusedError
from call_legs import Legs
from call_rows import (
    UNDER_WAY,
    About,
    Attempt,
    Call,
    CallRecord,
    EndReason,
    Leg,
    Notice,
    Speaker,
    Stream,
    Turn,
)
from goodbyes import Goodbyes
from notices import Notices
from ringing import Dial, Ringing
from transcripts import Transcripts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

__all__ = [
    "About",
    "Attempt",
    "AttemptEnd",
    "Call",
    "CallRecord",
    "CallTable",
    "Dial",
    "DialFailure",
    "EndReason",
    "Leg",
    "Notice",
    "Speaker",
    "Stream",
    "Turn",
]

NOT_DELETED, NEVER = "NOT #deleted_at_ms > :never", {":never": make_attribute(0)}


class CallTable:
    """The table of calls."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table_name: str,
        *,
        now: Callable[[], float] = time.time,
        keep_days: int = KEEP_DAYS,
        keep_transcripts: bool = True,
    ) -> None:
        """`keep_days`: how long a row is kept after its last change. `keep_transcripts`: and what was said, too."""
        self._items = Items(client, table_name, now, keep_days)
        self._transcripts = Transcripts(self._items, keep=keep_transcripts)
        self.legs = Legs(self._items)
        self.attended = Attended(self._items)
        self.notices = Notices(self._items)
        self.goodbyes = Goodbyes(self._items)
        self.ringing = Ringing(self._items)

    @property
    def keeps_transcripts(self) -> bool:
        """Whether the record may have words of the call after its end."""
        return self._transcripts.keep

    def read(self, call_sid: str) -> CallRecord:
        """Everything known about the call, read consistently; an unknown call is an empty record."""
        return read_record(self._items.list_under(call_sid))

    def open_call(self, call_sid: str, caller: str, called: str, document: str, call_token: str = "") -> str:
        """Store the call with the TwiML that answers it, unless it is stored already, or was deleted.

        Returns the stored document: the given one the first time, the first one ever after.
        """
        now_ms = self._items.now_ms
        first = to_item(Call(caller, called, document, now_ms, call_token)) | place(now_ms)
        try:
            row = self._items.change(call_sid, "call", first=first, condition=NOT_DELETED, values=NEVER)
        except RefusedError:
            return document
        return read_call(row).document

    def claim_stream(self, call_sid: str, jti: str, stream_sid: str) -> bool:
        """Bind the token to the stream that used it. False: another stream used it before.

        The same stream may claim twice. The call's own row need not exist.
        """
        try:
            self._items.change(
                call_sid,
                f"stream#{jti}",
                first={"stream_sid": make_attribute(stream_sid)} | _begin("opened_at_ms", self._items.now_ms),
                condition="attribute_not_exists(#stream_sid) OR #stream_sid = :stream_sid",
            )
        except RefusedError:
            return False
        return True

    def end_stream(
        self,
        call_sid: str,
        jti: str,
        reason: EndReason,
        talked_ms: int,
        *,
        tokens: int | None = None,
        cost_micro_usd: int | None = None,
    ) -> None:
        """Write why the container closes the stream, how long caller and model talked on it, and what that cost.

        `tokens`, `cost_micro_usd`: None, if that is not known.
        """
        used = {"tokens": tokens, "cost_micro_usd": cost_micro_usd}
        self._items.change(
            call_sid,
            f"stream#{jti}",
            # Of a stream whose claim was never written: an attempt made on it must not look like an earlier one.
            first=_begin("opened_at_ms", self._items.now_ms - talked_ms),
            always={"end_reason": make_attribute(reason), "talked_ms": make_attribute(talked_ms)}
            | {name: make_attribute(value) for name, value in used.items() if value is not None},
        )
        self._transcripts.end_with_stream(call_sid, jti, reason)

    def end_call(self, call_sid: str, until: float = math.inf) -> None:
        """The call is over, or nobody will need its words: erase them unless they are kept.

        A write may begin until `until`, on the monotonic clock. Raises also `WordsLeftError` (`transcripts`).
        """
        self._transcripts.end(call_sid, until)

    def decide(self, call_sid: str, jti: str, document: str) -> str:
        """Store the TwiML that follows the stream, unless one is stored already; returns the stored one."""
        now_ms = self._items.now_ms
        first = {"decision": make_attribute(document), "decided_at_ms": make_attribute(now_ms)}
        row = self._items.change(call_sid, f"stream#{jti}", first=first | _begin("opened_at_ms", now_ms))
        return read_stream(row).decision or document

    def add_turn(self, call_sid: str, turn: Turn) -> None:
        """Add one thing said. Turns are read in the order of `at_ms`."""
        self._transcripts.add(call_sid, turn)

    def claim_attempt(self, call_sid: str, attempt: Attempt) -> Attempt | None:
        """Claim the attempt, by one conditional write. None: it is ours, and only now may people be rung.

        Otherwise returns the attempt as it is stored. `claimed_at_ms` is set here.
        """
        item = f"attempt#{attempt.request_id}"
        # A client that tries again after a lost answer finds the row of its first try.
        claim = make_attribute(uuid.uuid4().hex)
        row = to_item(attempt) | _begin("claimed_at_ms", self._items.now_ms) | {"claim": claim}
        try:
            self._items.add(call_sid, item, row, new=True)
        except RefusedError:
            stored = self._items.get(call_sid, item)
            return None if stored.get("claim") == claim else read_attempt(stored)
        return None

    def update_attempt(self, call_sid: str, request_id: str, status: str, detail: str = "") -> bool:
        """Write the outcome of a claimed attempt. False: nothing was written, because its outcome is known already.

        Twilio's report about the dial may come before the answer to the request that started it. Then it stays.
        """
        try:
            self._items.change(
                call_sid,
                f"attempt#{request_id}",
                always={"status": make_attribute(status), "detail": make_attribute(detail)},
                condition="#status = :claimed",
                names=("status",),
                values={":claimed": make_attribute("claimed")},
            )
        except RefusedError:
            return False
        return True

    def give_up_attempt(self, call_sid: str, request_id: str, detail: str) -> None:
        """Write that we waited in vain for an attempt under way. Twilio's later report about it still counts."""
        under_way = {f":{status}": make_attribute(status) for status in UNDER_WAY}
        with suppress(RefusedError):  # it has ended meanwhile
            self._items.change(
                call_sid,
                f"attempt#{request_id}",
                always={"status": make_attribute("failed"), "detail": make_attribute(detail)},
                condition=f"#status IN ({', '.join(under_way)}) AND attribute_not_exists(#decision)",
                names=("status", "decision"),
                values=under_way,
            )

    def settle_attempt(self, call_sid: str, request_id: str, end: AttemptEnd) -> tuple[Attempt, bool]:
        """Write how the attempt ended and the TwiML that follows, once.

        Returns the attempt as it is stored, with the TwiML that follows, and whether it was settled just now. A
        client that tries again after a lost answer finds it settled.
        """
        try:
            row = self._items.change(
                call_sid,
                f"attempt#{request_id}",
                first=_begin("claimed_at_ms", self._items.now_ms),
                always=end_attributes(end, self._items.now_ms),
                condition="attribute_not_exists(#decision)",
                names=("decision",),
            )
        except RefusedError:
            return read_attempt(self._items.get(call_sid, f"attempt#{request_id}")), False
        return read_attempt(row), True

    def add_message(self, call_sid: str, request_id: str, url: str, seconds: int) -> None:
        """Write where the message is that the caller left because nobody came. Raises also `DeletedError`."""
        message = {"message_url": make_attribute(url), "message_s": make_attribute(seconds)}
        # Where everybody was closed, nobody has been rung, and there is no attempt yet.
        first = {"status": make_attribute("no_answer")} | _begin("claimed_at_ms", self._items.now_ms)
        self._items.change(call_sid, f"attempt#{request_id}", first=first, always=message, late=True)


def _begin(name: str, at_ms: int) -> dict[str, Attribute]:
    """The time of a row's first write, under this name and in the index."""
    return {name: make_attribute(at_ms)} | place(at_ms)
