"""A recording is a WAV file with the samples that G.711 says."""

import io
import wave

import pytest

from console.wav import encode_wav


def read(file: bytes) -> tuple[tuple[int, int, int], list[int]]:
    with wave.open(io.BytesIO(file)) as wav:
        frames = wav.readframes(wav.getnframes())
        shape = (wav.getnchannels(), wav.getsampwidth(), wav.getframerate())
    return shape, [int.from_bytes(frames[at : at + 2], "little", signed=True) for at in range(0, len(frames), 2)]


@pytest.mark.parametrize(
    ("byte", "sample"),
    # Both zeros, the smallest steps, and the loudest samples of both signs: ITU-T G.711, table 2, scaled to 16 bits.
    [(0xFF, 0), (0x7F, 0), (0xFE, 8), (0x7E, -8), (0xF0, 120), (0xEF, 132), (0x80, 32_124), (0x00, -32_124)],
)
def test_a_byte_becomes_the_sample_of_the_standard(byte: int, sample: int) -> None:
    assert read(encode_wav(bytes([byte]))) == ((1, 2, 8000), [sample])


def test_every_byte_becomes_one_sample() -> None:
    _, samples = read(encode_wav(bytes(range(256))))

    assert len(set(samples)) == 255  # zero has two bytes
    assert sorted(samples[:128]) == samples[:128]  # louder and louder below zero, in the order of the code


def test_no_sound_is_a_file_too() -> None:
    assert read(encode_wav(b"")) == ((1, 2, 8000), [])
