"""The tone that a caller hears while nobody can speak. It shows that the line is alive and somebody is at work.

Two short soft notes, mu-law at 8000 samples a second. It needs no language and no model.
Source of the encoding: ITU-T G.711.
"""

from math import pi, sin

RATE = 8000
NOTE_MS, GAP_MS = 120, 60
NOTES_HZ = (440, 550)
PEAK = 2600  # of 32767: 22 dB below full scale, softer than speech
RISE_MS = 15  # without this, each note begins and ends with a click
BIAS, LOUDEST = 132, 32_635

ITEM = "tone"
RESPONSE = "tone"
"""The ledger needs a response; this id stands for the missing one."""


def _encode(sample: int) -> int:
    """One sample of 16 bits as mu-law."""
    magnitude = min(abs(sample), LOUDEST) + BIAS
    exponent = magnitude.bit_length() - 8
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    return ~((0x80 if sample < 0 else 0) | exponent << 4 | mantissa) & 0xFF


def _note(hertz: int) -> bytes:
    count, rise = NOTE_MS * RATE // 1000, RISE_MS * RATE // 1000
    envelope = (min(1.0, n / rise, (count - n) / rise) for n in range(count))
    return bytes(_encode(round(PEAK * level * sin(2 * pi * hertz * n / RATE))) for n, level in enumerate(envelope))


TONE = (b"\xff" * (GAP_MS * RATE // 1000)).join(_note(hertz) for hertz in NOTES_HZ)
