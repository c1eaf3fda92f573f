"""Telephone audio as bytes: G.711 mu-law, 8 kHz, one channel, one byte a sample.

Everything in the sandbox that is called `audio` has this format, so 8 bytes are one millisecond and 160 bytes
are one frame. PCM (16 bit, little-endian, signed) appears only where a recogniser or a WAV file wants it. No
resampling and no clocks here. The companding follows ITU-T G.711.
"""

import math
import struct
import wave
from collections.abc import Iterator
from pathlib import Path

SAMPLE_RATE_HZ = 8000
BYTES_PER_MS = SAMPLE_RATE_HZ // 1000
FRAME_MS = 20
FRAME_BYTES = FRAME_MS * BYTES_PER_MS
SILENCE_BYTE = 0xFF  # +0 in mu-law; 0x7F is the other zero
SILENT_FRAME = bytes([SILENCE_BYTE]) * FRAME_BYTES

# G.711 compands 14-bit samples after adding 33, so that every segment's top bit lies where its number says.
_BIAS = 33
_CLIP = 8158


def silence(ms: int) -> bytes:
    """`ms` milliseconds of digital silence."""
    return bytes([SILENCE_BYTE]) * (ms * BYTES_PER_MS)


def duration_ms(audio: bytes | bytearray) -> int:
    """How long `audio` sounds, in whole milliseconds, rounded down."""
    return len(audio) // BYTES_PER_MS


def tone(ms: int, *hz: float, level: float = 0.3) -> bytes:
    """Sine waves of the given frequencies, added up; `level` is the peak, 1.0 being full scale."""
    amplitude = level * 32767 / len(hz)
    turns = [2 * math.pi * each / SAMPLE_RATE_HZ for each in hz]
    samples = (round(amplitude * sum(math.sin(turn * n) for turn in turns)) for n in range(ms * BYTES_PER_MS))
    return bytes(_ENCODED[(sample >> 2) & 0x3FFF] for sample in samples)


def frames(audio: bytes) -> Iterator[bytes]:
    """`audio` in frames of 20 ms; the last one is filled up with silence."""
    for start in range(0, len(audio), FRAME_BYTES):
        yield audio[start : start + FRAME_BYTES].ljust(FRAME_BYTES, bytes([SILENCE_BYTE]))


def energy(audio: bytes) -> float:
    """Root mean square of the samples, 0.0 (silence, or nothing at all) to 1.0 (full scale)."""
    if not audio:
        return 0.0
    return math.sqrt(sum(_SQUARES[byte] for byte in audio) / len(audio))


def mix(first: bytes, second: bytes) -> bytes:
    """Both at once, as long as the longer one; what exceeds full scale is clipped."""
    if len(first) < len(second):
        first, second = second, first
    pairs = zip(first, second, strict=False)
    both = (_DECODED[one] + _DECODED[other] for one, other in pairs)
    mixed = bytes(_ENCODED[(max(-32768, min(32767, sample)) >> 2) & 0x3FFF] for sample in both)
    return mixed + first[len(second) :]


def to_pcm16(audio: bytes) -> bytes:
    """The same sound as 16-bit little-endian PCM, two bytes a sample."""
    return struct.pack(f"<{len(audio)}h", *(_DECODED[byte] for byte in audio))


def from_pcm16(pcm: bytes) -> bytes:
    """16-bit little-endian PCM at 8 kHz as mu-law; raises `ValueError` if `pcm` ends in half a sample."""
    if len(pcm) % 2:
        raise ValueError(f"expected 16-bit samples, got {len(pcm)} bytes")
    return bytes(_ENCODED[(sample >> 2) & 0x3FFF] for (sample,) in struct.iter_unpack("<h", pcm))


def write_wav(path: Path, audio: bytes) -> None:
    """Leave `audio` at `path` as a WAV file (PCM 16 bit, 8 kHz, mono) that every player opens."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes(to_pcm16(audio))


def _decode(byte: int) -> int:
    bits = ~byte & 0xFF
    segment, step = bits >> 4 & 7, bits & 15
    magnitude = ((2 * step + _BIAS) << segment) - _BIAS
    return -4 * magnitude if bits & 0x80 else 4 * magnitude


def _encode(sample: int) -> int:
    """`sample` has 14 bits, as G.711 counts: a quarter of a 16-bit one."""
    biased = min(-sample if sample < 0 else sample, _CLIP) + _BIAS
    segment = biased.bit_length() - 6  # 33 to 63 lie in segment 0
    bits = segment << 4 | biased >> segment + 1 & 15
    return ~(bits | (0x80 if sample < 0 else 0)) & 0xFF


_DECODED = [_decode(byte) for byte in range(256)]
_SQUARES = [(sample / 32768) ** 2 for sample in _DECODED]
# Indexed by a 14-bit sample in two's complement: (sample16 >> 2) & 0x3FFF.
_ENCODED = bytes(_encode(index - 0x4000 if index & 0x2000 else index) for index in range(0x4000))
