"""All that is stored about one caller: found by their number, and deleted. For a program of the operator's.

The table has no index by number, because no call needs one. So the search reads the whole table, a page at a time. A
call whose own row was never written has no number, and is not found.

A webhook or a notice may come late. So a deletion first marks the call, and leaves the mark for a day: whoever writes a
row looks for it (`call_items`). The number stays beside the mark until all other rows are deleted, so that a deletion
that was interrupted can be repeated.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from call_attributes import Attribute, make_attribute, read_number, read_text
from call_items import SECONDS_A_DAY
from ringing import hash_number

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

type Key = dict[str, Attribute]


@dataclass(frozen=True, slots=True)
class StoredCall:
    call_sid: str
    started_at_ms: int


class CallerData:
    """One caller's rows. Every method raises what the client raises when the table cannot be reached."""

    def __init__(
        self, client: "DynamoDBClient", table_name: str, caller: str, now: Callable[[], float] = time.time
    ) -> None:
        """`caller`: as Twilio gave it: a number in E.164, `client:…` or `sip:…`."""
        self._client = client
        self._table_name = table_name
        self._caller = caller
        self._now = now

    def find_calls(self, note: Callable[[int, int], None]) -> list[StoredCall]:
        """The caller's calls, oldest first. `note` is told after each page how many rows were read and calls found."""
        pages = self._client.get_paginator("scan").paginate(
            TableName=self._table_name,
            FilterExpression="#item = :call AND #caller = :caller",
            ProjectionExpression="call_sid, started_at_ms",
            ExpressionAttributeNames={"#item": "item", "#caller": "caller"},
            ExpressionAttributeValues={":call": make_attribute("call"), ":caller": make_attribute(self._caller)},
            ConsistentRead=True,
        )
        read, found = 0, []
        for page in pages:
            read += page["ScannedCount"]
            found += [
                StoredCall(read_text(row, "call_sid"), read_number(row, "started_at_ms")) for row in page["Items"]
            ]
            note(read, len(found))
        return sorted(found, key=lambda call: call.started_at_ms)

    def list_rows(self, call_sid: str) -> list[Key]:
        """The keys of the call's rows. The row by which the call is found is the last: delete them in this order."""
        keys = self._list_keys(call_sid) + self._list_ringing(call_sid)
        return sorted(keys, key=lambda key: key["item"] == make_attribute("call"))

    def mark(self, call_sid: str) -> None:
        """To be called before `list_rows`, if the rows shall be deleted: from now on nobody adds one."""
        with suppress(self._client.exceptions.ConditionalCheckFailedException):  # it has expired
            self._client.update_item(
                TableName=self._table_name,
                Key=_make_call_key(call_sid),
                UpdateExpression="SET deleted_at_ms = :now",
                ConditionExpression="attribute_exists(call_sid)",
                ExpressionAttributeValues={":now": make_attribute(int(self._now() * 1000))},
            )

    def delete(self, key: Key) -> None:
        """Delete the row. Of the call's own nothing but the mark is left."""
        if key["item"] != make_attribute("call"):
            self._client.delete_item(TableName=self._table_name, Key=key)
            return
        now = self._now()
        mark = {"deleted_at_ms": int(now * 1000), "expires_at": int(now) + SECONDS_A_DAY}
        attributes = {name: make_attribute(value) for name, value in mark.items()}
        self._client.put_item(TableName=self._table_name, Item=key | attributes)

    def _list_ringing(self, call_sid: str) -> list[Key]:
        """Where the caller's number was shown to a person who was rung."""
        digest = hash_number(self._caller)
        keys = self._list_keys(f"number#{digest}") if digest else []
        return [key for key in keys if read_text(key, "item").startswith(f"dial#{call_sid}#")]

    def _list_keys(self, partition: str) -> list[Key]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="call_sid = :partition",
            ProjectionExpression="call_sid, #item",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues={":partition": make_attribute(partition)},
            ConsistentRead=True,
        )
        return [{"call_sid": row["call_sid"], "item": row["item"]} for page in pages for row in page["Items"]]


def _make_call_key(call_sid: str) -> Key:
    return {"call_sid": make_attribute(call_sid), "item": make_attribute("call")}
