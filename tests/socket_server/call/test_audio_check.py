"""PCM16 is found among what is promised as mu-law, and no mu-law is taken for it."""

import base64
import math
import random
import struct
from collections.abc import Iterator

import pytest

from sandbox.speech import mulaw
from sandbox.speech.voices.lines import load_lines
from socket_server.call.audio_check import CLEAR_WINDOWS, WINDOW_BYTES, WINDOWS, AudioCheck, is_pcm16

type Samples = list[int]

VOICES = {name: line.audio for name, line in load_lines().items()}
DELTA_BYTES = 1600


def pack(samples: Samples) -> bytes:
    return struct.pack(f"<{len(samples)}h", *(max(-32768, min(32767, sample)) for sample in samples))


def to_pcm16(audio: bytes, times_8_khz: int, level: float = 1.0) -> bytes:
    """At 8, 16 or 24 kHz: straight lines from sample to sample."""
    samples = [round(sample * level) for (sample,) in struct.iter_unpack("<h", mulaw.to_pcm16(audio))]
    between = range(times_8_khz)
    following = [*samples[1:], samples[-1]]
    pairs = zip(samples, following, strict=True)
    return pack([round(a + (b - a) * step / times_8_khz) for a, b in pairs for step in between])


def encode(audio: bytes) -> bytes:
    return b'"%b"' % base64.b64encode(audio)


def find_pcm16(audio: bytes) -> int | None:
    """After how many bytes it was found; None if it was not."""
    check = AudioCheck()
    for start in range(0, len(audio), DELTA_BYTES):
        if check.observe(encode(audio[start : start + DELTA_BYTES])):
            return start + DELTA_BYTES
    return None


def list_windows(audio: bytes) -> Iterator[bytes]:
    return (audio[start : start + WINDOW_BYTES] for start in range(0, len(audio) - WINDOW_BYTES + 1, WINDOW_BYTES))


def make_sine(hz: float, level: float, phase: float = 0.0, wobble_hz: float = 0.0, offset: int = 0) -> bytes:
    """Half a second of a tone in mu-law, which may get louder and softer."""
    turn = 2 * math.pi / mulaw.SAMPLE_RATE_HZ
    loud = [0.5 + 0.5 * math.cos(turn * wobble_hz * n) for n in range(4000)]
    samples = [offset + round(level * 32767 * loud[n] * math.sin(turn * hz * n + phase)) for n in range(4000)]
    return mulaw.from_pcm16(pack(samples))


@pytest.mark.parametrize("times_8_khz", [1, 2, 3])
@pytest.mark.parametrize("level", [0.05, 0.3, 1.0])
def test_every_voice_in_pcm16_is_found_before_the_phone_has_played_a_second_of_it(
    times_8_khz: int, level: float
) -> None:
    for name, audio in VOICES.items():
        found = find_pcm16(to_pcm16(audio[:16_000], times_8_khz, level))
        assert found is not None, name
        assert found <= 8000, name  # as mu-law a second, as PCM16 of 24 kHz a sixth of one


def test_a_voice_in_pcm16_is_found_after_half_a_second_of_silence() -> None:
    for name, audio in VOICES.items():
        assert find_pcm16(bytes(24_000) + to_pcm16(audio, 3)) is not None, name


@pytest.mark.parametrize("loudness", [3, 30, 300, 3000])
def test_noise_in_pcm16_is_found(loudness: int) -> None:
    chance = random.Random(loudness)  # noqa: S311 - the same noise each time
    assert find_pcm16(pack([round(chance.gauss(0, loudness)) for _ in range(8000)])) is not None


@pytest.mark.parametrize("hz", [200, 440, 997])
def test_a_tone_in_pcm16_of_24_khz_is_found(hz: int) -> None:
    samples = [round(8000 * math.sin(2 * math.pi * hz * n / 24_000)) for n in range(24_000)]
    assert find_pcm16(pack(samples)) is not None


@pytest.mark.parametrize("offset", [0, 1])
def test_no_voice_in_mu_law_is_taken_for_pcm16(offset: int) -> None:
    taken = [name for name, audio in VOICES.items() if any(map(is_pcm16, list_windows(audio[offset:])))]
    assert taken == []


@pytest.mark.parametrize("level", [0.001, 0.01, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("phase", [0.0, math.pi / 4, math.pi / 2, 1.0])
def test_no_tone_in_mu_law_is_taken_for_pcm16(level: float, phase: float) -> None:
    taken = [hz for hz in range(50, 4001, 50) if any(map(is_pcm16, list_windows(make_sine(hz, level, phase))))]
    assert taken == []


@pytest.mark.parametrize("hz", [1000, 2000, 3000, 4000])
@pytest.mark.parametrize("phase", [0.0, math.pi / 4, math.pi / 2])
def test_no_tone_whose_period_is_two_or_four_samples_is_taken_for_pcm16(hz: int, phase: float) -> None:
    for offset in (0, -3000, 3000, -100, 100):
        for wobble_hz in (3.0, 17.0, 200.0):
            tone = make_sine(hz, 0.4, phase, wobble_hz, offset)
            assert not any(map(is_pcm16, list_windows(tone))), (offset, wobble_hz)


@pytest.mark.parametrize("loudness", [1, 10, 100, 1000, 10_000, 100_000])
@pytest.mark.parametrize("offset", [0, 50, -1000])
def test_no_noise_in_mu_law_is_taken_for_pcm16(loudness: int, offset: int) -> None:
    chance = random.Random(loudness)  # noqa: S311 - the same noise each time
    noise = mulaw.from_pcm16(pack([round(chance.gauss(offset, loudness)) for _ in range(16_000)]))
    assert not any(map(is_pcm16, list_windows(noise)))


CHANCE = random.Random(1)  # noqa: S311 - the same bytes each time
STILL = {
    "silence": b"\xff" * 8000,
    "the other zero": b"\x7f" * 8000,
    "both zeros in turn": b"\xff\x7f" * 4000,
    "both zeros at random": bytes(CHANCE.choice(b"\xff\x7f") for _ in range(8000)),
    "comfort noise": bytes(CHANCE.choice(b"\xff\x7f\xfe\x7e\xfd\x7d") for _ in range(8000)),
    "random bytes": CHANCE.randbytes(8000),
    "a digital milliwatt": bytes.fromhex("1e0b0b1e9e8b8b9e") * 1000,
    "a square wave": (b"\x00" * 20 + b"\x80" * 20) * 200,
    "zeros, which are PCM16's silence": bytes(8000),
    "a dial tone": mulaw.tone(1000, 350, 440),
    "a ring-back tone": mulaw.tone(1000, 440, 480),
    "a chord": mulaw.tone(1000, 261.6, 329.6, 392.0, 523.2, level=0.9),
    "keys": b"".join(mulaw.tone(100, low, high) for low in (697, 941) for high in (1209, 1477, 1633)),
}


@pytest.mark.parametrize("name", list(STILL))
def test_silence_tones_and_comfort_noise_are_not_taken_for_pcm16(name: str) -> None:
    assert not any(map(is_pcm16, list_windows(STILL[name])))
    assert find_pcm16(STILL[name]) is None


def test_a_second_of_speech_in_mu_law_is_all_that_is_looked_at() -> None:
    for name, audio in VOICES.items():
        check = AudioCheck()
        check.observe(encode(audio[: CLEAR_WINDOWS * WINDOW_BYTES]))
        assert check.over, name


def test_of_silence_six_seconds_are_looked_at() -> None:
    check = AudioCheck()
    check.observe(encode(mulaw.silence(WINDOWS * WINDOW_BYTES // 8 - 1)))
    assert not check.over
    check.observe(encode(mulaw.silence(1)))
    assert check.over


@pytest.mark.parametrize("payload", [b"", b'""', b"null", b"5", b'"A"', b'"not base64!"', b'"\xff\xff\xff\xff"'])
def test_what_is_no_audio_is_left_for_others_to_refuse(payload: bytes) -> None:
    assert not AudioCheck().observe(payload)
