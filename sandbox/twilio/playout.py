"""The buffer between a media stream's server and the party: audio of any size, marks between it, and `clear`.

As https://www.twilio.com/docs/voice/media-streams/websocket-messages says: a mark comes back when all audio before
it was played, at once when nothing is buffered, and on `clear`. The buffer has no bound. Audio that arrives late
leaves a gap of silence; there is no jitter buffer.
"""

from collections import deque
from collections.abc import Callable

from sandbox.speech import mulaw
from sandbox.twilio.events import MarkReason


class Playout:
    """A `Source` for the party. `returned` is called with every mark, once; `changed` with True at the first audio
    after silence and with False when all has been played or cleared."""

    speech = True

    def __init__(self, returned: Callable[[str, MarkReason], None], changed: Callable[[bool], None]) -> None:
        self._returned = returned
        self._changed = changed
        self._buffer = bytearray()
        self._taken = 0  # bytes that left the buffer and were heard
        self._marks: deque[tuple[int, str]] = deque()  # position in bytes, name
        self._playing = False  # the frame of the last tick carried audio and still sounds

    @property
    def buffered_ms(self) -> int:
        return mulaw.duration_ms(self._buffer)

    def add(self, sound: bytes) -> None:
        self._buffer += sound

    def mark(self, name: str) -> None:
        if not self._buffer and not self._playing:
            self._returned(name, "nothing_buffered")
        else:
            self._marks.append((self._taken + len(self._buffer), name))

    def clear(self) -> int:
        """Drop what was not played and return every mark; how many ms were dropped."""
        dropped_ms = self.buffered_ms
        self._buffer.clear()
        for _, name in self._take_marks(upto=None):
            self._returned(name, "cleared")
        self._stop()
        return dropped_ms

    def next_frame(self) -> bytes:
        # What was handed over in earlier ticks has sounded by now, and nothing else has.
        for _, name in self._take_marks(upto=self._taken):
            self._returned(name, "played")
        frame = bytes(self._buffer[: mulaw.FRAME_BYTES])
        if not frame:
            self._stop()
            return mulaw.SILENT_FRAME
        del self._buffer[: len(frame)]
        self._taken += len(frame)
        if not self._playing:
            self._playing = True
            self._changed(True)
        return frame.ljust(mulaw.FRAME_BYTES, bytes([mulaw.SILENCE_BYTE]))

    def _take_marks(self, upto: int | None) -> list[tuple[int, str]]:
        due: list[tuple[int, str]] = []
        while self._marks and (upto is None or self._marks[0][0] <= upto):
            due.append(self._marks.popleft())
        return due

    def _stop(self) -> None:
        if self._playing:
            self._playing = False
            self._changed(False)
