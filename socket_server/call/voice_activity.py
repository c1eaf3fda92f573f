"""Whether the caller speaks, by the energy of the audio: a second opinion beside the service's turn detection.

It looks at one short piece of audio at a time, some ten a second. The loudness of speech changes from piece to piece,
even if it is soft; that of a car or a vacuum cleaner hardly does. So a piece is voiced if loudness has changed much in
the last second and a half, and the piece is not one of the softer ones of that time. Its level decides nothing else.
Noise that begins suddenly counts as a voice for that time. Music and voices in the background change like speech, so
they always count as a voice. These errors do little harm. The opposite error does more: the model would talk over a
caller who speaks.

Loudness is the mean of the mu-law codes without their sign. These codes are already logarithmic, 16 steps for 6 dB. In
steps, noise of -40 dB below full scale is 21, noise of -20 dB is 62, and the vowels of a voice on the telephone are 50
to 90. From piece to piece, noise of -20 dB changes by 2 steps, noise of -40 dB by 1, and speech of -45 dB by 5, even
with noise of 6 dB less.
"""

from collections import deque
from itertools import pairwise

PIECES = 15  # of the last second and a half
LEAST = 4  # softer is silence; this is noise of -58 dB
CHANGES = 30  # of all these pieces together, beside their mean, with which those of noise grow

_LOUDNESS = bytes(0x7F - (code & 0x7F) for code in range(256))


class VoiceActivity:
    """The voice activity of one caller."""

    def __init__(self, now_ms: int) -> None:
        """Nothing was heard before."""
        self._voiced_ms = now_ms
        self._latest: deque[int] = deque(maxlen=PIECES + 1)

    def observe(self, audio: bytes, now_ms: int) -> None:
        """A piece of the caller's audio, mu-law, some 20 ms long. Do not call it when no audio comes."""
        loudness = sum(audio.translate(_LOUDNESS)) // len(audio)
        self._latest.append(loudness)
        if loudness < LEAST:
            return
        mean = sum(self._latest) / len(self._latest)
        changes = sum(abs(after - before) for before, after in pairwise(self._latest))
        if loudness >= mean and changes >= CHANGES + mean:
            self._voiced_ms = now_ms

    def quiet_ms(self, now_ms: int) -> int:
        """How long no voice has been heard, whatever else was heard."""
        return now_ms - self._voiced_ms
