"""sandbox.speech.mulaw: the companding against G.711's own values, and the arithmetic of frames."""

import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.speech import mulaw


@pytest.mark.parametrize(
    ("byte", "sample"),
    [
        (0xFF, 0),
        (0x7F, 0),
        (0x80, 32124),  # G.711 table 2a: the largest decoder output, 8031 of 14 bits
        (0x00, -32124),
        (0xF0, 120),
        (0xEF, 132),  # the first value of the second segment
        (0x8F, 16764),
    ],
)
def test_a_byte_decodes_to_the_value_of_the_standard(byte: int, sample: int) -> None:
    assert mulaw.to_pcm16(bytes([byte])) == sample.to_bytes(2, "little", signed=True)


def test_every_byte_survives_a_round_trip_save_the_second_zero() -> None:
    every = bytes(range(256))

    assert mulaw.from_pcm16(mulaw.to_pcm16(every)) == every.replace(b"\x7f", b"\xff")


@given(st.integers(-32768, 32767))
def test_companding_is_off_by_at_most_half_a_step_and_two_bits(sample: int) -> None:
    pcm = mulaw.to_pcm16(mulaw.from_pcm16(sample.to_bytes(2, "little", signed=True)))

    off_by = abs(int.from_bytes(pcm, "little", signed=True) - sample)
    # Half a step is a 32nd of the biased value; the companding starts by dropping two of the 16 bits.
    assert off_by <= max(abs(sample) / 32 + 8, abs(sample) - 32124)


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="3 bytes"):
        mulaw.from_pcm16(b"abc")


def test_silence_is_silent_for_as_long_as_asked() -> None:
    quiet = mulaw.silence(30)

    assert (mulaw.duration_ms(quiet), mulaw.energy(quiet)) == (30, 0.0)


def test_nothing_has_no_energy() -> None:
    assert mulaw.energy(b"") == 0.0


def test_a_tone_has_the_energy_of_its_peak_over_root_two() -> None:
    assert mulaw.energy(mulaw.tone(1000, 440, level=0.5)) == pytest.approx(0.5 / 2**0.5, rel=0.02)


def test_frames_fill_the_last_one_with_silence() -> None:
    whole, padded = mulaw.frames(b"\x10" * 200)

    assert (whole, padded) == (b"\x10" * 160, b"\x10" * 40 + b"\xff" * 120)


def test_mixing_with_silence_changes_nothing() -> None:
    speech = mulaw.tone(40, 300)

    assert mulaw.to_pcm16(mulaw.mix(mulaw.silence(20), speech)) == mulaw.to_pcm16(speech)


def test_a_mix_is_clipped_at_full_scale() -> None:
    assert mulaw.mix(b"\x80\x00", b"\x80\x00") == b"\x80\x00"


def test_a_wav_file_holds_the_same_samples(tmp_path: Path) -> None:
    speech = mulaw.tone(50, 440)

    mulaw.write_wav(tmp_path / "ear.wav", speech)

    with wave.open(str(tmp_path / "ear.wav")) as file:
        assert (file.getframerate(), file.getnchannels()) == (8000, 1)
        assert file.readframes(400) == mulaw.to_pcm16(speech)
