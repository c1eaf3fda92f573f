"""Whether the caller speaks, by the energy of what came: a second opinion to the service's own word.

It looks at one short piece of audio at a time, some ten a second. Speech rises and falls from piece to piece, however
soft it is, and a car or a vacuum cleaner hardly does: so a piece is voiced when loudness has changed much in the last
second and a half, and the piece is none of the softer ones of that time. Its level decides nothing else. Noise that
begins suddenly is taken for a voice for so long; what rises and falls without being speech, as music or voices in the
background do, stays one. That is the harmless error: who is taken for quiet is talked over.

Loudness is the mean of the mu-law codes without their sign: they are a logarithm already, 16 steps to 6 dB. In these
steps noise of -40 dB below full scale is 21, of -20 dB 62, and the vowels of a voice on the telephone 50 to 90. From
piece to piece noise of -20 dB changes by 2 steps, of -40 dB by 1; speech of -45 dB by 5, with noise of 6 dB less.
"""

from collections import deque
from itertools import pairwise

PIECES = 15  # of the last second and a half
LEAST = 4  # softer is silence: noise of -58 dB
CHANGES = 30  # of all these pieces together, beside their mean, with which those of noise grow

_LOUDNESS = bytes(0x7F - (code & 0x7F) for code in range(256))


class VoiceActivity:
    """One caller's."""

    def __init__(self, now_ms: int) -> None:
        """Nothing was heard before."""
        self._voiced_ms = now_ms
        self._latest: deque[int] = deque(maxlen=PIECES + 1)

    def observe(self, audio: bytes, now_ms: int) -> None:
        """A piece of the caller's audio, mu-law, some 20 ms long; where no audio comes nothing is to be told."""
        loudness = sum(audio.translate(_LOUDNESS)) // len(audio)
        self._latest.append(loudness)
        if loudness < LEAST:
            return
        mean = sum(self._latest) / len(self._latest)
        changes = sum(abs(after - before) for before, after in pairwise(self._latest))
        if loudness >= mean and changes >= CHANGES + mean:
            self._voiced_ms = now_ms

    def quiet_ms(self, now_ms: int) -> int:
        """For how long no voice has been heard, whatever else was."""
        return now_ms - self._voiced_ms
