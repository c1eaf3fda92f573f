"""Sound of a call as a WAV file that every browser plays."""

import io
import wave
from functools import cache

_HZ = 8000


def encode_wav(audio: bytes) -> bytes:
    """Mu-law at 8 kHz, one channel, as a file with 16-bit samples: not every player knows mu-law."""
    low, high = _make_tables()
    samples = bytearray(2 * len(audio))
    # Ten minutes take milliseconds so: the loop that serves them may carry a call's audio, too.
    samples[0::2], samples[1::2] = audio.translate(low), audio.translate(high)
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(_HZ)
        wav.writeframes(samples)
    return file.getvalue()


@cache
def _make_tables() -> tuple[bytes, bytes]:
    """The low and the high byte of each sample."""
    samples = [_expand(each).to_bytes(2, "little", signed=True) for each in range(256)]
    return bytes(each[0] for each in samples), bytes(each[1] for each in samples)


def _expand(byte: int) -> int:
    """ITU-T G.711, mu-law: sign, three bits of exponent, four of mantissa, all inverted; scaled to 16 bits."""
    inverted = byte ^ 0xFF
    magnitude = (((inverted & 0x0F) << 3) + 0x84) << ((inverted >> 4) & 7)
    return 0x84 - magnitude if inverted & 0x80 else magnitude - 0x84
