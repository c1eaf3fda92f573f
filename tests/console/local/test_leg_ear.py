"""What can be heard on one leg."""

from collections.abc import Iterator

import pytest

from console.local.leg_ear import LegEar
from console.local.speech_spans import SpeechSpan
from sandbox.speech import mulaw
from sandbox.twilio.audio_sources import Clip, Source
from sandbox.twilio.line import Line
from sandbox.twilio.phones import Phone
from sandbox.twilio.playout import Playout

VOICE = mulaw.tone(200, 400)


def make_playout(sound: bytes) -> Playout:
    playout = Playout(lambda name, reason: None, lambda playing: None)  # noqa: ARG005 - nobody asks for marks here
    playout.add(sound)
    return playout


class Leg:
    """A line with an ear, which begins to hear 100 ms after the carrier began."""

    def __init__(self) -> None:
        self.line = Line(Phone("+15550100001"))
        self.tick_ms = 100
        self.ear = LegEar(self.line, lambda: self.tick_ms)

    def tick(self, ms: int) -> None:
        for _ in range(0, ms, mulaw.FRAME_MS):
            self.line.speak()
            self.line.hear()
            self.tick_ms += mulaw.FRAME_MS


@pytest.fixture
async def leg() -> Leg:
    return Leg()


async def test_nothing_is_heard_before_the_line_is_connected(leg: Leg) -> None:
    leg.tick(1000)

    assert (leg.ear.from_ms, leg.ear.heard) == (None, b"")


@pytest.mark.parametrize(("source", "spans"), [(make_playout(VOICE), [SpeechSpan(100, 300)]), (Clip(VOICE), [])])
async def test_the_assistant_is_what_the_party_hears_of_a_media_stream(
    leg: Leg, source: Source, spans: list[SpeechSpan]
) -> None:
    leg.line.connect()
    with leg.line.hearing(source):
        leg.tick(200)

    assert (leg.ear.from_ms, leg.ear.assistant.spans, leg.ear.voice.spans) == (100, spans, [])
    assert leg.ear.heard == VOICE


async def test_a_party_speaks_in_its_own_lane(leg: Leg) -> None:
    frames: Iterator[bytes] = mulaw.frames(VOICE)
    leg.line.phone.speak_frame = lambda: next(frames, mulaw.SILENT_FRAME)  # type: ignore[method-assign]
    leg.line.connect()
    leg.tick(1000)
    leg.ear.end()

    assert leg.ear.voice.spans == [SpeechSpan(100, 300, open=False)]
    assert leg.ear.silences == [(300, 1100)]


async def test_silence_is_counted_while_neither_side_makes_a_sound(leg: Leg) -> None:
    leg.line.connect()
    leg.tick(600)
    with leg.line.hearing(Clip(VOICE)):
        leg.tick(200)
    leg.tick(400)  # a pause between words
    with leg.line.hearing(Clip(VOICE)):
        leg.tick(200)
    leg.tick(700)
    leg.ear.end()

    assert leg.ear.silences == [(100, 700), (1500, 2200)]
