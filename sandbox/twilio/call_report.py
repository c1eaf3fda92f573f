"""What is left of a call when it is over."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.twilio.events import Event, HangUpBy, Status

if TYPE_CHECKING:
    from sandbox.twilio.calls import Call


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
    events: tuple[Event, ...]  # of the call and of its legs


def report_on(call: "Call") -> CallReport:
    """For a call that is over."""
    sids = {call.sid, *(leg.sid for leg in call.children)}
    return CallReport(
        call.sid,
        call.status,
        call.ended_by,
        call.talked_ms,
        call.phone.heard,
        tuple(_leg(leg) for leg in call.children),
        tuple(event for event in call.network.events if event.call_sid in sids),
    )


def _leg(call: "Call") -> LegReport:
    heard_from_ms = 0 if call.answered_ms is None else call.answered_ms - call.began_ms
    return LegReport(call.sid, call.to, call.status, call.ended_by, call.talked_ms, heard_from_ms, call.phone.heard)
