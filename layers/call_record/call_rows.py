"""What is stored about a call: the rows, as types, and how each one is written as DynamoDB attributes.

Every row lies under its call's `call_sid` (but those of `ringing`: `number#DIGEST`, `dial#CALL_SID#REQUEST_ID`); `item`
says what it is: `call`, `stream#JTI`, `turn#TIME#…`, `attempt#REQUEST_ID`, `leg#REQUEST_ID#LEG_SID`. An attribute has
the name of its field, None is left out, what is missing reads as its default. This file touches no database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, cast

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

type Attribute = AttributeValueTypeDef
type Attributes = Mapping[str, Attribute]

EndReason = Literal[
    "goodbye",
    "goodbye_unsaid",
    "caller_gone",
    "transferred",
    "model_failed",
    "draining",
    "stream_lost",
    "internal_error",
]
Speaker = Literal["caller", "model", "keys", "tool"]

UNDER_WAY = ("claimed", "moved")
"""The statuses of an attempt that has not come to an end."""


@dataclass(frozen=True, slots=True)
class Call:
    """The call itself, written with the answer to its first webhook."""

    caller: str = ""
    """Number, `client:…`, `sip:…` or `anonymous`, as Twilio gave it."""
    called: str = ""
    document: str = ""
    """The TwiML that answered the first webhook; a repeated webhook gets the same one."""
    started_at_ms: int = 0


@dataclass(frozen=True, slots=True)
class Stream:
    """One media stream, named by the id (`jti`) of the token that opened it."""

    jti: str
    stream_sid: str | None = None
    """None: no container ever took it."""
    end_reason: EndReason | None = None
    """Why the container closed it; None: it never said so (it died, or the stream never opened)."""
    talked_ms: int = 0
    decision: str | None = None
    """The TwiML that followed it; None: nobody has asked yet."""
    opened_at_ms: int = 0
    """When anything was first heard of it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that was said, typed or looked up in a call."""

    at_ms: int
    """Milliseconds since 1970."""
    speaker: Speaker
    """`keys`: what the caller typed. `tool`: a tool with its arguments and its answer, which no ear hears."""
    said: str
    heard: str
    """What reached the caller's ear; equal to `said` for everyone but the model."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to reach a person."""

    request_id: str
    destination: str = ""
    reason: str = ""
    summary: str = ""
    status: str = "claimed"
    """`claimed`, then `moved` (the call is where people are rung), `failed` or `caller_gone`; in the end
    `bridged` (both were on the line), `no_answer`, `busy`, `declined`, `not_accepted` (somebody or something picked up
    and pressed no key), `unconfirmed` (they may have talked, and nobody can tell), `failed` or `caller_gone`."""
    detail: str = ""
    """For whoever reads the record: Twilio's word or the error."""
    after_talk: str = "hang_up"
    """What follows a talk: `hang_up`, or `return` to the model."""
    if_nobody: str = "continue"
    """What follows when nobody comes: `continue` with the model, `message`, or `destination`."""
    if_nobody_destination: str = ""
    claimed_at_ms: int = 0
    settled_at_ms: int = 0
    """When Twilio said that the dialling, or the talk, was over; 0: not yet."""
    dial_call_sid: str = ""
    """The leg of the person who was rung; empty when there were several and nobody came."""
    talked_s: int = 0
    """0 unless they talked."""
    message_url: str = ""
    """Twilio's URL of the message that the caller left."""
    message_s: int = 0
    decision: str | None = None
    """The TwiML that followed the attempt; None: nobody has asked yet."""
    if_refused: str = ""
    """What follows when Twilio refuses the caller ID: `business_number` is shown instead, once; empty: nothing."""
    failure: str = ""
    """Why the dialling failed: `caller_id`, `no_such_number`, `not_permitted`, `no_line`, `unreachable`, `refused` or
    `forwarded_back` (a line that was rung forwards to our own number); empty: it did not, or nobody knows why."""
    error_code: str = ""
    """Twilio's own, with its words; and the network's."""
    error_message: str = ""
    sip_code: str = ""
    forwarded_back: int = 0
    """How many new calls were refused because they were, or may have been, this one come back."""
    whisper: str = ""
    """What whoever picks up hears first, nothing about the caller; empty: picking up is enough."""
    dials: int = 1
    dial: int = 0
    """How many `<Dial>`s there are, one after the other, until somebody takes the call; and to which it has come."""
    accepted_by: str | None = None
    """The leg of this `dial` on which the call was taken by a key; None: on none."""
    accepted_at_ms: int | None = None

    @property
    def under_way(self) -> bool:
        """People may be ringing, or talking: the attempt is claimed, and nobody has asked yet what follows it."""
        return self.status in UNDER_WAY and self.decision is None


@dataclass(frozen=True, slots=True)
class DialFailure:
    """Why a dialling failed; the fields of an attempt's row. `error_message` may quote a number."""

    failure: str = ""
    error_code: str = ""
    error_message: str = ""
    sip_code: str = ""


@dataclass(frozen=True, slots=True)
class Leg:
    """What became of one telephone that was rung for an attempt. Times are 0 until it has happened."""

    leg_sid: str
    request_id: str
    """Of the attempt."""
    initiated_at_ms: int = 0
    ringing_at_ms: int = 0
    answered_at_ms: int = 0
    """When somebody picked up, or something: a voicemail too."""
    key: str = ""
    """The key with which the call was declined."""
    completed_at_ms: int = 0
    status: str = ""
    """Twilio's last word about it, such as `completed` or `no-answer`; empty: it has not ended."""
    sip_code: str = ""


@dataclass(frozen=True, slots=True)
class CallRecord:
    """Everything that is known about one call, each part in the order of time."""

    call: Call | None = None
    streams: tuple[Stream, ...] = ()
    turns: tuple[Turn, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    legs: tuple[Leg, ...] = ()


def to_item(row: Call | Stream | Turn | Attempt | DialFailure) -> dict[str, Attribute]:
    """The row as DynamoDB attributes, without its keys and without what is None."""
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return {name: attribute(value) for name, value in values.items() if value is not None}


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
