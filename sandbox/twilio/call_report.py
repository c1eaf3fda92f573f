"""What is left of a call when it is over; `Call.wait_for_end` returns it."""

from dataclasses import dataclass

from sandbox.twilio.event_log import TimedEvent
from sandbox.twilio.events import HangUpBy, Status


@dataclass(frozen=True, slots=True)
class LegReport:
    """One dialled leg. `heard` is mu-law and begins `heard_from_ms` after the call began; empty if not answered."""

    sid: str
    to: str
    status: Status
    ended_by: HangUpBy | None
    talked_ms: int
    heard_from_ms: int
    heard: bytes


@dataclass(frozen=True, slots=True)
class CallReport:
    """`heard` is all that the caller heard, ringback included, from dialling to hanging up."""

    sid: str
    status: Status
    ended_by: HangUpBy | None
    talked_ms: int
    heard: bytes
    legs: tuple[LegReport, ...]
    events: tuple[TimedEvent, ...]  # of the call and of its legs
