"""When something was heard: times read off the recording of an ear, not off anybody's word."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from sandbox.speech import mulaw

# Above what mu-law makes of a quiet line, below any voice or tone (-40 dBFS).
_SOUND = 0.01


@dataclass(frozen=True, slots=True)
class Sound:
    """A stretch of sound in a recording; `until_ms` is when it was last heard."""

    from_ms: int
    until_ms: int


def find_sounds(heard: bytes, *, pause_ms: int) -> tuple[Sound, ...]:
    """The stretches of sound, which shorter pauses than `pause_ms` do not end."""
    loud = list(_find_loud_frames(heard))
    if not loud:
        return ()
    ends = [index for index, (one, other) in enumerate(pairwise(loud)) if other - one > pause_ms]
    firsts = [loud[0], *(loud[index + 1] for index in ends)]
    lasts = [*(loud[index] for index in ends), loud[-1]]
    return tuple(Sound(first, last + mulaw.FRAME_MS) for first, last in zip(firsts, lasts, strict=True))


def find_first_sound_after(heard: bytes, at_ms: int) -> int | None:
    """When the first sound after `at_ms` began; None if there was none."""
    return next((start for start in _find_loud_frames(heard) if start >= at_ms), None)


def find_last_sound_before(heard: bytes, at_ms: int) -> int | None:
    """When the last sound before `at_ms` ended; None if there was none."""
    starts = [start for start in _find_loud_frames(heard) if start < at_ms]
    return starts[-1] + mulaw.FRAME_MS if starts else None


def _find_loud_frames(heard: bytes) -> Iterator[int]:
    """When each frame with sound begins."""
    for number, frame in enumerate(mulaw.frames(heard)):
        if frame != mulaw.SILENT_FRAME and mulaw.energy(frame) > _SOUND:
            yield number * mulaw.FRAME_MS
