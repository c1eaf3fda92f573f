"""What became of a call, by its record: whether it runs, when it ended and how. Pure.

It reads only what the table's index has too, so that a list and the page of a call say the same. Nobody writes that a
call is over while its words are kept, so the end follows from the last stream or attempt.
"""

from dataclasses import dataclass

from call_rows import UNDER_WAY, Attempt, CallRecord, EndReason, Goodbye, Stream
from console.call_view import CallSummary, Outcome

NEXT_MS = 60_000
"""What follows a stream or an attempt is written within this time: a cold start, a pause, some rounds of waiting."""
MESSAGE_MS = 180_000
"""The caller may speak for two minutes; then Twilio reports the message."""
LONGEST_CALL_MS = 4 * 3600 * 1000
"""Twilio ends a call after four hours: https://www.twilio.com/docs/voice/limitations-and-edge-cases"""

OVER: tuple[EndReason, ...] = ("goodbye", "goodbye_unsaid", "caller_gone")
BROKEN: tuple[EndReason, ...] = ("model_failed", "stream_lost", "internal_error")


@dataclass(frozen=True, slots=True)
class End:
    """How far a call is. Times are since 1970."""

    over: bool
    at_ms: int | None = None
    """When it ended; None: it runs, or nobody knows."""


def find_beginning(record: CallRecord) -> int | None:
    """The first time that the record has, since 1970; None: it has none."""
    if record.call and record.call.started_at_ms:
        return record.call.started_at_ms
    times = [stream.opened_at_ms for stream in record.streams] + [turn.at_ms for turn in record.turns]
    times += [attempt.claimed_at_ms for attempt in record.attempts]
    times += [goodbye.claimed_at_ms for goodbye in record.goodbyes]
    return min((at_ms for at_ms in times if at_ms), default=None)


def find_last(record: CallRecord) -> int:
    """The last time that the record has, since 1970; 0: it has none."""
    times = [stream.opened_at_ms + stream.talked_ms for stream in record.streams]
    times += [turn.at_ms for turn in record.turns] + [notice.claimed_at_ms for notice in record.notices]
    times += [goodbye.claimed_at_ms for goodbye in record.goodbyes]
    for attempt in record.attempts:
        times += [attempt.claimed_at_ms, attempt.accepted_at_ms or 0, attempt.settled_at_ms]
    for leg in record.legs:
        times += [leg.initiated_at_ms, leg.ringing_at_ms, leg.answered_at_ms, leg.completed_at_ms]
    return max([record.call.started_at_ms if record.call else 0, *times])


def summarize(sid: str, record: CallRecord, now_ms: int) -> CallSummary | None:
    """The call as a row of a list. `now_ms`: since 1970. None: the record has nothing about the call."""
    began_at_ms = find_beginning(record)
    if began_at_ms is None:
        return None
    end = find_end(record, now_ms)
    outcome, text = _classify(record) if end.over else ("running", _say_where(record))
    return CallSummary(
        sid=sid,
        began_at_ms=began_at_ms,
        ended_at_ms=None if end.at_ms is None else max(began_at_ms, end.at_ms),
        caller=record.call.caller if record.call else "",
        called=record.call.called if record.call else "",
        outcome=outcome,
        outcome_text=text,
        destination=record.attempts[-1].destination if record.attempts else "",
        attempts=len(record.attempts),
        errors=sum(map(is_broken, record.streams)) + sum(map(has_failed, record.attempts)),
    )


def find_end(record: CallRecord, now_ms: int) -> End:
    """Whether the call is over. `now_ms`: since 1970."""
    if record.call and record.call.ended_at_ms:
        return End(True, record.call.ended_at_ms)
    if goodbye := find_goodbye(record):
        return End(True, goodbye.claimed_at_ms)
    stream, attempt = _find_newest_stream(record), _find_newest_attempt(record)
    if attempt:
        return _find_end_of_attempt(attempt, now_ms)
    if stream:
        return _find_end_of_stream(stream, now_ms)
    return End(now_ms > (find_beginning(record) or 0) + NEXT_MS)


def find_goodbye(record: CallRecord) -> Goodbye | None:
    """The goodbye with which the operator ended the call; None: they did not."""
    return next((each for each in record.goodbyes if each.status == "moved"), None)


def name_destination(attempt: Attempt) -> str:
    """As one says it."""
    return attempt.destination.replace("_", " ") or "a person"


def is_broken(stream: Stream) -> bool:
    """The stream ended by a failure, or nobody wrote why, although another document follows it."""
    return stream.end_reason in BROKEN or (stream.end_reason is None and _is_decided(stream))


def has_failed(attempt: Attempt) -> bool:
    return attempt.status == "failed"


def is_under_way(attempt: Attempt) -> bool:
    """As `Attempt.under_way`, without the document that the index leaves out: both are written together."""
    return attempt.status in UNDER_WAY and not attempt.settled_at_ms


def _is_decided(stream: Stream) -> bool:
    return stream.decision is not None or stream.decided_at_ms > 0


def _find_newest_stream(record: CallRecord) -> Stream | None:
    return max(record.streams, key=lambda stream: stream.opened_at_ms, default=None)


def _find_newest_attempt(record: CallRecord) -> Attempt | None:
    """The attempt in which the call is, or was in the end; None: that is the newest stream, or nothing."""
    attempt = max(record.attempts, key=lambda attempt: attempt.claimed_at_ms, default=None)
    if attempt is None or not (is_under_way(attempt) or attempt.settled_at_ms):
        return None  # it was refused, and the stream goes on
    stream = _find_newest_stream(record)
    return None if stream and stream.opened_at_ms > max(attempt.claimed_at_ms, attempt.settled_at_ms) else attempt


def _find_end_of_stream(stream: Stream, now_ms: int) -> End:
    ended_at_ms = stream.opened_at_ms + stream.talked_ms
    if stream.end_reason in OVER:
        return End(True, ended_at_ms)
    if stream.end_reason is None and not _is_decided(stream):
        return End(now_ms > stream.opened_at_ms + LONGEST_CALL_MS)
    return _end_unless_continued(ended_at_ms, NEXT_MS, now_ms)


def _find_end_of_attempt(attempt: Attempt, now_ms: int) -> End:
    if attempt.message_s:
        return End(True, attempt.settled_at_ms + attempt.message_s * 1000)
    if not attempt.settled_at_ms:
        return End(now_ms > attempt.claimed_at_ms + LONGEST_CALL_MS)
    if attempt.status == "caller_gone" or (attempt.status == "bridged" and attempt.after_talk == "hang_up"):
        return End(True, attempt.settled_at_ms)
    takes_message = attempt.if_nobody == "message" and attempt.status != "bridged"
    return _end_unless_continued(attempt.settled_at_ms, MESSAGE_MS if takes_message else NEXT_MS, now_ms)


def _end_unless_continued(at_ms: int, within_ms: int, now_ms: int) -> End:
    over = now_ms > at_ms + within_ms
    return End(over, at_ms if over else None)


def _say_where(record: CallRecord) -> str:
    """Where a call is that runs."""
    attempt, stream = _find_newest_attempt(record), _find_newest_stream(record)
    if attempt and is_under_way(attempt):
        name = name_destination(attempt)
        return f"talks with {name}" if attempt.accepted_by else f"{name} is being rung"
    if attempt and attempt.if_nobody == "message" and attempt.status != "bridged":
        return "is asked to leave a message"
    if stream and stream.end_reason is None and not _is_decided(stream):
        return "talks with the assistant"
    return "waits for what comes next" if stream else "is being answered"


def _classify(record: CallRecord) -> tuple[Outcome, str]:
    """How a call ended that is over."""
    for attempt in reversed(record.attempts):
        if attempt.status == "bridged":
            return "talked", f"talked with {name_destination(attempt)} for {attempt.talked_s} s"
    if find_goodbye(record):
        if record.attempts and record.attempts[-1].accepted_by:
            return "talked", f"talked with {name_destination(record.attempts[-1])} until you said goodbye"
        return "answered", "you said goodbye"
    if record.attempts and (message := max(record.attempts, key=lambda each: each.message_s)).message_s:
        return "message", f"left a message of {message.message_s} s for {name_destination(message)}"
    stream = _find_newest_stream(record)
    if record.attempts:
        return _classify_vain(record.attempts[-1], stream)
    if stream is None:
        return "unknown", "no media stream was opened"
    if stream.end_reason in OVER:
        said = {"goodbye": "the assistant said goodbye", "goodbye_unsaid": "ended before the goodbye was said"}
        return "answered", said.get(str(stream.end_reason), "the caller hung up")
    if is_broken(stream) or stream.end_reason == "draining":
        return "failed", describe_end(stream)
    return "unknown", describe_end(stream)


def _classify_vain(attempt: Attempt, stream: Stream | None) -> tuple[Outcome, str]:
    """A person was wanted, and none came."""
    name = name_destination(attempt)
    match attempt.status:
        case "unconfirmed":
            return "unknown", f"may have talked with {name}; nobody can tell"
        case "caller_gone":
            return "nobody", f"hung up before {name} took the call"
        case "failed":
            helped = stream is not None and stream.end_reason in OVER
            return "nobody" if helped else "failed", f"{name} could not be rung"
        case status if status in UNDER_WAY:
            return "unknown", f"nobody knows what became of the call to {name}"
    return "nobody", f"{name} did not take the call"


def describe_end(stream: Stream) -> str:
    """Why the stream ended, in a few words."""
    match stream.end_reason:
        case "goodbye":
            return "the assistant said goodbye"
        case "goodbye_unsaid":
            return "the model was lost before its goodbye"
        case "caller_gone":
            return "the caller hung up"
        case "transferred":
            return "the call was moved to a person"
        case "model_failed":
            return "the model failed"
        case "draining":
            return "the container had to end"
        case "stream_lost":
            return "the media stream was lost"
        case "internal_error":
            return "a defect of Warmline ended the stream"
    if not stream.stream_sid:
        return "no container accepted the media stream"
    return "nobody wrote why the media stream ended: the container may have died"
