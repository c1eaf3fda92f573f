"""Decides what comes next in a call when a stream or a dial is over. Pure: the call record goes in, a step comes
out.

This is the safety net, and it must not become a loop. A call has at most three streams; the count starts again after
half a minute of talk, or after a person was on the line. After three streams a person is rung, and if nobody comes, the
caller hears an apology. After the model failed, another stream is opened only if nobody can be rung, and it counts as
one of the three.
"""

import hashlib
from dataclasses import dataclass

from call_record import Attempt, CallRecord, Stream
from dial_failure import CALLER_ID

MAX_STREAMS = 3
TALK_MS = 30_000
# Full or draining containers refuse at once. So does a load balancer that does not know yet that a container is gone.
# The second try takes a fraction of a second. Before the third there is a pause, until the balancer knows.
REFUSALS = 2
# A transfer needs some ten seconds at most; one round of waiting takes over a second. After a failed model the caller
# has waited already, and need not wait long for a transfer that the model had begun.
MAX_WAITS = 10
MAX_WAITS_WITHOUT_MODEL = 4


@dataclass(frozen=True, slots=True)
class HangUp:
    """Everything has been said, or all but the goodbye."""

    say_goodbye: bool = False
    """The model was lost before it could say it."""


@dataclass(frozen=True, slots=True)
class NewStream:
    """Back to the model, perhaps in another container. The call record is its memory."""

    pause: bool = False
    """The last two had no container, or no model. After a pause, both are more likely to be there."""


@dataclass(frozen=True, slots=True)
class Person:
    """Ring a person, by the directory."""

    cause: str
    destination: str = ""
    """Empty: the first open one that has not been rung in vain."""
    again: str = ""
    """The attempt whose people are rung once more, because Twilio refused its caller ID."""
    otherwise: NewStream | None = None
    """What follows where nobody can be rung; None: the end."""
    dial: int = 0
    """With `again`: the dial that was refused. The people of earlier dials have not come."""


@dataclass(frozen=True, slots=True)
class NextDial:
    """The attempt goes on: ring the next person, by the directory."""

    dial: int
    """Which of the attempt's, from 0."""


@dataclass(frozen=True, slots=True)
class Join:
    """A person has taken the call while the caller talked on, and waits: bring the caller to them."""

    request_id: str


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Record a message of the caller for the person who did not come."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A transfer is under way: Twilio has to ask again. `waits` counts how often."""

    waits: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """This step was decided before: give the same answer."""

    document: str


type Step = HangUp | NewStream | Person | Join | TakeMessage | Wait | Repeat


def decide_after_stream(record: CallRecord, jti: str, waits: int) -> Step:
    """What follows the stream, when the caller is still there."""
    stream = next((each for each in record.streams if each.jti == jti), None)
    if stream and stream.decision:
        return Repeat(stream.decision)
    if waiting := next((each for each in record.attempts if each.beside_the_talk and each.accepted_by), None):
        return Join(waiting.request_id)
    attempt = _find_attempt(record, stream)
    if attempt and attempt.decision and stream:
        return Repeat(attempt.decision)
    if attempt and attempt.under_way:
        if attempt.request_id == name_attempt_after(jti):  # answered before, but the answer was lost
            return Person(attempt.reason, otherwise=_try_return_to_model(record, jti))
        if waits < _count_allowed_waits(stream):
            return Wait(waits + 1)
    match stream.end_reason if stream else None:
        case "goodbye" | "goodbye_unsaid" as reason:
            return HangUp(say_goodbye=reason == "goodbye_unsaid")
        case "model_failed" | "internal_error" as cause:
            return Person(cause, otherwise=_try_return_to_model(record, jti))
        case _:
            # The container died, drains, lost the stream or never took it. Or it believes that the caller has gone,
            # when a stream of a repeated webhook took its place, or that the call was moved, when it was not.
            return return_to_model(record, jti)


def find_given_up(record: CallRecord, jti: str) -> Attempt | None:
    """The attempt that did not end within the time for waiting."""
    stream = next((each for each in record.streams if each.jti == jti), None)
    attempt = _find_attempt(record, stream)
    return attempt if attempt and attempt.under_way and attempt.request_id != name_attempt_after(jti) else None


def name_attempt_after(ended: str) -> str:
    """The name of the attempt that follows a stream or another attempt: a repeated webhook rings the same person."""
    return "next-" + hashlib.sha256(ended.encode("utf-8", "replace")).hexdigest()[:24]


def decide_after_dial(
    record: CallRecord, attempt: Attempt | None, outcome: str, failure: str = "", dial: int = 0, *, early: bool = False
) -> Step | NextDial:
    """What follows a dial, or the talk, when the caller is still there.

    `failure`: why it failed, as a kind. `dial`: which dial of the attempt it was. `early`: the talk was so short that
    it helped nobody.
    """
    if attempt and attempt.decision:
        return Repeat(attempt.decision)
    if attempt and attempt.mode == "attended":
        return return_to_model(record) if early or outcome != "bridged" or attempt.after_talk == "return" else HangUp()
    if attempt and dial < attempt.dial:
        return NextDial(dial + 1)  # the same answer as before: this request is late, or repeated
    if attempt and attempt.if_refused and failure == CALLER_ID:
        return Person(CALLER_ID, attempt.destination, attempt.request_id, _try_return_to_model(record), dial)
    match outcome:
        case "bridged":
            return NewStream() if attempt and attempt.after_talk == "return" else HangUp()
        case "unconfirmed":
            return return_to_model(record)  # which asks whether the caller was helped
    if attempt and dial + 1 < attempt.dials:
        return NextDial(dial + 1)
    return decide_after_nobody(record, attempt, outcome)


def decide_after_nobody(record: CallRecord, attempt: Attempt | None, outcome: str) -> Step:
    """What follows when nobody is left to be rung for the attempt."""
    match attempt.if_nobody if attempt else "continue":
        case "message":
            return TakeMessage()
        case "destination" if attempt:
            return Person(outcome, attempt.if_nobody_destination, otherwise=_try_return_to_model(record))
        case _:
            return return_to_model(record)


def return_to_model(record: CallRecord, jti: str = "") -> NewStream | Person:
    """Another stream, if the call may have one. `jti`: the stream that has just ended, if one has."""
    if count_streams_without_talk(record, jti) >= MAX_STREAMS:
        return Person("too_many_streams")
    last = _list_streams(record, jti)[-REFUSALS:]
    return NewStream(pause=len(last) == REFUSALS and not any(each.stream_sid or each.end_reason for each in last))


def _try_return_to_model(record: CallRecord, jti: str = "") -> NewStream | None:
    """Another stream, if the call may have one; after a pause if `jti` is the second in a row whose model failed."""
    step = return_to_model(record, jti)
    if not isinstance(step, NewStream):
        return None
    last = _list_streams(record, jti)[-REFUSALS:] if jti else []
    return NewStream(step.pause or [each.end_reason for each in last] == ["model_failed"] * REFUSALS)


def count_streams_without_talk(record: CallRecord, jti: str = "") -> int:
    """How many streams there were since the last talk of half a minute, or since a person was on the line."""
    bridged_at_ms = _find_last_bridge_ms(record)
    streams = _list_streams(record, jti)
    count = 0
    for stream in reversed(streams):
        if _measure_talk_ms(stream, record) >= TALK_MS or stream.opened_at_ms < bridged_at_ms:
            break
        count += 1
    return count


def _list_streams(record: CallRecord, jti: str) -> list[Stream]:
    """All streams of the call, with the one that has just ended, even if no container accepted it."""
    streams = list(record.streams)
    if jti and all(each.jti != jti for each in streams):
        streams.append(Stream(jti, opened_at_ms=_find_last_bridge_ms(record)))
    return streams


def _find_last_bridge_ms(record: CallRecord) -> int:
    return max((each.settled_at_ms for each in record.attempts if each.status == "bridged"), default=0)


def _count_allowed_waits(stream: Stream | None) -> int:
    failed = stream and stream.end_reason in ("model_failed", "internal_error")
    return MAX_WAITS_WITHOUT_MODEL if failed else MAX_WAITS


def _find_attempt(record: CallRecord, stream: Stream | None) -> Attempt | None:
    """The last attempt, if it was made on this stream and not before it."""
    if not record.attempts:
        return None
    last = record.attempts[-1]
    return None if stream and last.claimed_at_ms < stream.opened_at_ms else last


def _measure_talk_ms(stream: Stream, record: CallRecord) -> int:
    """How long they talked. If the container died before it could report that, until the last words on record."""
    if stream.end_reason or not stream.stream_sid:
        return stream.talked_ms
    later = [each.opened_at_ms for each in record.streams if each.opened_at_ms > stream.opened_at_ms]
    end_ms = min(later, default=None)
    said = [turn.at_ms for turn in record.turns if end_ms is None or turn.at_ms < end_ms]
    return max(said, default=stream.opened_at_ms) - stream.opened_at_ms
