"""sandbox.openai.audio_formats: PCM of 24 kHz is the same sound as mu-law, three times as many samples."""

import struct
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.openai.audio_formats import InputAudio, OutputAudio
from sandbox.speech.mulaw import energy, silence, to_pcm16, tone

TONE = tone(200, 440)


def count_crossings(audio: bytes) -> int:
    """How often the sound passes from negative to positive: its frequency."""
    samples = struct.unpack(f"<{len(audio)}h", to_pcm16(audio))
    return sum(one < 0 <= following for one, following in pairwise(samples))


def test_mu_law_is_passed_on_as_it_is() -> None:
    assert InputAudio().decode(TONE, "audio/pcmu") == TONE
    assert OutputAudio("audio/pcmu").encode(TONE) == TONE


def test_pcm_has_48_bytes_a_millisecond() -> None:
    assert len(OutputAudio("audio/pcm").encode(TONE)) == 200 * 48
    assert len(InputAudio().decode(bytes(200 * 48), "audio/pcm")) == 200 * 8


def test_silence_stays_silence() -> None:
    assert OutputAudio("audio/pcm").encode(silence(20)) == bytes(20 * 48)
    assert energy(InputAudio().decode(bytes(20 * 48), "audio/pcm")) == 0


def test_a_tone_keeps_its_pitch_and_its_loudness_both_ways() -> None:
    back = InputAudio().decode(OutputAudio("audio/pcm").encode(TONE), "audio/pcm")

    assert abs(count_crossings(back) - count_crossings(TONE)) <= 1
    assert energy(back) == pytest.approx(energy(TONE), rel=0.05)


def test_a_sound_above_the_telephones_band_becomes_softer() -> None:
    samples = struct.pack("<2400h", *([20000, -20000] * 1200))  # 12 kHz

    assert energy(InputAudio().decode(samples, "audio/pcm")) < 20000 / 32768 / 2


def test_deltas_are_joined_without_a_step() -> None:
    output = OutputAudio("audio/pcm")

    assert output.encode(TONE[:800]) + output.encode(TONE[800:]) == OutputAudio("audio/pcm").encode(TONE)


@given(sound=st.binary(max_size=300), cuts=st.lists(st.integers(0, 300), max_size=4))
def test_appends_may_cut_the_audio_anywhere(sound: bytes, cuts: list[int]) -> None:
    audio, places = InputAudio(), [0, *sorted(cuts), len(sound)]
    pieces = [sound[start:end] for start, end in pairwise(places)]

    decoded = b"".join(audio.decode(piece, "audio/pcm") for piece in pieces)

    assert decoded == InputAudio().decode(sound, "audio/pcm")
    assert len(decoded) == len(sound) // 6
