"""The attempts of a call to reach a person, by its record: in sentences, with the telephones that were rung."""

from collections.abc import Iterator

from call_rows import UNDER_WAY, Attempt, CallRecord, Leg
from console.call_view import AttemptView, LegView, Tone
from console.record.record_entries import Times
from console.record.record_outcome import is_under_way, name_destination

FAILURES = {
    "caller_id": "Twilio refused the number that was to be shown",
    "no_such_number": "there is no such number",
    "not_permitted": "the Twilio account may not ring this number",
    "no_line": "the Twilio account had no free line",
    "unreachable": "the telephone could not be reached",
    "refused": "the line refused the call",
    "forwarded_back": "the line forwards calls to our own number",
}
KEPT_RINGING = {
    "no-answer": "did not pick up",
    "busy": "the line was busy",
    "failed": "could not be reached",
    "canceled": "rang until somebody else took the call, or the caller hung up",
}


def list_attempts(record: CallRecord, times: Times) -> Iterator[AttemptView]:
    """In the order in which they were claimed."""
    for attempt in record.attempts:
        yield AttemptView(
            request_id=attempt.request_id,
            at_ms=times.since_began(attempt.claimed_at_ms),
            destination=attempt.destination,
            reason=attempt.reason,
            summary=attempt.summary,
            status=attempt.status,
            outcome=_describe_left(attempt) if _is_left(attempt, record, times) else describe_attempt(attempt),
            talked_s=attempt.talked_s,
            settled_at_ms=times.since_began(attempt.settled_at_ms) if attempt.settled_at_ms else None,
            message_url=attempt.message_url,
            message_s=attempt.message_s,
            legs=tuple(_make_leg(leg, attempt, times) for leg in list_legs(record, attempt)),
        )


def list_legs(record: CallRecord, attempt: Attempt) -> list[Leg]:
    """Its telephones, in the order in which Twilio reported them; also those of which only a key or a talk is known."""
    legs = [leg for leg in record.legs if leg.request_id == attempt.request_id]
    known = {leg.leg_sid for leg in legs}
    for sid in (attempt.accepted_by, attempt.dial_call_sid):
        if sid and sid not in known:
            legs.append(Leg(sid, attempt.request_id, answered_at_ms=_find_talk_ms(attempt)))
            known.add(sid)
    return sorted(legs, key=lambda leg: (find_first_ms(leg), leg.leg_sid))


def find_first_ms(leg: Leg) -> int:
    """When anything was first known of the telephone, since 1970; 0: nobody knows."""
    times = (leg.initiated_at_ms, leg.ringing_at_ms, leg.answered_at_ms, leg.completed_at_ms)
    return min((at_ms for at_ms in times if at_ms), default=0)


def describe_attempt(attempt: Attempt) -> str:
    """What became of it, in a sentence."""
    name = name_destination(attempt)
    sentence = f"{_describe_status(attempt, name)}{_explain(attempt)}."
    if attempt.message_s or attempt.message_url:
        sentence += f" The caller left a message of {attempt.message_s} s."
    if attempt.forwarded_back:
        sentence += f" The call came back to our own number {_count(attempt.forwarded_back)}."
    return sentence[:1].upper() + sentence[1:]


def _is_left(attempt: Attempt, record: CallRecord, times: Times) -> bool:
    """The call has gone on without it, or is over: somebody moved the call, so Twilio never told how it ended."""
    return is_under_way(attempt) and (times.end.over or attempt is not record.attempts[-1])


def _describe_left(attempt: Attempt) -> str:
    name = name_destination(attempt)
    if attempt.accepted_by:
        return f"{name[:1].upper()}{name[1:]} took the call; nobody wrote how long they talked."
    return f"Nobody wrote what became of the call to {name}."


def rate_attempt(attempt: Attempt) -> Tone:
    """How the page colours it."""
    if attempt.status == "bridged":
        return "good"
    if attempt.status in UNDER_WAY:
        return "normal"
    return "fault" if attempt.status == "failed" else "warning"


def describe_leg(leg: Leg, attempt: Attempt) -> str:
    """What became of the telephone, in words; empty: it rings or talks."""
    if attempt.accepted_by == leg.leg_sid or (attempt.status == "bridged" and attempt.dial_call_sid == leg.leg_sid):
        return "took the call"
    if leg.key:
        return f"picked up, and declined with the key {leg.key}"
    if not leg.completed_at_ms:
        return ""
    if leg.answered_at_ms:
        return "picked up, pressed no key" if attempt.whisper else "picked up, and was not connected"
    told = KEPT_RINGING.get(leg.status, f"ended as {leg.status or 'Twilio did not say'}")
    return f"{told} (SIP {leg.sip_code})" if leg.sip_code and leg.status == "failed" else told


def _make_leg(leg: Leg, attempt: Attempt, times: Times) -> LegView:
    def place(at_ms: int) -> int | None:
        return times.since_began(at_ms) if at_ms else None

    return LegView(
        sid=leg.leg_sid,
        to="",
        rung_at_ms=place(leg.ringing_at_ms or leg.initiated_at_ms),
        answered_at_ms=place(leg.answered_at_ms),
        ended_at_ms=place(leg.completed_at_ms),
        outcome=describe_leg(leg, attempt),
    )


def _describe_status(attempt: Attempt, name: str) -> str:
    match attempt.status:
        case "claimed":
            return f"Twilio is being asked to ring {name}"
        case "moved" if attempt.accepted_by:
            return f"{name} took the call, and they talk"
        case "moved":
            return f"{name} is being rung"
        case "bridged":
            return f"{name} and the caller talked for {attempt.talked_s} s"
        case "no_answer":
            return f"nobody picked up at {name}"
        case "busy":
            return f"{name} was busy"
        case "declined":
            return f"{name} declined"
        case "not_accepted":
            return f"somebody or something picked up at {name}, and pressed no key"
        case "unconfirmed":
            return f"{name} and the caller may have talked; nobody can tell"
        case "caller_gone":
            return f"the caller hung up before {name} took the call"
        case "failed":
            return f"{name} could not be rung"
    return f"{name}: {attempt.status}"


def _explain(attempt: Attempt) -> str:
    """Why it failed, as far as that is known."""
    codes = [f"Twilio's error {attempt.error_code}"] if attempt.error_code else []
    codes += [f"SIP {attempt.sip_code}"] if attempt.sip_code and attempt.failure else []
    known = FAILURES.get(attempt.failure, attempt.failure) or (attempt.detail if attempt.status == "failed" else "")
    told = f": {known}" if known else ""
    return f"{told} ({', '.join(codes)})" if codes else told


def _find_talk_ms(attempt: Attempt) -> int:
    if attempt.accepted_at_ms:
        return attempt.accepted_at_ms
    return attempt.settled_at_ms - attempt.talked_s * 1000 if attempt.talked_s else 0


def _count(times: int) -> str:
    return "once" if times == 1 else f"{times} times"
