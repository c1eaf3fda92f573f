"""The file of a recorded greeting: mu-law, 8000 samples a second, one channel, as the telephone network speaks it.

It is a WAV file or has only samples. Python's own `wave` cannot read mu-law.
Source: https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/WAVE.html.
"""

import re
import struct
from collections.abc import Iterator
from pathlib import Path

from socket_server.core.agent import Agent
from socket_server.core.errors import SettingError
from toml_faults import Fault
from toml_file import Rule

NAME = re.compile(r"[A-Za-z0-9._-]+\.(wav|ulaw|ul|raw)")
"""The endings that image/Makefile copies."""
RAW = (".ulaw", ".ul", ".raw")
OTHERS = (b"RIFF", b"ID3", b"OggS", b"fLaC")  # how files begin that are not only samples
BYTES_PER_SECOND = 8000
MAX_SECONDS = 60
MAX_FILE_BYTES = 2**20  # samples of the longest greeting, and a WAV file's other chunks
UNKNOWN_LENGTH = 2**32 - 1  # what a writer says that does not know the length
MU_LAW = 7
AS_EXPECTED = (MU_LAW, 1, BYTES_PER_SECOND)
MAKE_ONE = "make one with: ffmpeg -i IN -ar 8000 -ac 1 -c:a pcm_mulaw greeting.wav"


def make_recording_rule(folder: Path) -> Rule[Agent]:
    """Finds what is wrong with the recording that an agent's file in this folder names."""

    def find_recording_faults(agent: Agent) -> Iterator[Fault]:
        try:
            load_greeting_audio(agent, folder)
        except SettingError as error:
            yield Fault(("greeting_audio",), str(error))

    return find_recording_faults


def load_greeting_audio(agent: Agent, folder: Path) -> bytes:
    """The samples of this agent's greeting; b"" if it has none, SettingError if the file is missing or wrong.

    The folder is that of the agent's file.
    """
    if not agent.greeting_audio.strip():
        return b""
    if not NAME.fullmatch(agent.greeting_audio):
        raise SettingError(
            "expected the name of a file beside this one, of letters, digits, dots, _ and -, that ends in .wav, "
            f".ulaw, .ul or .raw, got {agent.greeting_audio!r}"
        )
    path = folder / agent.greeting_audio
    try:
        if (size := path.stat().st_size) > MAX_FILE_BYTES:
            raise SettingError(f"{path}: expected up to {MAX_SECONDS} s of audio, got a file of {size} bytes")
        return read_recording(path.read_bytes(), str(path))
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}") from error


def read_recording(data: bytes, name: str) -> bytes:
    """The samples in the bytes of a file. SettingError names the file and says what was expected and what came."""
    lower = name.lower()
    if lower.endswith(".wav"):
        audio = _read_samples(data, name)
    elif lower.endswith(RAW) and data.startswith(OTHERS):
        raise SettingError(f"{name}: expected bare mu-law samples, got {data[:4]!r} at the beginning; {MAKE_ONE}")
    elif lower.endswith(RAW):
        audio = data
    else:
        raise SettingError(f"{name}: expected a name that ends in .wav, {', '.join(RAW)}; {MAKE_ONE}")
    if not 0 < len(audio) <= MAX_SECONDS * BYTES_PER_SECOND:
        seconds = len(audio) / BYTES_PER_SECOND
        raise SettingError(f"{name}: expected more than 0 and up to {MAX_SECONDS} s of audio, got {seconds:g} s")
    return audio


def _read_samples(data: bytes, name: str) -> bytes:
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        came = f"one that begins with {data[:4]!r}" if data else "an empty one"
        raise SettingError(f"{name}: expected a WAV file, got {came}; {MAKE_ONE}")
    found: tuple[int, int, int] | None = None
    at = 12
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + size]
        if kind == b"fmt " and len(body) >= 8:
            found = struct.unpack_from("<HHI", body)
        elif kind == b"data" and found == AS_EXPECTED:
            if len(body) < size != UNKNOWN_LENGTH:
                raise SettingError(f"{name}: expected {size} bytes of samples, got {len(body)}: the file is cut off")
            return body
        at += 8 + size + size % 2  # chunks begin at even places
    came = "format {}, {} channels, {} Hz".format(*found) if found else "no format"
    missing = " and no samples" if found == AS_EXPECTED else ""
    raise SettingError(f"{name}: expected mu-law (format 7), one channel, 8000 Hz, got {came}{missing}; {MAKE_ONE}")
