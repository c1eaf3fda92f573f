"""The index `by_day` of the table: finds the calls of a day without reading the whole table.

A row `call`, `stream`, `attempt` or `goodbye` is in it from its first write on, at the time of that write: its `day`
(UTC) and `at_ms`. Those are two attributes more in writes that exist. The index has what a list of calls shows, and no
words, no summary and no TwiML. DynamoDB removes a row from it when the row is deleted or expires.

A day is one partition, which takes some 1000 writes a second, and a call makes some six:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html.
"""

from datetime import UTC, datetime

from call_attributes import Attribute, make_attribute

NAME = "by_day"
DAY, AT_MS = "day", "at_ms"
COPIED = (
    "caller",
    "called",
    "ended_at_ms",
    "stream_sid",
    "end_reason",
    "talked_ms",
    "decided_at_ms",
    "tokens",
    "cost_micro_usd",
    "destination",
    "status",
    "settled_at_ms",
    "talked_s",
    "message_s",
    "after_talk",
    "if_nobody",
    "accepted_by",
)
"""The attributes that the index has besides the keys. DynamoDB takes 20:
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Projection.html"""


def name_day(at_ms: int) -> str:
    """The day of a time since 1970, in UTC."""
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d}"


def place(at_ms: int) -> dict[str, Attribute]:
    """The place of a row in the index, for its first write."""
    return {DAY: make_attribute(name_day(at_ms)), AT_MS: make_attribute(at_ms)}
