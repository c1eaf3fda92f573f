"""Whether the caller was served: decided by what can be heard in the two recordings, not by anybody's word.

With the sandbox's model every line is known, and the recogniser has to find them; an interrupted line has to break off.
The real one speaks in words of its own: then the people's lines are looked for, and where there are none, a voice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sandbox.demo.heard_lines import HeardLine, find_interrupted_line
from sandbox.demo.line_recognition import LineRecogniser
from sandbox.demo.measure import find_sounds
from sandbox.demo.options import Options
from sandbox.demo.people import SpokenLine, find_interruption_ms
from sandbox.demo.timeline import find_first_ms, find_move_ms
from sandbox.speech.mulaw import BYTES_PER_MS, duration_ms
from sandbox.twilio import events
from sandbox.twilio.call_report import CallReport

_HAND_OVER = {"frustrated": "hand_over", "asks": "hand_over_asked"}
# Twilio has one word, busy, for who talks and who declines.
_EXPLANATIONS = {
    "no-answer": ("no_answer",),
    "busy": ("busy",),
    "declines": ("declined", "busy"),
    "voicemail": ("not_taken",),
}
_LAST_WORDS_MS = 8000  # before the ring: the longest hand-over sentence has five seconds
_EXPLANATION_MS = 12_000  # after the ring
_AROUND_MS = 300  # a line is looked for a little before it was begun, and a little after it should be over
_TALKED_OVER_MS = 1500  # who is talked over for longer than that believes that nobody listens
_SENTENCE_MS = 1000  # a voice that was there for so long has said something


@dataclass(frozen=True, slots=True)
class Verdict:
    """`problems` is empty when the caller was served; `found` are the lines that a recogniser found."""

    found: frozenset[str]
    problems: tuple[str, ...]


async def check_call(
    report: CallReport,
    said: Sequence[SpokenLine],
    heard_lines: Sequence[HeardLine],
    options: Options,
    recogniser: LineRecogniser,
) -> Verdict:
    """Look for everything that has to be heard in a call that these options ask for.

    `heard_lines`: what the caller heard of the assistant's lines; empty if they are not known.
    """
    moved_ms, settled_ms = find_move_ms(report), find_first_ms(report, events.DialEnded)
    if moved_ms is None or settled_ms is None:
        return Verdict(frozenset(), ("The caller was not put through to anybody.",))
    problems: list[str] = []
    if options.model == "sandbox":
        if options.caller == "frustrated":
            problems += _check_interruption(heard_lines, find_interruption_ms(said))
        problems += await _check_hand_over(report, moved_ms, options, recogniser)
    found = {
        name for name, recording in _cut_out_lines(report, said) if await recogniser.contains_line(recording, name)
    }
    if options.human == "answers":
        problems += _check_talk(found)
    else:
        problems += await _check_return(report, settled_ms, options, recogniser)
    return Verdict(frozenset(found), tuple(problems))


def _check_interruption(heard_lines: Sequence[HeardLine], at_ms: int | None) -> Iterator[str]:
    cut = None if at_ms is None else find_interrupted_line(heard_lines, at_ms)
    if at_ms is None or cut is None or cut.whole:
        yield "The assistant was not interrupted."
    elif cut.until_ms - at_ms > _TALKED_OVER_MS:
        yield "The assistant spoke on after the interruption."


async def _check_hand_over(
    report: CallReport, moved_ms: int, options: Options, recogniser: LineRecogniser
) -> list[str]:
    last_words = _cut_recording(report.heard, moved_ms - _LAST_WORDS_MS, moved_ms)
    if await recogniser.contains_line(last_words, _HAND_OVER[options.caller]):
        return []
    return ["The caller can not hear the hand-over sentence to its end."]


def _cut_out_lines(report: CallReport, said: Sequence[SpokenLine]) -> Iterator[tuple[str, bytes]]:
    """Each line that the two people said to each other, and the part of the other's recording where it belongs."""
    for leg in report.legs:
        for each in said:
            if leg.heard and each.at_ms >= leg.heard_from_ms:
                ear, from_ms = (leg.heard, leg.heard_from_ms) if each.who == "Caller" else (report.heard, 0)
                began_ms = each.at_ms - from_ms
                until_ms = began_ms + duration_ms(each.line.audio) + _AROUND_MS
                yield each.line.name, _cut_recording(ear, began_ms - _AROUND_MS, until_ms)


def _check_talk(found: set[str]) -> Iterator[str]:
    if not {"anna", "anna_answers"} <= found:
        yield "The caller can not hear Anna."
    if "tell_anna" not in found:
        yield "Anna can not hear the caller."


async def _check_return(report: CallReport, settled_ms: int, options: Options, recogniser: LineRecogniser) -> list[str]:
    """Of a caller whom Anna did not take: they are back with the assistant, which says why."""
    explained = _cut_recording(report.heard, settled_ms, settled_ms + _EXPLANATION_MS)
    problems = await _check_explanation(explained, options, recogniser)
    if find_first_ms(report, events.Bridged) is not None:
        return ["The caller was left with a machine.", *problems]
    return problems


async def _check_explanation(recording: bytes, options: Options, recogniser: LineRecogniser) -> list[str]:
    if not any(sound.until_ms - sound.from_ms >= _SENTENCE_MS for sound in find_sounds(recording, pause_ms=_AROUND_MS)):
        return ["Nobody speaks to the caller after Anna did not come."]
    if options.model == "openai" or any(
        [await recogniser.contains_line(recording, name) for name in _EXPLANATIONS[options.human]]
    ):
        return []
    return ["The caller is not told why Anna did not come."]


def _cut_recording(heard: bytes, from_ms: int, until_ms: int) -> bytes:
    return heard[max(0, from_ms) * BYTES_PER_MS : max(0, until_ms) * BYTES_PER_MS]
