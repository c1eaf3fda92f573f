"""What is taken for a voice: recordings of speech, silence, and noise of several kinds."""

import math
import random
import struct
from pathlib import Path

import pytest

from sandbox.speech.mulaw import (
    BYTES_PER_MS,
    FRAME_BYTES,
    duration_ms,
    energy,
    from_pcm16,
    mix,
    silence,
    to_pcm16,
    tone,
)
from socket_server.call.voice_activity import VoiceActivity

VOICES = sorted((Path(__file__).parents[3] / "sandbox" / "speech" / "voices").glob("*.ulaw"))
EVERY_MS = 100


def amplified(audio: bytes, decibels: int) -> bytes:
    samples = struct.unpack(f"<{len(audio)}h", to_pcm16(audio))
    return from_pcm16(struct.pack(f"<{len(audio)}h", *(round(each * 10 ** (decibels / 20)) for each in samples)))


def noise(ms: int, decibels: float, wobble: float = 0) -> bytes:
    """White noise of a level from full scale; `wobble`: how much louder and softer it gets, over two seconds."""
    chance = random.Random(1)  # noqa: S311 - noise, no secret
    levels = (decibels + wobble * math.sin(at / 8000 * math.pi) for at in range(ms * BYTES_PER_MS))
    samples = [round(chance.gauss(0, 32768 * 10 ** (level / 20))) for level in levels]
    return from_pcm16(struct.pack(f"<{len(samples)}h", *(max(-32768, min(32767, each)) for each in samples)))


def quiet(audio: bytes) -> list[int]:
    """How long it has been quiet, each time that one frame in five was looked at."""
    activity = VoiceActivity(0)
    told = []
    for at in range(0, len(audio) - FRAME_BYTES + 1, EVERY_MS * BYTES_PER_MS):
        now_ms = at // BYTES_PER_MS
        activity.observe(audio[at : at + FRAME_BYTES], now_ms)
        told.append(activity.quiet_ms(now_ms))
    return told


@pytest.mark.parametrize("softer", [0, -12, -20, -25])
@pytest.mark.parametrize("voice", VOICES, ids=lambda path: path.stem)
def test_who_speaks_is_not_quiet_for_long_however_softly(voice: Path, softer: int) -> None:
    assert max(quiet(amplified(voice.read_bytes(), softer))) <= 1000


@pytest.mark.parametrize(("softer", "decibels"), [(0, 6), (-20, 10), (-25, 6)])
@pytest.mark.parametrize("voice", VOICES, ids=lambda path: path.stem)
def test_who_speaks_against_noise_is_not_quiet_for_two_seconds(voice: Path, softer: int, decibels: int) -> None:
    spoken = amplified(voice.read_bytes(), softer)
    level = 20 * math.log10(energy(spoken)) - decibels
    assert max(quiet(mix(spoken, noise(duration_ms(spoken), level)))) < 2000


@pytest.mark.parametrize("wobble", [0, 3])
@pytest.mark.parametrize("decibels", [-70, -60, -50, -40, -30, -20, -10])
def test_steady_noise_is_no_voice(decibels: int, wobble: int) -> None:
    assert quiet(noise(6000, decibels, wobble))[-1] == 5900


@pytest.mark.parametrize("before", [silence(3000), VOICES[0].read_bytes()], ids=["silence", "speech"])
@pytest.mark.parametrize("decibels", [-60, -50, -40, -30, -20, -10])
def test_noise_that_begins_is_a_voice_for_two_seconds_at_most(decibels: int, before: bytes) -> None:
    assert quiet(before + noise(6000, decibels))[-1] >= 4000


def test_a_steady_tone_is_no_voice() -> None:
    assert quiet(tone(5000, 440))[-1] == 4900


@pytest.mark.parametrize("byte", [0xFF, 0x7F])
def test_silence_after_speech_is_quiet_from_its_first_piece_on(byte: int) -> None:
    spoken = VOICES[0].read_bytes()[:16000]
    assert quiet(spoken + bytes([byte]) * 40000)[-1] - quiet(spoken)[-1] == 5000


def test_where_nothing_comes_it_is_quiet() -> None:
    activity = VoiceActivity(1000)
    for at_ms in (1000, 1100, 1200, 1300, 1400):  # rises and falls
        activity.observe(tone(20, 440, level=0.3 if at_ms in (1100, 1300) else 0.01), at_ms)
    assert (activity.quiet_ms(1300), activity.quiet_ms(41_300)) == (0, 40_000)


def test_a_piece_of_any_length_is_heard() -> None:
    activity = VoiceActivity(0)
    activity.observe(silence(1), 0)
    activity.observe(tone(300, 440), 100)
    assert activity.quiet_ms(100) == 0
