"""Finds out whether a model that promised mu-law sends PCM16 all the same.

Some servers of the Realtime protocol repeat `audio/pcmu` in `session.updated` and send 16-bit PCM. Played as mu-law it
is loud noise. The bytes tell the two apart. In little-endian PCM16 each second byte is the upper half of a sample. It
changes slowly and is mostly 0x00 and a little more, or 0xFF and a little less. The byte before it may be anything. In
mu-law, even and odd bytes are both samples, so they are alike. And they have no such preference: the top bit is the
sign, so what is near 0x00 and 0xFF is, for any sound that swings to both sides, half of all samples.

What it does not find: silence in PCM16, which is all zeros and no noise to the ear; A-law; big-endian PCM16.
"""

from binascii import a2b_base64

WINDOW_BYTES = 2000  # 42 ms of PCM16 at 24 kHz, a quarter of a second of mu-law
WINDOWS = 24  # looked at, at most: a second of PCM16 at 24 kHz. Speech may begin with silence
CLEAR_WINDOWS = 4  # of mu-law: a second of it
PCM16_WINDOWS = 2  # one would do by all that was tried; noise costs one more, a false alarm would cost a call

_SMALL_POSITIVE, _SMALL_NEGATIVE, _OTHER = b"p", b"n", b"x"
# What a byte is as the upper half of a sample: in the quarter of the range above zero, in that below it, or neither.
_CLASSES = _SMALL_POSITIVE * 64 + _OTHER * 128 + _SMALL_NEGATIVE * 64


class AudioCheck:
    """Looks at the beginning of what one session says."""

    def __init__(self) -> None:
        self.over = False
        """Nothing more needs to be looked at."""
        self._rest = b""
        self._looked_at = self._pcm16 = self._clear = 0

    def observe(self, payload: bytes) -> bool:
        """Whether this piece and those before it are PCM16. `payload`: base64 text in quotes."""
        try:
            audio = self._rest + a2b_base64(payload[1:-1])
        except ValueError:  # the relay refuses it
            return False
        start = 0
        while not self.over and start + WINDOW_BYTES <= len(audio):
            self._look(audio[start : start + WINDOW_BYTES])
            start += WINDOW_BYTES
        self._rest = audio[start:]
        return self._pcm16 >= PCM16_WINDOWS

    def _look(self, window: bytes) -> None:
        self._looked_at += 1
        if is_pcm16(window):
            self._pcm16 += 1
        elif is_balanced(window):
            self._clear += 1
        self.over = self._pcm16 >= PCM16_WINDOWS or self._clear >= CLEAR_WINDOWS or self._looked_at >= WINDOWS


def is_pcm16(window: bytes) -> bool:
    """Whether these bytes are certainly 16-bit little-endian PCM; False also for silence."""
    even, odd = window[::2], window[1::2]
    count = len(odd)
    zeros, ones = odd.count(b"\x00"), odd.count(b"\xff")
    if zeros + ones >= 0.95 * count and min(zeros, ones) >= 0.05 * count:
        return True  # quiet: as mu-law nothing but the loudest negative sample and zero
    upper, lower = odd.translate(_CLASSES), even.translate(_CLASSES)
    swings = min(upper.count(_SMALL_POSITIVE), upper.count(_SMALL_NEGATIVE)) >= 0.05 * count
    return swings and upper.count(_OTHER) <= 0.1 * count and lower.count(_OTHER) >= 0.25 * count


def is_balanced(window: bytes) -> bool:
    """Whether these bytes are certainly a sound in mu-law: even and odd ones are alike, and swing to both sides."""
    shares = [half.translate(_CLASSES).count(_OTHER) / len(half) for half in (window[::2], window[1::2])]
    return all(0.3 <= share <= 0.7 for share in shares)
