"""Sound of a call as a WAV file that every browser plays."""

import io
import wave
from functools import cache

_HZ = 8000


def encode_wav(audio: bytes) -> bytes:
    """Mu-law at 8 kHz, one channel, as a file with 16-bit samples: not every player knows mu-law."""
    samples = _make_table()
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(_HZ)
        wav.writeframes(b"".join([samples[each] for each in audio]))
    return file.getvalue()


@cache
def _make_table() -> tuple[bytes, ...]:
    return tuple(_expand(each).to_bytes(2, "little", signed=True) for each in range(256))


def _expand(byte: int) -> int:
    """ITU-T G.711, mu-law: sign, three bits of exponent, four of mantissa, all inverted; scaled to 16 bits."""
    inverted = byte ^ 0xFF
    magnitude = (((inverted & 0x0F) << 3) + 0x84) << ((inverted >> 4) & 7)
    return 0x84 - magnitude if inverted & 0x80 else magnitude - 0x84
