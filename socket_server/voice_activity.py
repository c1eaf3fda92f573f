"""Whether the caller speaks, by the energy of what came: a second opinion to the service's own word.

It looks at one short piece of audio at a time, some ten a second. Speech rises and falls within a second, and a car or
a vacuum cleaner does not: so a piece is voiced when it is loud, and louder than the quietest of the last seconds. Noise
that begins suddenly is taken for a voice until it has lasted so long; what rises and falls without being speech, as
music does, stays one.

Loudness is the mean of the mu-law codes without their sign: they are a logarithm already, 16 steps to 6 dB. In these
steps noise of -40 dB below full scale is 21, of -20 dB 62, and the vowels of a voice on the telephone 50 to 90.
"""

from collections import deque

PIECES = 30  # the quietest of them is the noise that the caller speaks against: three seconds
LEAST = 24  # softer is silence, or a line's own noise
ABOVE_NOISE = 24  # 9 dB

_LOUDNESS = bytes(0x7F - (code & 0x7F) for code in range(256))


class VoiceActivity:
    """One caller's."""

    def __init__(self, now_ms: int) -> None:
        """Nothing was heard before."""
        self._voiced_ms = now_ms
        self._latest: deque[int] = deque(maxlen=PIECES)

    def heard(self, audio: bytes, now_ms: int) -> None:
        """A piece of the caller's audio, mu-law, some 20 ms long; where no audio comes nothing is to be told."""
        loudness = sum(audio.translate(_LOUDNESS)) // len(audio)
        self._latest.append(loudness)
        if loudness >= LEAST and loudness >= min(self._latest) + ABOVE_NOISE:
            self._voiced_ms = now_ms

    def quiet_ms(self, now_ms: int) -> int:
        """For how long no voice has been heard, whatever else was."""
        return now_ms - self._voiced_ms
