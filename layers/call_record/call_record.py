"""The call record: what is stored about a call, in one DynamoDB table, and the few atomic writes.

The functions and the container use it alike; nothing else knows the attribute names. It is synchronous, and
retries nothing: how long a database may take is set on the client that is given in. Every method raises what
the client raises (`botocore.exceptions`) when the table cannot be reached.

Table: partition key `call_sid` (S), sort key `item` (S), time to live `expires_at`. `call_rows` has the rows.
"""

import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

from call_rows import (
    Attempt,
    Attribute,
    Attributes,
    Call,
    CallRecord,
    EndReason,
    Speaker,
    Stream,
    Turn,
    attempt_from,
    attribute,
    call_from,
    stream_from,
    turn_from,
    written,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import UpdateItemInputTypeDef

__all__ = ["Attempt", "Call", "CallRecord", "CallTable", "EndReason", "Speaker", "Stream", "Turn"]

SECONDS_A_DAY = 86_400


class CallTable:
    """The table of calls."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table_name: str,
        *,
        now: Callable[[], float] = time.time,
        keep_days: int = 30,
    ) -> None:
        self._client = client
        self._table_name = table_name
        self._now = now
        self._keep_s = keep_days * SECONDS_A_DAY

    def read(self, call_sid: str) -> CallRecord:
        """Everything known about the call, read consistently; an unknown call is an empty record."""
        call: Call | None = None
        streams: list[Stream] = []
        turns: list[Turn] = []
        attempts: list[Attempt] = []
        for row in self._rows(call_sid):
            match row["item"]["S"].partition("#")[0]:
                case "call":
                    call = call_from(row)
                case "stream":
                    streams.append(stream_from(row))
                case "turn":
                    turns.append(turn_from(row))
                case "attempt":
                    attempts.append(attempt_from(row))
        streams.sort(key=lambda stream: stream.opened_at_ms)
        attempts.sort(key=lambda attempt: attempt.claimed_at_ms)
        return CallRecord(call, tuple(streams), tuple(turns), tuple(attempts))

    def open_call(self, call_sid: str, caller: str, called: str, document: str) -> str:
        """Store the call with the TwiML that answers it, unless it is stored already.

        Returns the stored document: the given one the first time, the first one ever after.
        """
        first = Call(caller, called, document, self._now_ms())
        row = self._upsert(call_sid, "call", first=written(first))
        return call_from(row).document

    def claim_stream(self, call_sid: str, jti: str, stream_sid: str) -> bool:
        """Bind the token to the stream that used it. False: another stream used it before.

        The same stream may claim twice. The call's own row need not exist.
        """
        try:
            self._upsert(
                call_sid,
                f"stream#{jti}",
                first={"stream_sid": attribute(stream_sid), "opened_at_ms": attribute(self._now_ms())},
                condition="attribute_not_exists(#stream_sid) OR #stream_sid = :stream_sid",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def end_stream(self, call_sid: str, jti: str, reason: EndReason, talked_ms: int) -> None:
        """Write why the container closes the stream, and how long caller and model talked on it."""
        self._upsert(
            call_sid,
            f"stream#{jti}",
            first={"opened_at_ms": attribute(self._now_ms())},
            always={"end_reason": attribute(reason), "talked_ms": attribute(talked_ms)},
        )

    def decide(self, call_sid: str, jti: str, document: str) -> str:
        """Store the TwiML that follows the stream, unless one is stored already; returns the stored one."""
        first = {"decision": attribute(document), "opened_at_ms": attribute(self._now_ms())}
        row = self._upsert(call_sid, f"stream#{jti}", first=first)
        return stream_from(row).decision or document

    def add_turn(self, call_sid: str, turn: Turn) -> None:
        """Add one thing said. Turns are read in the order of `at_ms`."""
        # Thirteen digits sort as text until the year 2286; the rest keeps apart what was said at once.
        item = f"turn#{turn.at_ms:013d}#{uuid.uuid4().hex[:8]}"
        self._client.put_item(
            TableName=self._table_name, Item=self._keys(call_sid, item) | written(turn) | self._expiry()
        )

    def claim_attempt(self, call_sid: str, attempt: Attempt) -> Attempt | None:
        """Claim the attempt, by one conditional write. None: it is ours, and only now may anybody be called.

        Otherwise the attempt as it is stored. `claimed_at_ms` is set here.
        """
        keys = self._keys(call_sid, f"attempt#{attempt.request_id}")
        claimed_at_ms = {"claimed_at_ms": attribute(self._now_ms())}
        try:
            self._client.put_item(
                TableName=self._table_name,
                Item=keys | written(attempt) | claimed_at_ms | self._expiry(),
                ConditionExpression="attribute_not_exists(call_sid)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return self._attempt(call_sid, attempt.request_id)
        return None

    def update_attempt(self, call_sid: str, request_id: str, status: str, detail: str = "") -> bool:
        """Write what became of a claimed attempt. False, and nothing written: its outcome is known already.

        Twilio's word about the dialling may come before the answer of the request that started it; it stays.
        """
        try:
            self._upsert(
                call_sid,
                f"attempt#{request_id}",
                always={"status": attribute(status), "detail": attribute(detail)},
                condition="#status = :claimed",
                names={"#status": "status"},
                values={":claimed": attribute("claimed")},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def settle_attempt(
        self,
        call_sid: str,
        request_id: str,
        status: str,
        detail: str,
        document: str,
        *,
        dial_call_sid: str = "",
        talked_s: int = 0,
    ) -> str:
        """Write how the attempt ended and the TwiML that follows, once; returns the stored TwiML."""
        settled: dict[str, Attribute] = {
            "status": attribute(status),
            "detail": attribute(detail),
            "decision": attribute(document),
            "dial_call_sid": attribute(dial_call_sid),
            "talked_s": attribute(talked_s),
            "settled_at_ms": attribute(self._now_ms()),
        }
        try:
            self._upsert(
                call_sid,
                f"attempt#{request_id}",
                first={"claimed_at_ms": attribute(self._now_ms())},
                always=settled,
                condition="attribute_not_exists(#decision)",
                names={"#decision": "decision"},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return self._attempt(call_sid, request_id).decision or document
        return document

    def add_message(self, call_sid: str, request_id: str, url: str, seconds: int) -> None:
        """Write where the message is that the caller left because nobody came."""
        message = {"message_url": attribute(url), "message_s": attribute(seconds)}
        self._upsert(call_sid, f"attempt#{request_id}", always=message)

    def _rows(self, call_sid: str) -> list[Attributes]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="call_sid = :call_sid",
            ExpressionAttributeValues={":call_sid": attribute(call_sid)},
            ConsistentRead=True,
        )
        return [row for page in pages for row in page["Items"]]

    def _attempt(self, call_sid: str, request_id: str) -> Attempt:
        keys = self._keys(call_sid, f"attempt#{request_id}")
        answer = self._client.get_item(TableName=self._table_name, Key=keys, ConsistentRead=True)
        return attempt_from(answer.get("Item", keys))

    def _upsert(
        self,
        call_sid: str,
        item: str,
        *,
        first: Attributes | None = None,
        always: Attributes | None = None,
        condition: str | None = None,
        names: dict[str, str] | None = None,
        values: Attributes | None = None,
    ) -> Attributes:
        """One atomic write; returns the whole row. What is in `first` is set only where it is missing."""
        first, always = first or {}, {**(always or {}), **self._expiry()}
        sets = [f"#{name} = if_not_exists(#{name}, :{name})" for name in first]
        sets += [f"#{name} = :{name}" for name in always]
        changed = {**first, **always}
        request: UpdateItemInputTypeDef = {
            "TableName": self._table_name,
            "Key": self._keys(call_sid, item),
            "UpdateExpression": "SET " + ", ".join(sets),
            # Aliases throughout: `status` and others are reserved words of the expression language.
            "ExpressionAttributeNames": {f"#{name}": name for name in changed} | (names or {}),
            "ExpressionAttributeValues": {f":{name}": value for name, value in changed.items()} | dict(values or {}),
            "ReturnValues": "ALL_NEW",
        }
        if condition:
            request["ConditionExpression"] = condition
        answer = self._client.update_item(**request)
        return answer["Attributes"]

    def _keys(self, call_sid: str, item: str) -> dict[str, Attribute]:
        return {"call_sid": attribute(call_sid), "item": attribute(item)}

    def _expiry(self) -> dict[str, Attribute]:
        return {"expires_at": attribute(int(self._now()) + self._keep_s)}

    def _now_ms(self) -> int:
        return int(self._now() * 1000)
