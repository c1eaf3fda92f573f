"""What of the assistant's lines reached the caller's ear: their very bytes, looked for in its recording.

Only for the sandbox's model, whose lines are clips. A telephone network passes mu-law on as it is, and so a piece of a
clip that is not found was not played.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sandbox.demo.line_recognition import LineRecogniser
from sandbox.speech.mulaw import BYTES_PER_MS, SILENT_FRAME, duration_ms, energy
from sandbox.speech.voices.lines import Line, load_lines

_PIECE_BYTES = 100 * BYTES_PER_MS  # of a voice: never twice the same
_SOUND = 0.01  # as in measure.py; silence is everywhere
_GAP_BYTES = 3000 * BYTES_PER_MS  # a line that goes on after such a pause, on a slow machine, is still the same


@dataclass(frozen=True, slots=True)
class HeardLine:
    """A line of which something was heard, from its first to its last sound in the recording."""

    line: Line
    from_ms: int
    until_ms: int
    words: str

    @property
    def whole(self) -> bool:
        return self.words == self.line.text


async def find_heard_lines(recording: bytes, recogniser: LineRecogniser) -> list[HeardLine]:
    """The lines in the order in which the caller heard them; `words` are those that they heard to their end."""
    heard_lines = []
    for line in (each for each in load_lines().values() if each.who == "model"):
        for from_bytes, until_bytes, heard_bytes in _find_occurrences(line.audio, recording):
            whole = heard_bytes == len(line.audio)
            words = (
                line.text
                if whole
                else await recogniser.find_words_until(duration_ms(line.audio[:heard_bytes]), line.name)
            )
            heard_lines.append(HeardLine(line, from_bytes // BYTES_PER_MS, until_bytes // BYTES_PER_MS, words))
    return sorted(heard_lines, key=lambda each: each.from_ms)


def find_interrupted_line(heard_lines: Sequence[HeardLine], at_ms: int) -> HeardLine | None:
    """The line in the midst of which the caller began to speak."""
    return next((each for each in heard_lines if each.from_ms <= at_ms < each.until_ms), None)


def _find_occurrences(clip: bytes, recording: bytes) -> Iterator[tuple[int, int, int]]:
    """For each time that it was begun: where it begins and ends in the recording, and how much of the clip that is."""
    at = 0
    while (found := _find_occurrence(clip, recording, at)) is not None:
        yield found
        at = found[1]


def _find_occurrence(clip: bytes, recording: bytes, at: int) -> tuple[int, int, int] | None:
    begin = until = heard = -1
    for start in range(0, len(clip) - _PIECE_BYTES + 1, _PIECE_BYTES):
        piece = clip[start : start + _PIECE_BYTES]
        if energy(piece) <= _SOUND:
            continue
        position = recording.find(piece, at) if begin < 0 else recording.find(piece, at, at + _GAP_BYTES)
        if position < 0 and begin < 0:
            return None  # its beginning is not there
        if position >= 0:
            begin = position if begin < 0 else begin
            heard, at = start + _PIECE_BYTES, position + _PIECE_BYTES
            until = at
    return None if begin < 0 else (begin, *_extend_to_the_byte(clip, recording, heard, until))


def _extend_to_the_byte(clip: bytes, recording: bytes, heard: int, until: int) -> tuple[int, int]:
    """Follow the clip beyond the last whole piece. Silence after that is no part of what was heard."""
    same = 0
    while heard + same < len(clip) and until + same < len(recording) and clip[heard + same] == recording[until + same]:
        same += 1
    if heard + same < len(clip):
        same = len(clip[heard : heard + same].rstrip(SILENT_FRAME[:1]))
    return until + same, heard + same
