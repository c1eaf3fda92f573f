"""What a call came to: who said what and how much of it was heard, how fast it went, how the transfer ended."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from call_record import Attempt, CallRecord, Turn
from sandbox.demo.heard_lines import HeardLine, find_interrupted_line
from sandbox.demo.measure import find_first_sound_after, find_last_sound_before
from sandbox.demo.people import SpokenLine
from sandbox.demo.timeline import find_first_ms, find_move_ms
from sandbox.twilio import events
from sandbox.twilio.call_report import CallReport

_OUTCOMES = {
    "bridged": "{person} took the call and talked with the caller for {talked_s} s",
    "no_answer": "{person} did not pick up; the caller went back to the assistant",
    "busy": "{person} was busy; the caller went back to the assistant",
    "declined": "{person} declined; the caller went back to the assistant",
    "not_accepted": "whoever picked up {person}'s phone did not take the call; the caller went back to the assistant",
    "unconfirmed": "somebody picked up {person}'s phone, and whether they talked is not known",
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
class Timings:
    """Read off the recording of the caller's ear; None where it did not come to that."""

    first_word_ms: int | None
    """From the answer to the call until the caller hears the assistant."""
    interruption_stopped_ms: int | None
    """From the caller's first sound until the assistant is silent."""
    silence_before_ring_ms: int | None
    """From the assistant's last word until the caller hears ringing."""


def make_rows(
    record: CallRecord,
    began_at_ms: int,
    said: Sequence[SpokenLine],
    found: Collection[str],
    heard_lines: Sequence[HeardLine] | None,
) -> list[Row]:
    """What was said, in the order of time. `began_at_ms`: when the call began, since 1970.

    What the assistant heard is in the call's record. What the caller heard of it is `heard_lines`, from their ear's
    recording; where that is None, the record's word is taken for it. Of the lines that people said to each other,
    those count as heard that were found in the recording of the other's ear: `found`.
    """
    turns = [(turn.at_ms - began_at_ms, turn) for turn in record.turns]
    models = [(at_ms, turn) for at_ms, turn in turns if turn.speaker == "model"]
    words = _list_heard_words(heard_lines, [turn for _, turn in models])
    spoken = [Row(at_ms, "Assistant", turn.said, heard) for (at_ms, turn), heard in zip(models, words, strict=True)]
    understood = [(at_ms, turn.said) for at_ms, turn in turns if turn.speaker == "caller"]
    for each, following in zip_longest(said, said[1:]):
        if each.line.name in found:
            heard = each.line.text
        else:
            until_ms = following.at_ms if following else math.inf
            heard = " ".join(words for at_ms, words in understood if each.at_ms <= at_ms < until_ms)
        spoken.append(Row(each.at_ms, each.who, each.line.text, heard))
    return sorted(spoken, key=lambda row: row.at_ms)


def measure_timings(
    report: CallReport, heard_lines: Sequence[HeardLine] | None, interrupted_at_ms: int | None
) -> Timings:
    """Read off what the caller heard. `interrupted_at_ms`: when they spoke over the assistant."""
    return Timings(
        _measure_first_word_ms(report),
        _measure_interruption_ms(heard_lines or (), interrupted_at_ms),
        _measure_silence_before_ring_ms(report),
    )


def describe_outcome(attempts: Sequence[Attempt], person: str) -> str:
    """How the last attempt to reach the person ended, as the call's record has it."""
    if not attempts:
        return "nobody was rung"
    told = _OUTCOMES.get(attempts[-1].status, f"{{person}} was not reached ({attempts[-1].status})")
    return told.format(person=person, talked_s=attempts[-1].talked_s)


def _list_heard_words(heard_lines: Sequence[HeardLine] | None, turns: Sequence[Turn]) -> list[str]:
    """What was heard of each turn of the assistant. The same line may be said twice: the first is the first."""
    if heard_lines is None:
        return [turn.heard for turn in turns]
    left, words = list(heard_lines), []
    for turn in turns:
        one = next((each for each in left if each.line.text == turn.said), None)
        words.append(one.words if one else "")
        if one:
            left.remove(one)
    return words


def _measure_first_word_ms(report: CallReport) -> int | None:
    answered_ms = find_first_ms(report, events.Answered)
    if answered_ms is None:
        return None
    first_ms = find_first_sound_after(report.heard, answered_ms)
    return None if first_ms is None else first_ms - answered_ms


def _measure_interruption_ms(heard_lines: Sequence[HeardLine], interrupted_at_ms: int | None) -> int | None:
    cut = None if interrupted_at_ms is None else find_interrupted_line(heard_lines, interrupted_at_ms)
    if interrupted_at_ms is None or cut is None or cut.whole:
        return None  # the assistant stopped at the end of what it had to say
    return cut.until_ms - interrupted_at_ms


def _measure_silence_before_ring_ms(report: CallReport) -> int | None:
    moved_ms = find_move_ms(report)
    if moved_ms is None:
        return None
    last_ms, ring_ms = find_last_sound_before(report.heard, moved_ms), find_first_sound_after(report.heard, moved_ms)
    return None if last_ms is None or ring_ms is None else ring_ms - last_ms
