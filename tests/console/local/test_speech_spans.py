"""Spans of speech from loud and quiet frames."""

import pytest

from console.local.speech_spans import SpeechDetector, SpeechSpan, is_loud, measure
from sandbox.speech import mulaw


def hear(frames: str) -> list[SpeechSpan]:
    """`#` is a loud frame, `-` a soft one, `.` a quiet one, each of 20 ms."""
    detector = SpeechDetector()
    for number, frame in enumerate(frames):
        detector.hear(number * 20, {"#": 0.1, "-": 0.005, ".": 0.0}[frame])
    return detector.spans


@pytest.mark.parametrize(
    ("frames", "spans"),
    [
        ("." * 50, []),
        ("##" + "." * 50, []),  # a click
        ("#.#.#.#", []),
        ("..###", [SpeechSpan(40, 100)]),
        ("..#####", [SpeechSpan(40, 140)]),
        ("..--###", [SpeechSpan(40, 140)]),  # a voice begins softly
        (".-.-###", [SpeechSpan(60, 140)]),
        ("-" * 20 + "###", [SpeechSpan(300, 460)]),  # a line that is never quiet
        ("-" * 50, []),
        ("###" + "." * 20 + "###", [SpeechSpan(0, 520)]),  # a pause between words
        ("###" + "." * 40, [SpeechSpan(0, 60, open=False)]),
        ("###" + "." * 40 + "####", [SpeechSpan(0, 60, open=False), SpeechSpan(860, 940)]),
    ],
)
def test_speech_begins_with_sixty_loud_milliseconds_and_ends_with_half_a_quiet_second(
    frames: str, spans: list[SpeechSpan]
) -> None:
    assert hear(frames) == spans


def test_a_dead_line_ends_what_was_said() -> None:
    detector = SpeechDetector()
    for number in range(5):
        detector.hear(number * 20, 0.1)
    detector.end()

    assert detector.spans == [SpeechSpan(0, 100, open=False)]


@pytest.mark.parametrize(
    ("frame", "loud"),
    [
        (mulaw.SILENT_FRAME, False),
        (mulaw.tone(20, 400, level=0.005), False),
        (mulaw.tone(20, 400, level=0.3), True),
        (b"", False),
    ],
)
def test_a_voice_is_louder_than_a_quiet_line(frame: bytes, *, loud: bool) -> None:
    assert is_loud(measure(frame)) is loud
