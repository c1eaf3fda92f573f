"""When a voice speaks, from its audio alone: spans that begin with enough loud frames and end with enough quiet ones.

Made for 50 frames a second on every line: silence costs a comparison, sound a sum of 160 numbers.
"""

from dataclasses import dataclass

from sandbox.speech import mulaw

# -40 dBFS: above what mu-law makes of a quiet line, far below a voice; as `phones.py` and the demo have it.
_SOUND = 0.01
# -54 dBFS: a voice begins softly. What is as soft and not followed by a voice is none.
_SOFT = 0.002
_SOFT_ONSET_MS = 100
_ONSET_FRAMES = 3
"""60 ms: a click is shorter."""
_HANGOVER_MS = 500
"""A shorter pause is one between words."""


def measure(frame: bytes) -> float:
    """The energy of 20 ms of mu-law, from 0 to 1; of silence at no cost."""
    return 0.0 if frame == mulaw.SILENT_FRAME else mulaw.energy(frame)


def is_loud(energy: float) -> bool:
    """Whether a frame of this energy has a sound in it that one hears."""
    return energy > _SOUND


@dataclass(slots=True)
class SpeechSpan:
    """From the first sound to the last one so far."""

    from_ms: int
    until_ms: int
    open: bool = True
    """It has not been quiet for long enough."""


class SpeechDetector:
    """One voice. `spans` has those that there were, in the order of time."""

    def __init__(self) -> None:
        self.spans: list[SpeechSpan] = []
        self._loud_frames = 0  # without a quiet one between
        self._sound_from_ms: int | None = None  # since when there is any, however soft

    def hear(self, at_ms: int, energy: float) -> None:
        """The frame that begins at `at_ms`; frames come in the order of time."""
        if energy <= _SOFT:
            self._sound_from_ms = None
        elif self._sound_from_ms is None:
            self._sound_from_ms = at_ms
        if is_loud(energy):
            self._take_sound(at_ms)
        else:
            self._loud_frames = 0
            if self.spans and self.spans[-1].open and at_ms - self.spans[-1].until_ms >= _HANGOVER_MS:
                self.spans[-1].open = False

    def end(self) -> None:
        """The line is dead."""
        if self.spans:
            self.spans[-1].open = False

    def _take_sound(self, at_ms: int) -> None:
        self._loud_frames += 1
        until_ms = at_ms + mulaw.FRAME_MS
        if self.spans and self.spans[-1].open:
            self.spans[-1].until_ms = until_ms
        elif self._loud_frames == _ONSET_FRAMES:
            loud_from_ms = until_ms - _ONSET_FRAMES * mulaw.FRAME_MS
            soft_from_ms = loud_from_ms if self._sound_from_ms is None else self._sound_from_ms
            self.spans.append(SpeechSpan(max(soft_from_ms, loud_from_ms - _SOFT_ONSET_MS), until_ms))
