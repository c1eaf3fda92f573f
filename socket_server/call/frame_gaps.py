"""Gaps in the caller's frames, and how much silence replaces them.

A line may send nothing while its caller is silent, and a network loses frames. The service measures time by the audio
that it gets: without audio, a turn of the caller does not end. So gaps are filled with silence. There are two signs of
a gap. By the clock: no frame comes, while the gap lasts. By the timestamps: a frame begins later than the frame before
it ended.

Silence that the clock has filled is subtracted from the gap that the timestamps show afterwards. If frames were late
and not lost, the filling was wrong. Then the clock waits longer in the next gaps, by the same time, up to `LATE_MS`,
until one gap has made up for it. So a line that stops and catches up again and again, as some do, is filled once and
not each time.

Timestamps decide nothing else, and are believed only as far as the clock allows. If they are missing or make no sense,
only the clock fills gaps.
"""

from collections.abc import Callable

from socket_server.twilio.media_stream import count_audio_bytes

FRAME_MS = 20
GAP_MS = 100  # no turn depends on shorter gaps: silence in the middle of a word would do more harm
MOST_MS = 2000  # at once, before a frame: longer than the service waits for the end of a turn
LATE_MS = 1000
JUMP_MS = 60_000  # forwards or back: then it is another clock, not a gap
STOOD_STILL_MS = 300  # from one look to the next: after a longer time, frames that came have not been read yet


class FrameGaps:
    """The gaps of one call."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        """`now_ms`: the clock. It is read when there is a gap, not for each frame."""
        self._now_ms = now_ms
        self._due: int | None = None
        """The timestamp that the next frame has if nothing is missing."""
        self._zero_ms = 0
        """When a frame of timestamp 0 would have come, by the clock, if it came as early as the earliest frame."""
        self._frame_ms = 0
        self._frame_chars = 0
        self._ahead_ms = 0
        """Silence that the clock has filled and no timestamp has confirmed yet."""
        self._late_ms = 0
        """The part of it that replaced frames which came later."""
        self._looked_ms: int | None = None
        self._heard_until_ms = 0
        """Frames and silence together, by the clock."""
        self._filling = False

    def observe(self, timestamp: int | None, audio: bytes) -> int:
        """A frame came, as base64 text. Returns the milliseconds of silence to send before it.

        None: it has no timestamp.
        """
        if len(audio) != self._frame_chars:
            self._frame_chars, self._frame_ms = len(audio), count_audio_bytes(audio) // 8
        if timestamp == self._due and timestamp is not None:
            self._due = timestamp + self._frame_ms
            return 0
        return self._out_of_time(timestamp)

    def _out_of_time(self, timestamp: int | None) -> int:
        due, now_ms = self._due, self._now_ms()
        if timestamp is None or due is None or abs(timestamp - due) > JUMP_MS:
            self._due = None if timestamp is None else timestamp + self._frame_ms
            self._zero_ms = now_ms - (self._due or 0)
            self._ahead_ms = 0
            return 0
        self._due = max(due, timestamp + self._frame_ms)  # a frame older than an earlier one is only passed on
        missing_ms = max(0, timestamp - due)
        filled_ms = min(missing_ms, self._ahead_ms)
        self._ahead_ms -= filled_ms
        missing_ms -= filled_ms
        passed_ms = now_ms - self._zero_ms - (due + filled_ms) - self._frame_ms
        untrue_ms = max(0, missing_ms - max(0, passed_ms))
        self._zero_ms -= untrue_ms  # the same time is not counted as wrong twice
        missing_ms -= untrue_ms
        return _to_whole_frames(min(missing_ms, MOST_MS)) if missing_ms >= GAP_MS else 0

    def look(self, now_ms: int, *, came: bool) -> int:
        """How many milliseconds of silence to send now. `came`: a frame came since the last look, or none was due."""
        since_ms = 0 if self._looked_ms is None else now_ms - self._looked_ms
        if came or self._looked_ms is None:
            self._heard_until_ms = now_ms + self._frame_ms
            self._late_ms = min(self._ahead_ms, LATE_MS)
            self._zero_ms = min(self._zero_ms + self._ahead_ms - self._late_ms, now_ms - (self._due or 0))
            self._ahead_ms = self._late_ms
            self._filling = False
        elif since_ms > STOOD_STILL_MS:
            self._heard_until_ms += since_ms
        self._looked_ms = now_ms
        missing_ms = now_ms - self._heard_until_ms - self._late_ms
        if missing_ms < (FRAME_MS if self._filling else GAP_MS):
            return 0
        missing_ms = _to_whole_frames(missing_ms)
        self._filling = True
        self._heard_until_ms += missing_ms
        self._ahead_ms += missing_ms
        return missing_ms


def _to_whole_frames(ms: int) -> int:
    """The milliseconds as whole frames, as a line would send them."""
    return ms - ms % FRAME_MS
