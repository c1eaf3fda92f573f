"""What can be heard on one leg, tick by tick: when its party speaks, when they hear the assistant, when it is quiet.

Times are those at which the ticks are due, on the carrier's clock: one that comes late, on a busy machine, changes
nothing, as in the recordings.
"""

from collections.abc import Callable

from console.local.speech_spans import SpeechDetector, is_loud, measure
from sandbox.speech import mulaw
from sandbox.twilio.line import Line
from sandbox.twilio.playout import Playout

_SILENCE_MS = 500  # shorter ones are pauses between words


class LegEar:
    """Listens from the moment at which the line is connected."""

    def __init__(self, line: Line, tick_ms: Callable[[], int]) -> None:
        self.voice = SpeechDetector()
        """The party's own."""
        self.assistant = SpeechDetector()
        """What they hear of a media stream: neither ringback nor what Twilio says itself."""
        self.silences: list[tuple[int, int]] = []
        """From when to when they heard nothing and said nothing: each of half a second or longer."""
        self.from_ms: int | None = None
        """When the first frame was heard; None: the line was never connected."""
        self._line = line
        self._tick_ms = tick_ms
        self._until_ms = 0  # of the newest frame
        self._quiet_from_ms: int | None = None
        line.tap(self._hear)

    @property
    def heard(self) -> bytes:
        """All that was heard, mu-law."""
        return self._line.phone.heard

    def end(self) -> None:
        """The line is dead."""
        self.voice.end()
        self.assistant.end()
        self._end_silence(self._until_ms)

    def _hear(self, spoken: bytes, heard: bytes) -> None:
        at_ms, said, sounds = self._tick_ms(), measure(spoken), measure(heard)
        self.from_ms = at_ms if self.from_ms is None else self.from_ms
        self._until_ms = at_ms + mulaw.FRAME_MS
        self.voice.hear(at_ms, said)
        self.assistant.hear(at_ms, sounds if isinstance(self._line.source, Playout) else 0.0)
        if is_loud(said) or is_loud(sounds):
            self._end_silence(at_ms)
        elif self._quiet_from_ms is None:
            self._quiet_from_ms = at_ms

    def _end_silence(self, at_ms: int) -> None:
        if self._quiet_from_ms is not None and at_ms - self._quiet_from_ms >= _SILENCE_MS:
            self.silences.append((self._quiet_from_ms, at_ms))
        self._quiet_from_ms = None
