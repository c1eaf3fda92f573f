"""What a call came to: who said what and how much of it was heard, how fast it went, how the transfer ended."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from call_record import Attempt, CallRecord
from sandbox.carrier import events
from sandbox.carrier.report import CallReport
from sandbox.demo.measure import first_sound_after, last_sound_before, sounds
from sandbox.demo.people import Said

_PAUSE_MS = 300  # silence as long as this ends what somebody says; words are closer together

_OUTCOMES = {
    "bridged": "{person} took the call and talked with the caller for {talked_s} s",
    "no_answer": "{person} did not pick up; the caller went back to the assistant",
    "busy": "{person} was busy; the caller went back to the assistant",
    "declined": "{person} declined; the caller went back to the assistant",
    "failed": "{person} could not be reached; the caller went back to the assistant",
}


@dataclass(frozen=True, slots=True)
class Row:
    """Something said; `heard` is what reached the other side."""

    at_ms: int
    who: str
    said: str
    heard: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds, read off the recording of the caller's ear; None where it did not come to that."""

    first_word: int | None
    """From the answer to the call until the caller hears the assistant."""
    interruption_stopped: int | None
    """From the caller's first sound until the assistant is silent."""
    silence_before_ring: int | None
    """From the assistant's last word until the caller hears ringing."""


def rows(record: CallRecord, began_at_ms: int, said: Sequence[Said], found: Collection[str]) -> list[Row]:
    """What was said, in the order of time. `began_at_ms`: when the call began, since 1970.

    What the caller and the assistant heard of each other is in the call's record. Of the lines that people said to
    each other, those count as heard that were found in the recording of the other's ear: `found`.
    """
    turns = [(turn.at_ms - began_at_ms, turn) for turn in record.turns]
    spoken = [Row(at_ms, "Assistant", turn.said, turn.heard) for at_ms, turn in turns if turn.speaker == "model"]
    understood = [(at_ms, turn.said) for at_ms, turn in turns if turn.speaker == "caller"]
    for each, following in zip_longest(said, said[1:]):
        if each.line.name in found:
            heard = each.line.text
        else:
            until_ms = following.at_ms if following else math.inf
            heard = " ".join(words for at_ms, words in understood if each.at_ms <= at_ms < until_ms)
        spoken.append(Row(each.at_ms, each.who, each.line.text, heard))
    return sorted(spoken, key=lambda row: row.at_ms)


def figures(report: CallReport, interrupted_at_ms: int | None) -> Figures:
    """Read off what the caller heard. `interrupted_at_ms`: when he spoke over the assistant."""
    return Figures(_first_word(report), _stopped_after(report, interrupted_at_ms), _silence_before_ring(report))


def outcome(attempts: Sequence[Attempt], person: str) -> str:
    """How the last attempt to reach the person ended, as the call's record has it."""
    if not attempts:
        return "nobody was rung"
    told = _OUTCOMES.get(attempts[-1].status, f"{{person}} was not reached ({attempts[-1].status})")
    return told.format(person=person, talked_s=attempts[-1].talked_s)


def _first_word(report: CallReport) -> int | None:
    answered_ms = _when(report, events.Answered)
    if answered_ms is None:
        return None
    first_ms = first_sound_after(report.heard, answered_ms)
    return None if first_ms is None else first_ms - answered_ms


def _stopped_after(report: CallReport, interrupted_at_ms: int | None) -> int | None:
    if interrupted_at_ms is None:
        return None
    for sound in sounds(report.heard, pause_ms=_PAUSE_MS):
        if sound.from_ms <= interrupted_at_ms < sound.until_ms:
            return sound.until_ms - interrupted_at_ms
    return None  # the assistant had just finished by itself


def _silence_before_ring(report: CallReport) -> int | None:
    moved_ms = _when(report, events.RestRequest)
    if moved_ms is None:
        return None
    last_ms, ring_ms = last_sound_before(report.heard, moved_ms), first_sound_after(report.heard, moved_ms)
    return None if last_ms is None or ring_ms is None else ring_ms - last_ms


def _when(report: CallReport, kind: type[object]) -> int | None:
    return next((e.at_ms for e in report.events if isinstance(e.what, kind) and e.call_sid == report.sid), None)
