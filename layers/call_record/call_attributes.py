"""Converts each row of the call record to DynamoDB attributes and back. Uses no database."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, cast

from attempt_end import AttemptEnd, DialFailure
from call_rows import (
    Attempt,
    Call,
    CallRecord,
    EndReason,
    Goodbye,
    Leg,
    Notice,
    Speaker,
    Stream,
    Turn,
)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

type Attribute = AttributeValueTypeDef
type Attributes = Mapping[str, Attribute]

_NUMBER = re.compile(r"[0-9]{1,14}", re.ASCII)  # milliseconds until the year 5138, and whatever is counted


def to_item(row: Call | Stream | Turn | Attempt | DialFailure) -> dict[str, Attribute]:
    """The row as DynamoDB attributes, without its keys and without what is None."""
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return {name: make_attribute(value) for name, value in values.items() if value is not None}


def read_record(rows: Iterable[Attributes]) -> CallRecord:
    """All rows of one call."""
    call: Call | None = None
    streams: list[Stream] = []
    turns: list[Turn] = []
    attempts: list[Attempt] = []
    legs: list[Leg] = []
    notices: list[Notice] = []
    goodbyes: list[Goodbye] = []
    for row in rows:
        match read_text(row, "item").partition("#")[0]:
            case "call":
                call = read_call(row)
            case "stream":
                streams.append(read_stream(row))
            case "turn":
                turns.append(read_turn(row))
            case "attempt":
                attempts.append(read_attempt(row))
            case "leg":
                legs.append(read_leg(row))
            case "notice":
                notices.append(read_notice(row))
            case "goodbye":
                goodbyes.append(read_goodbye(row))
    streams.sort(key=lambda stream: stream.opened_at_ms)
    attempts.sort(key=lambda attempt: attempt.claimed_at_ms)
    return CallRecord(call, tuple(streams), tuple(turns), tuple(attempts), tuple(legs), tuple(notices), tuple(goodbyes))


def end_attributes(end: AttemptEnd, now_ms: int) -> dict[str, Attribute]:
    """Of an attempt that is over now."""
    return {
        "status": make_attribute(end.status),
        "detail": make_attribute(end.detail),
        "decision": make_attribute(end.document),
        "dial_call_sid": make_attribute(end.dial_call_sid),
        "talked_s": make_attribute(end.talked_s),
        "settled_at_ms": make_attribute(now_ms),
        **make_failure_attributes(end.failure),
    }


def make_failure_attributes(failure: DialFailure) -> dict[str, Attribute]:
    """What is told of it; the rest is left as it is stored."""
    return {name: value for name, value in to_item(failure).items() if value["S"]}


def make_attribute(value: str | int) -> Attribute:
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def read_call(row: Attributes) -> Call:
    return Call(
        read_text(row, "caller"),
        read_text(row, "called"),
        read_text(row, "document"),
        read_number(row, "started_at_ms"),
        read_text(row, "call_token"),
        read_number(row, "ended_at_ms"),
        read_number(row, "deleted_at_ms"),
    )


def read_stream(row: Attributes) -> Stream:
    return Stream(
        jti=read_text(row, "item").removeprefix("stream#"),
        stream_sid=read_text(row, "stream_sid") or None,
        # Only `CallTable.end_stream` writes it, and takes nothing else.
        end_reason=cast("EndReason | None", read_text(row, "end_reason") or None),
        talked_ms=read_number(row, "talked_ms"),
        decision=read_text(row, "decision") or None,
        opened_at_ms=read_number(row, "opened_at_ms"),
        decided_at_ms=read_number(row, "decided_at_ms"),
        tokens=read_optional_number(row, "tokens"),
        cost_micro_usd=read_optional_number(row, "cost_micro_usd"),
    )


def read_turn(row: Attributes) -> Turn:
    # Only `CallTable.add_turn` writes the speaker, and takes nothing else.
    speaker = cast("Speaker", read_text(row, "speaker"))
    return Turn(read_number(row, "at_ms"), speaker, read_text(row, "said"), read_text(row, "heard"))


def read_attempt(row: Attributes) -> Attempt:
    return Attempt(
        request_id=read_text(row, "item").removeprefix("attempt#"),
        destination=read_text(row, "destination"),
        reason=read_text(row, "reason"),
        summary=read_text(row, "summary"),
        status=read_text(row, "status") or "claimed",
        detail=read_text(row, "detail"),
        after_talk=read_text(row, "after_talk") or "hang_up",
        if_nobody=read_text(row, "if_nobody") or "continue",
        if_nobody_destination=read_text(row, "if_nobody_destination"),
        claimed_at_ms=read_number(row, "claimed_at_ms"),
        settled_at_ms=read_number(row, "settled_at_ms"),
        dial_call_sid=read_text(row, "dial_call_sid"),
        talked_s=read_number(row, "talked_s"),
        message_url=read_text(row, "message_url"),
        message_s=read_number(row, "message_s"),
        decision=read_text(row, "decision") or None,
        if_refused=read_text(row, "if_refused"),
        failure=read_text(row, "failure"),
        error_code=read_text(row, "error_code"),
        error_message=read_text(row, "error_message"),
        sip_code=read_text(row, "sip_code"),
        forwarded_back=read_number(row, "forwarded_back"),
        whisper=read_text(row, "whisper"),
        dials=read_number(row, "dials") or 1,
        dial=read_number(row, "dial"),
        accepted_by=read_text(row, "accepted_by") or None,
        accepted_at_ms=read_number(row, "accepted_at_ms") or None,
        tells=read_number(row, "tells"),
        mode=read_text(row, "mode") or "direct",
        brief=read_text(row, "brief"),
        talk_seconds=read_number(row, "talk_seconds"),
        connected_at_ms=read_number(row, "connected_at_ms"),
    )


def read_leg(row: Attributes) -> Leg:
    request_id, _, leg_sid = read_text(row, "item").removeprefix("leg#").rpartition("#")
    return Leg(
        leg_sid=leg_sid,
        request_id=request_id,
        initiated_at_ms=read_number(row, "initiated_at_ms"),
        ringing_at_ms=read_number(row, "ringing_at_ms"),
        answered_at_ms=read_number(row, "answered_at_ms"),
        key=read_text(row, "key"),
        completed_at_ms=read_number(row, "completed_at_ms"),
        status=read_text(row, "status"),
        sip_code=read_text(row, "sip_code"),
        target=read_number(row, "target"),
        person=read_text(row, "person"),
        brief_at_ms=read_number(row, "brief_at_ms"),
        note=read_text(row, "note"),
        failure=read_text(row, "failure"),
    )


def read_notice(row: Attributes) -> Notice:
    about, told, request_id = (*read_text(row, "item").split("#", 3)[1:], "", "", "")[:3]
    return Notice(request_id, about, told, read_text(row, "status"), read_number(row, "claimed_at_ms"))


def read_goodbye(row: Attributes) -> Goodbye:
    return Goodbye(
        request_id=read_text(row, "item").removeprefix("goodbye#"),
        status=read_text(row, "status"),
        detail=read_text(row, "detail"),
        claimed_at_ms=read_number(row, "claimed_at_ms"),
    )


def read_text(row: Attributes, name: str) -> str:
    return row.get(name, {}).get("S", "")


def read_optional_number(row: Attributes, name: str) -> int | None:
    return read_number(row, name) if name in row else None


def read_number(row: Attributes, name: str) -> int:
    """0 where it is missing, or none of ours: who edits a row by hand can write any number of 38 digits."""
    text = row.get(name, {}).get("N", "0")
    return int(text) if _NUMBER.fullmatch(text) else 0
