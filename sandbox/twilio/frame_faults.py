"""The caller's frames on their way to a media stream: a network that leaves out, loses, delays and reorders them.

What is asked for is `Call.frames`, a `FrameFaults`, which a test may change while the call runs; a call begins with
`Faults.frames`. So a line that sends nothing in silence is `FrameFaults(skip_silence=True)`, one that goes dead in the
midst of a sentence `call.frames = FrameFaults(lost=1.0)`.

Media Streams document neither what is sent in silence nor what becomes of a packet that is late; that such gaps
exist is reported by others. Here `media.timestamp` is always when the frame was spoken, so it jumps over what is
missing, and goes back where frames change places; `chunk` and `sequenceNumber` count what is sent, as it is sent, and
have no gaps. Keys, marks and `stop` are not held up.
"""

import random
from collections import deque
from collections.abc import Callable

from sandbox.speech import mulaw
from sandbox.twilio.faults import FrameFaults

_VOICE_ENERGY = 0.01  # as in phones.py: -40 dBFS

Frame = tuple[bytes, int]  # and its timestamp


class FramePath:
    """Of one stream; `faults` says what holds at the moment."""

    def __init__(self, faults: Callable[[], FrameFaults]) -> None:
        self._faults = faults
        self._random: random.Random | None = None
        self._seeded_for: FrameFaults | None = None
        self._waiting: deque[Frame] = deque()
        self._overtaken: Frame | None = None
        self._held_ms = 0
        self._quiet_ms = 0

    def send(self, frame: bytes, timestamp_ms: int) -> list[Frame]:
        """What arrives in the tick in which `frame` was spoken, in the order of arrival."""
        faults = self._faults()
        if faults is not self._seeded_for:
            self._seeded_for, self._random = faults, random.Random(faults.seed)  # noqa: S311 - not for secrets
        sent = not self._is_silence(frame, faults) and not self._draw(faults.lost)
        if sent:
            self._enqueue((frame, timestamp_ms), overtaken=self._draw(faults.reordered))
        if self._held_ms <= 0 and sent and self._draw(faults.delayed):
            self._held_ms = faults.delay_ms
        self._held_ms -= mulaw.FRAME_MS
        if self._held_ms > 0:
            return []
        arrived = list(self._waiting)
        self._waiting.clear()
        return arrived

    def _is_silence(self, frame: bytes, faults: FrameFaults) -> bool:
        voiced = frame != mulaw.SILENT_FRAME and mulaw.energy(frame) > _VOICE_ENERGY
        self._quiet_ms = 0 if voiced else self._quiet_ms + mulaw.FRAME_MS
        return faults.skip_silence and self._quiet_ms > faults.hangover_ms

    def _enqueue(self, frame: Frame, *, overtaken: bool) -> None:
        if overtaken and self._overtaken is None:
            self._overtaken = frame
            return
        self._waiting.append(frame)
        if self._overtaken is not None:
            self._waiting.append(self._overtaken)
            self._overtaken = None

    def _draw(self, share: float) -> bool:
        assert self._random is not None, "seeded by `send`"
        return share > 0 and self._random.random() < share
