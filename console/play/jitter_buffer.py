"""Evens out when the frames of a page come: a browser sends several at once, and then none for a while."""

from collections import deque

from sandbox.speech import mulaw

_HOLD_FRAMES = 3  # 60 ms: a worklet hands over 20 ms at a time, and a busy page is late by two of them
_USUAL_FRAMES = 2 * _HOLD_FRAMES
_MOST_FRAMES = 25  # half a second: nobody talks well with more delay, and what is older is dropped
_QUIET_ENERGY = 0.005  # as in `speech.recognition`: line noise, not speech


class JitterBuffer:
    """Frames of 20 ms in, at any time; one out in each tick of the line, silence when there is none.

    After a pause the first frame is held back for 60 ms, so that the next ones may be late. Where more than 120 ms
    wait, because the line stood still or the page's clock is faster, quiet frames are left out, which nobody hears.
    """

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque(maxlen=_MOST_FRAMES)
        self._hold = _HOLD_FRAMES

    def put(self, frame: bytes) -> None:
        """Take a frame; the oldest one goes if half a second waits."""
        if len(self._frames) < _USUAL_FRAMES or mulaw.energy(frame) > _QUIET_ENERGY:
            self._frames.append(frame)

    def take(self) -> bytes:
        """The frame of this tick."""
        if self._frames and self._hold:
            self._hold -= 1
        elif self._frames:
            return self._frames.popleft()
        else:
            self._hold = _HOLD_FRAMES
        return mulaw.SILENT_FRAME

    def clear(self) -> None:
        """Forget what was not said yet."""
        self._frames.clear()
