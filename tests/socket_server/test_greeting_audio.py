"""The file of a recorded greeting."""

import struct
from pathlib import Path

import pytest

from socket_server.core.agent import Agent
from socket_server.core.errors import SettingError
from socket_server.greeting_audio import BYTES_PER_SECOND, MAX_FILE_BYTES, load_greeting_audio, read_recording

AUDIO = bytes(range(256)) * 10


def chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def wav(*chunks: bytes) -> bytes:
    return chunk(b"RIFF", b"WAVE" + b"".join(chunks))


def form(code: int = 7, channels: int = 1, rate: int = 8000) -> bytes:
    return chunk(b"fmt ", struct.pack("<HHIIHHH", code, channels, rate, rate, 1, 8, 0))


def test_the_samples_of_a_wav_file_are_read_whatever_else_is_in_it() -> None:
    data = wav(chunk(b"LIST", b"odd"), form(), chunk(b"fact", b"1234"), chunk(b"data", AUDIO), chunk(b"LIST", b""))
    assert read_recording(data, "hello.WAV") == AUDIO


def test_a_wav_file_whose_writer_did_not_know_its_length_is_read_to_the_end() -> None:
    data = wav(form()) + b"data\xff\xff\xff\xff" + AUDIO
    assert read_recording(data, "hello.wav") == AUDIO


@pytest.mark.parametrize("name", ["a.ulaw", "a.ul", "a.RAW"])
def test_bare_samples_are_taken_as_they_are(name: str) -> None:
    assert read_recording(AUDIO, name) == AUDIO


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (AUDIO, "hello.mp3", "expected a name that ends in .wav, .ulaw, .ul, .raw"),
        (AUDIO, "hello", "expected a name that ends in .wav"),
        (b"", "hello.wav", "expected a WAV file, got an empty one"),
        (b"ID3" + AUDIO, "hello.wav", "expected a WAV file, got one that begins with b'ID3"),
        (
            wav(form(), chunk(b"data", AUDIO))[:-100],
            "hello.wav",
            "expected 2560 bytes of samples, got 2460",
        ),
        (
            wav(form(), chunk(b"data", AUDIO)),
            "hello.ulaw",
            "expected bare mu-law samples, got b'RIFF'",
        ),
        (b"ID3" + AUDIO, "hello.raw", "expected bare mu-law samples"),
        (b"RIFF", "hello.wav", "expected a WAV file"),
        (wav(), "hello.wav", "got no format"),
        (wav(chunk(b"data", AUDIO)), "hello.wav", "got no format"),
        (wav(chunk(b"fmt ", b"1234"), chunk(b"data", AUDIO)), "hello.wav", "got no format"),
        (wav(form()), "hello.wav", "got format 7, 1 channels, 8000 Hz and no samples"),
        (wav(form(code=1), chunk(b"data", AUDIO)), "hello.wav", "got format 1, 1 channels, 8000 Hz;"),
        (wav(form(channels=2), chunk(b"data", AUDIO)), "hello.wav", "got format 7, 2 channels"),
        (wav(form(rate=16000), chunk(b"data", AUDIO)), "hello.wav", "16000 Hz"),
        (wav(form(), chunk(b"data", b"")), "hello.wav", "expected more than 0 and up to 60 s of audio, got 0 s"),
        (b"", "hello.raw", "expected more than 0 and up to 60 s of audio, got 0 s"),
        (bytes(61 * BYTES_PER_SECOND), "hello.raw", "up to 60 s of audio, got 61 s"),
    ],
)
def test_another_file_is_refused_with_what_was_expected_and_what_came(data: bytes, name: str, why: str) -> None:
    with pytest.raises(SettingError) as wrong:
        read_recording(data, name)
    assert str(wrong.value).startswith(f"{name}: ")
    assert why in str(wrong.value)


def test_a_file_far_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "hello.raw").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    agent = Agent("Be brief.", "Greet.", greeting_audio="hello.raw", greeting_text="Hello.")
    with pytest.raises(SettingError, match=f"expected up to 60 s of audio, got a file of {MAX_FILE_BYTES + 1} bytes"):
        load_greeting_audio(agent, tmp_path)


@pytest.mark.parametrize(
    "name", ["../a.wav", "audio/a.wav", "/a.wav", "A.WAV", "my a.wav", "a.mp3", "$(x).wav", "a\0.wav"]
)
def test_only_a_name_that_the_image_takes_along_is_a_recording(name: str, tmp_path: Path) -> None:
    agent = Agent("Be brief.", "Greet.", greeting_audio=name, greeting_text="Hello.")
    with pytest.raises(SettingError) as wrong:
        load_greeting_audio(agent, tmp_path)
    assert str(wrong.value).startswith("expected the name of a file beside this one, ")
    assert str(wrong.value).endswith(f"got {name!r}")
