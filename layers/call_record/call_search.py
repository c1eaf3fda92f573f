"""Reads many calls, for a program of the operator's: those of a day by the index, parts of one call by its key.

It queries and never scans. It reads eventually consistent, which costs half: a write is there a moment later. Each page
says what it cost. A row comes from a database that others can write to, so an attribute that cannot be what Warmline
writes is left out.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import call_index
from call_attributes import Attribute, Attributes, make_attribute, read_text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryOutputTypeDef

PAGE_ROWS = 1000
"""Of the index: some 200 kB, or 25 read units."""
DAY_MS = 86_400_000
MAX_NUMBER = 253_402_300_799_999
"""The last millisecond of the year 9999. No number of a row is larger."""

BEGINNINGS = {"call": "started_at_ms", "stream": "opened_at_ms", "attempt": "claimed_at_ms", "goodbye": "claimed_at_ms"}
"""What `at_ms` of the index is called in each kind of row."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows."""

    rows: list[Attributes]
    read_units: float


class CallSearch:
    """The calls of one table. Every method raises what the client raises."""

    def __init__(self, client: "DynamoDBClient", table_name: str) -> None:
        self._client = client
        self._table_name = table_name

    def list_day(self, day: date) -> Iterator[Page]:
        """The rows of calls, streams and attempts that began on this day, newest first, with what the index has.

        They lead `read_record` to a record without turns, legs, notices, words and TwiML.
        """
        midnight_ms = to_ms(day)
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            IndexName=call_index.NAME,
            KeyConditionExpression="#day = :day AND #at_ms BETWEEN :first AND :last",
            ExpressionAttributeNames={"#day": call_index.DAY, "#at_ms": call_index.AT_MS},
            ExpressionAttributeValues={
                ":day": make_attribute(f"{day:%Y-%m-%d}"),
                ":first": make_attribute(midnight_ms),
                ":last": make_attribute(midnight_ms + DAY_MS - 1),
            },
            ScanIndexForward=False,
            ReturnConsumedCapacity="TOTAL",
            PaginationConfig={"PageSize": PAGE_ROWS},
        )
        for page in pages:
            yield Page([_restore(row) for row in _clean(page["Items"])], _read_units(page))

    def read_call(self, call_sid: str) -> Page:
        """Every row of the call."""
        return self._query(call_sid, " ", "~")

    def read_head(self, call_sid: str) -> Page:
        """Every row of the call but its turns, which are most of them."""
        return self._query(call_sid, "attempt#", "stream$")

    def read_turns(self, call_sid: str) -> Page:
        """The turns of the call."""
        return self._query(call_sid, "turn#", "turn$")

    def _query(self, call_sid: str, first: str, last: str) -> Page:
        """The rows of the call whose `item` is between these two. ($ follows #.)"""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table_name,
            KeyConditionExpression="call_sid = :call_sid AND #item BETWEEN :first AND :last",
            ExpressionAttributeNames={"#item": "item"},
            ExpressionAttributeValues={
                ":call_sid": make_attribute(call_sid),
                ":first": make_attribute(first),
                ":last": make_attribute(last),
            },
            ReturnConsumedCapacity="TOTAL",
        )
        read = list(pages)
        rows = [_restore(row) for page in read for row in _clean(page["Items"])]
        return Page(rows, sum(map(_read_units, read)))


def to_ms(day: date) -> int:
    """When the day begins in UTC, since 1970."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def _clean(rows: Iterable[Attributes]) -> list[Attributes]:
    """Without attributes that are neither text nor a time or count, and without rows that have no usable key."""
    cleaned = [{name: value for name, value in row.items() if _is_sound(value)} for row in rows]
    return [row for row in cleaned if not _is_malformed(read_text(row, "item"))]


def _is_sound(value: Attribute) -> bool:
    if "N" in value:
        number = value["N"]
        return number.isascii() and number.isdecimal() and len(number) < 16 and int(number) <= MAX_NUMBER
    return "S" in value


def _is_malformed(item: str) -> bool:
    return item.startswith("notice#") and item.count("#") < 3


def _restore(row: Attributes) -> Attributes:
    name = BEGINNINGS.get(read_text(row, "item").partition("#")[0])
    return {name: row[call_index.AT_MS], **row} if name and call_index.AT_MS in row else row


def _read_units(page: "QueryOutputTypeDef") -> float:
    return page.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0)
