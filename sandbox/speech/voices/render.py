"""Renders every line of `lines.toml` into NAME.ulaw: `make voices`.

The synthesiser is the program flite, which has to be installed (README.md says why this one). It speaks at 16 kHz; a
telephone line takes 8 kHz. The same flite makes the same files on every run.
"""

import math
import shutil
import struct
import subprocess
import sys
import tempfile
import tomllib
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from pathlib import Path

from sandbox.speech.mulaw import SAMPLE_RATE_HZ, from_pcm16
from sandbox.speech.voices.lines import FOLDER, Line, load_lines

_EDGE_MS = 10  # of fading at both ends, so that nothing clicks
_QUIET = 0.015  # of the line's peak: less than that at an end is silence, not speech
_HIGHEST_HZ = 3600  # of what a telephone line passes on
_TAPS = 127


class RenderError(Exception):
    """The lines could not be rendered; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """How one of the three sounds; see `lines.toml`."""

    voice: str
    pace: float
    brightness: float
    level_db: float


def main() -> int:
    """Render all lines and say how much came of it; the exit status."""
    speakers = load_speakers()
    try:
        flite = find_flite({speaker.voice for speaker in speakers.values()})
        rendered = {line.name: render_line(flite, speakers[line.who], line) for line in load_lines().values()}
    except RenderError as error:
        print(error, file=sys.stderr)
        return 1
    for name, audio in rendered.items():
        (FOLDER / f"{name}.ulaw").write_bytes(audio)
    for path in FOLDER.glob("*.ulaw"):
        if path.stem not in rendered:
            path.unlink()
    total_bytes = sum(map(len, rendered.values()))
    print(f"{len(rendered)} lines, {total_bytes / SAMPLE_RATE_HZ:.0f} s, {total_bytes / 1e6:.2f} MB")
    return 0


def load_speakers() -> dict[str, Speaker]:
    """Each of the three by their name."""
    tables = tomllib.loads((FOLDER / "lines.toml").read_text())["speakers"]
    return {name: Speaker(**table) for name, table in tables.items()}


def find_flite(voices: set[str], search_path: str | None = None) -> str:
    """Return flite's path; raises RenderError if it is not installed, or lacks one of the voices.

    `search_path` has the form of PATH, which it stands in for; None: PATH itself.
    """
    flite = shutil.which("flite", path=search_path)
    if flite is None:
        raise RenderError("make voices needs flite (Debian: apt-get install flite), and it was not found on PATH.")
    listed = subprocess.run([flite, "-lv"], capture_output=True, text=True, check=False)
    missing = voices - set(listed.stdout.split())
    if missing:
        raise RenderError(f"{flite} has no voice {', '.join(sorted(missing))}; it says: {listed.stdout.strip()!r}.")
    return flite


def render_line(flite: str, speaker: Speaker, line: Line) -> bytes:
    """Return the line as mu-law; raises RenderError if flite can not say it."""
    spoken = _synthesise(flite, speaker, line.text)
    if not any(spoken):
        raise RenderError(f"flite makes no sound of {line.text!r}.")
    samples = _halve_rate(_brighten(spoken, speaker.brightness))
    samples = _set_level(_trim(samples), speaker.level_db)
    return from_pcm16(struct.pack(f"<{len(samples)}h", *map(round, samples)))


def _synthesise(flite: str, speaker: Speaker, text: str) -> Sequence[float]:
    """Return what flite says, as 16-bit samples at 16 kHz."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "said.wav")
        pace = ["--setf", f"duration_stretch={speaker.pace}"]
        command = [flite, "-voice", speaker.voice, *pace, "-t", text, "-o", str(path)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode or not path.exists():
            raise RenderError(f"flite could not say {text!r} (exit status {run.returncode}): {run.stderr.strip()}")
        with wave.open(str(path)) as file:
            form = file.getnchannels(), file.getsampwidth(), file.getframerate()
            pcm = file.readframes(file.getnframes())
    if form != (1, 2, 2 * SAMPLE_RATE_HZ):
        raise RenderError(f"voice {speaker.voice}: expected one channel of 16-bit samples at 16 kHz, got {form}")
    return struct.unpack(f"<{len(pcm) // 2}h", pcm)


def _brighten(samples: Sequence[float], brightness: float) -> list[float]:
    """Raise high frequencies, as a handset's microphone does."""
    return [sample - brightness * before for sample, before in zip(samples, (0.0, *samples), strict=False)]


def _halve_rate(samples: Sequence[float]) -> list[float]:
    """Drop every other sample, after what lies above `_HIGHEST_HZ` was filtered out: it would be folded down."""
    taps = _low_pass(_HIGHEST_HZ / (2 * SAMPLE_RATE_HZ))
    around = [0.0] * (len(taps) // 2)
    padded = [*around, *samples, *around]
    return [sum(map(mul, taps, padded[at : at + len(taps)])) for at in range(0, len(samples), 2)]


def _low_pass(cut_off: float) -> list[float]:
    """Return the taps of a filter (windowed sinc, Blackman); `cut_off` is a fraction of the sampling rate."""
    taps = []
    for index in range(_TAPS):
        offset, turn = index - (_TAPS - 1) / 2, 2 * math.pi * index / (_TAPS - 1)
        ideal = math.sin(2 * math.pi * cut_off * offset) / (math.pi * offset) if offset else 2 * cut_off
        taps.append(ideal * (0.42 - 0.5 * math.cos(turn) + 0.08 * math.cos(2 * turn)))
    total = sum(taps)
    return [tap / total for tap in taps]


def _trim(samples: Sequence[float]) -> list[float]:
    """Cut the silence before and after the speech, and fade what is left in and out."""
    peak = max(map(abs, samples))
    loud = [index for index, sample in enumerate(samples) if abs(sample) > _QUIET * peak]
    trimmed = list(samples[loud[0] : loud[-1] + 1])
    edge = _EDGE_MS * SAMPLE_RATE_HZ // 1000
    for index in range(edge):
        trimmed[index] *= index / (edge - 1)
        trimmed[-1 - index] *= index / (edge - 1)
    return trimmed


def _set_level(samples: Sequence[float], level_db: float) -> list[float]:
    """Bring the line to its speaker's level, without clipping its peaks."""
    rms = math.sqrt(sum(sample * sample for sample in samples) / len(samples))
    gain = min(32767 * 10 ** (level_db / 20) / rms, 0.98 * 32767 / max(map(abs, samples)))
    return [gain * sample for sample in samples]


if __name__ == "__main__":
    sys.exit(main())
