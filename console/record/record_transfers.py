"""The entries of a call's attempts, by its record: asked, rung, accepted, bridged, told to people."""

from collections.abc import Iterator

from call_rows import Attempt, CallRecord, Goodbye, Leg, Notice
from console.call_view import Entry, EntryKind, Lane, Tone
from console.record.record_attempts import (
    describe_attempt,
    describe_leg,
    find_first_ms,
    list_legs,
    rate_attempt,
)
from console.record.record_entries import (
    WARMLINE,
    Times,
    make_number,
    make_row_message,
    make_webhook_entry,
    shorten,
)
from console.record.record_outcome import is_under_way, name_destination

NOTICES: dict[str, tuple[str, Tone]] = {
    "sending": ("is being told", "normal"),
    "sent": ("was told", "normal"),
    "later": ("could not be told yet; Lambda tries again", "warning"),
    "lost": ("was not told", "fault"),
    "undelivered": ("was sent an SMS that did not arrive", "fault"),
}
GOODBYES: dict[str, tuple[str, Tone]] = {
    "claimed": ("Twilio is asked to say your goodbye", "normal"),
    "moved": ("You end the call with a goodbye", "normal"),
    "caller_gone": ("You say goodbye, but the caller is gone", "warning"),
    "failed": ("Your goodbye could not be said", "fault"),
}
ABOUT = {"missed": "the missed call", "message": "the message"}


def list_people(record: CallRecord) -> list[Lane]:
    """A lane for each telephone that was rung, in the order in which they were."""
    legs = [(leg, attempt) for attempt in record.attempts for leg in list_legs(record, attempt)]
    lanes: list[Lane] = []
    for leg, attempt in sorted(legs, key=lambda each: (find_first_ms(each[0]), each[0].leg_sid)):
        name = name_destination(attempt)
        before = sum(lane.name.partition(", telephone")[0] == name for lane in lanes)
        title = f"{name}, telephone {before + 1}" if before else name
        lanes.append(Lane(id=leg.leg_sid, kind="person", name=title))
    return lanes


def list_transfer_entries(record: CallRecord, times: Times) -> Iterator[Entry]:
    """All that happened in the attempts."""
    names = {lane.id: lane.name for lane in list_people(record)}
    for attempt in record.attempts:
        yield from _list_attempt_entries(attempt, times)
        for leg in list_legs(record, attempt):
            yield from _list_leg_entries(leg, attempt, names[leg.leg_sid], times)
    for notice in record.notices:
        yield _make_notice_entry(notice, times)
    for goodbye in record.goodbyes:
        yield _make_goodbye_entry(goodbye, times)


def _list_attempt_entries(attempt: Attempt, times: Times) -> Iterator[Entry]:
    asked_ms, name = times.since_began(attempt.claimed_at_ms), name_destination(attempt)
    why = f": {attempt.reason}" if attempt.reason else ""
    yield Entry(
        number=make_number("attempt", attempt.request_id),
        lane=WARMLINE,
        kind="transfer",
        at_ms=asked_ms,
        title=shorten(f"The caller is to be put through to {name}{why}"),
        messages=(make_row_message("attempt", attempt),),
    )
    if attempt.settled_at_ms or not is_under_way(attempt):
        ended_ms = times.since_began(attempt.settled_at_ms) if attempt.settled_at_ms else asked_ms
        yield Entry(
            number=make_number("outcome", attempt.request_id),
            lane=WARMLINE,
            kind="fault" if attempt.status == "failed" else "transfer",
            at_ms=ended_ms,
            title=shorten(describe_attempt(attempt)),
            tone=rate_attempt(attempt),
        )
        if attempt.decision is not None:
            key = f"after {attempt.request_id}"
            yield make_webhook_entry(key, ended_ms, "Twilio asks what follows the dial", attempt.decision)


def _list_leg_entries(leg: Leg, attempt: Attempt, name: str, times: Times) -> Iterator[Entry]:
    """In the lane of the person: it rings, they pick up, press a key, talk."""

    def entry(what: str, kind: EntryKind, at_ms: int, title: str, tone: Tone = "normal") -> Entry:
        number = make_number(what, attempt.request_id, leg.leg_sid)
        return Entry(number=number, lane=leg.leg_sid, kind=kind, at_ms=times.since_began(at_ms), title=title, tone=tone)

    rung_at_ms = leg.ringing_at_ms or leg.initiated_at_ms
    over_at_ms = leg.answered_at_ms or leg.completed_at_ms or attempt.settled_at_ms
    if rung_at_ms:
        yield Entry(
            number=make_number("ringing", attempt.request_id, leg.leg_sid),
            lane=leg.leg_sid,
            kind="ringing",
            at_ms=times.since_began(rung_at_ms),
            until_ms=max(times.since_began(rung_at_ms), times.since_began(over_at_ms) if over_at_ms else times.now_ms),
            open=not over_at_ms and not times.end.over,
            title=f"The telephone of {name} rings",
            messages=(make_row_message("leg", leg),),
        )
    if leg.answered_at_ms and rung_at_ms:
        yield entry("answered", "call", leg.answered_at_ms, f"{name} picks up, or a voicemail does")
    if leg.key:
        at_ms = leg.completed_at_ms or leg.answered_at_ms
        yield entry("key", "key", at_ms, f"{name} presses {leg.key} and declines", "warning")
    if attempt.accepted_by == leg.leg_sid and attempt.accepted_at_ms:
        yield entry("accepted", "key", attempt.accepted_at_ms, f"{name} presses 1 and takes the call", "good")
    if told := describe_leg(leg, attempt):
        yield from _list_end_entries(leg, attempt, name, told, times)


def _list_end_entries(leg: Leg, attempt: Attempt, name: str, told: str, times: Times) -> Iterator[Entry]:
    """The talk, or why there was none."""
    if told != "took the call":
        number = make_number("ended", attempt.request_id, leg.leg_sid)
        at_ms = times.since_began(leg.completed_at_ms or leg.answered_at_ms)
        yield Entry(number=number, lane=leg.leg_sid, kind="call", at_ms=at_ms, title=f"{name} {told}", tone="warning")
        return
    began_at_ms = attempt.accepted_at_ms or attempt.settled_at_ms - attempt.talked_s * 1000 or leg.answered_at_ms
    lasts = not attempt.settled_at_ms and not times.end.over
    until_ms = times.now_ms if lasts else times.since_began(attempt.settled_at_ms or leg.completed_at_ms)
    yield Entry(
        number=make_number("talk", attempt.request_id, leg.leg_sid),
        lane=leg.leg_sid,
        kind="call",
        at_ms=times.since_began(began_at_ms),
        until_ms=max(times.since_began(began_at_ms), until_ms),
        open=lasts,
        title=f"{name} and the caller talk",
        tone="good",
    )


def _make_goodbye_entry(goodbye: Goodbye, times: Times) -> Entry:
    what, tone = GOODBYES.get(goodbye.status, (f"You say goodbye: {goodbye.status}", "normal"))
    return Entry(
        number=make_number("goodbye", goodbye.request_id),
        lane=WARMLINE,
        kind="fault" if tone == "fault" else "call",
        at_ms=times.since_began(goodbye.claimed_at_ms),
        title=what,
        tone=tone,
        messages=(make_row_message("goodbye", goodbye),),
    )


def _make_notice_entry(notice: Notice, times: Times) -> Entry:
    what, tone = NOTICES.get(notice.status, (f"is told: {notice.status}", "normal"))
    return Entry(
        number=make_number("notice", notice.request_id, notice.about, notice.told),
        lane=WARMLINE,
        kind="notice",
        at_ms=times.since_began(notice.claimed_at_ms),
        title=f"Somebody {what} of {ABOUT.get(notice.about, notice.about)}",
        tone=tone,
        messages=(make_row_message("notice", notice),),
    )
