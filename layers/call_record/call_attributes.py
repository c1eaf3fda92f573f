"""Converts each row of the call record to DynamoDB attributes and back. Uses no database."""

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, cast

from call_rows import Attempt, AttemptEnd, Call, DialFailure, EndReason, Leg, Speaker, Stream, Turn

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

type Attribute = AttributeValueTypeDef
type Attributes = Mapping[str, Attribute]


def to_item(row: Call | Stream | Turn | Attempt | DialFailure) -> dict[str, Attribute]:
    """The row as DynamoDB attributes, without its keys and without what is None."""
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return {name: attribute(value) for name, value in values.items() if value is not None}


def end_attributes(end: AttemptEnd, now_ms: int) -> dict[str, Attribute]:
    """Of an attempt that is over now."""
    return {
        "status": attribute(end.status),
        "detail": attribute(end.detail),
        "decision": attribute(end.document),
        "dial_call_sid": attribute(end.dial_call_sid),
        "talked_s": attribute(end.talked_s),
        "settled_at_ms": attribute(now_ms),
        **failure_attributes(end.failure),
    }


def failure_attributes(failure: DialFailure) -> dict[str, Attribute]:
    """What is told of it; the rest is left as it is stored."""
    return {name: value for name, value in to_item(failure).items() if value["S"]}


def attribute(value: str | int) -> Attribute:
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def call_from(row: Attributes) -> Call:
    return Call(
        text_in(row, "caller"), text_in(row, "called"), text_in(row, "document"), number_in(row, "started_at_ms")
    )


def stream_from(row: Attributes) -> Stream:
    return Stream(
        jti=text_in(row, "item").removeprefix("stream#"),
        stream_sid=text_in(row, "stream_sid") or None,
        # Only `CallTable.end_stream` writes it, and takes nothing else.
        end_reason=cast("EndReason | None", text_in(row, "end_reason") or None),
        talked_ms=number_in(row, "talked_ms"),
        decision=text_in(row, "decision") or None,
        opened_at_ms=number_in(row, "opened_at_ms"),
    )


def turn_from(row: Attributes) -> Turn:
    # Only `CallTable.add_turn` writes the speaker, and takes nothing else.
    speaker = cast("Speaker", text_in(row, "speaker"))
    return Turn(number_in(row, "at_ms"), speaker, text_in(row, "said"), text_in(row, "heard"))


def attempt_from(row: Attributes) -> Attempt:
    return Attempt(
        request_id=text_in(row, "item").removeprefix("attempt#"),
        destination=text_in(row, "destination"),
        reason=text_in(row, "reason"),
        summary=text_in(row, "summary"),
        status=text_in(row, "status") or "claimed",
        detail=text_in(row, "detail"),
        after_talk=text_in(row, "after_talk") or "hang_up",
        if_nobody=text_in(row, "if_nobody") or "continue",
        if_nobody_destination=text_in(row, "if_nobody_destination"),
        claimed_at_ms=number_in(row, "claimed_at_ms"),
        settled_at_ms=number_in(row, "settled_at_ms"),
        dial_call_sid=text_in(row, "dial_call_sid"),
        talked_s=number_in(row, "talked_s"),
        message_url=text_in(row, "message_url"),
        message_s=number_in(row, "message_s"),
        decision=text_in(row, "decision") or None,
        if_refused=text_in(row, "if_refused"),
        failure=text_in(row, "failure"),
        error_code=text_in(row, "error_code"),
        error_message=text_in(row, "error_message"),
        sip_code=text_in(row, "sip_code"),
        forwarded_back=number_in(row, "forwarded_back"),
        whisper=text_in(row, "whisper"),
        dials=number_in(row, "dials") or 1,
        dial=number_in(row, "dial"),
        accepted_by=text_in(row, "accepted_by") or None,
        accepted_at_ms=number_in(row, "accepted_at_ms") or None,
    )


def leg_from(row: Attributes) -> Leg:
    request_id, _, leg_sid = text_in(row, "item").removeprefix("leg#").rpartition("#")
    return Leg(
        leg_sid=leg_sid,
        request_id=request_id,
        initiated_at_ms=number_in(row, "initiated_at_ms"),
        ringing_at_ms=number_in(row, "ringing_at_ms"),
        answered_at_ms=number_in(row, "answered_at_ms"),
        key=text_in(row, "key"),
        completed_at_ms=number_in(row, "completed_at_ms"),
        status=text_in(row, "status"),
        sip_code=text_in(row, "sip_code"),
    )


def text_in(row: Attributes, name: str) -> str:
    return row.get(name, {}).get("S", "")


def number_in(row: Attributes, name: str) -> int:
    return int(row.get(name, {}).get("N", "0"))
