"""The audio of a session as it is on the wire, from and to the sandbox's own mu-law.

https://developers.openai.com/api/docs/guides/realtime-conversations: `audio/pcmu` is mu-law itself, `audio/pcm` is
16-bit little-endian PCM of 24 kHz, one channel. Simpler than a resampler: a sample of 8 kHz is the mean of three of
24 kHz, and the way back is a straight line from sample to sample.
"""

import struct
from typing import Literal

from sandbox.speech import mulaw

type Format = Literal["audio/pcmu", "audio/pcm"]

_GROUP_BYTES = 6  # three samples of 24 kHz, which are one of 8 kHz


class InputAudio:
    """Decodes the appends of one session, which may cut the audio anywhere."""

    def __init__(self) -> None:
        self._rest = b""

    def decode(self, sound: bytes, format_: Format) -> bytes:
        """As mu-law. PCM that is no whole sample of 8 kHz yet waits for the next append."""
        if format_ == "audio/pcmu":
            return sound
        sound = self._rest + sound
        end = len(sound) - len(sound) % _GROUP_BYTES
        self._rest = sound[end:]
        means = [sum(group) // 3 for group in struct.iter_unpack("<hhh", sound[:end])]
        return mulaw.from_pcm16(struct.pack(f"<{len(means)}h", *means))


class OutputAudio:
    """Encodes the deltas of one item."""

    def __init__(self, format_: Format) -> None:
        self._format = format_
        self._last = 0

    def encode(self, audio: bytes) -> bytes:
        """Mu-law as the session's format has it."""
        if self._format == "audio/pcmu":
            return audio
        samples: list[int] = []
        for (sample,) in struct.iter_unpack("<h", mulaw.to_pcm16(audio)):
            step = sample - self._last
            samples += (self._last + step // 3, self._last + 2 * step // 3, sample)
            self._last = sample
        return struct.pack(f"<{len(samples)}h", *samples)
