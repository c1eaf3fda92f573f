"""What a party can hear. Each is asked for one 20 ms frame a tick, and never ends by itself."""

import asyncio
from typing import Protocol

from sandbox.speech import mulaw


class Source(Protocol):
    """`speech` is False for the network's own tones, which nobody takes for a voice."""

    @property
    def speech(self) -> bool: ...

    def next_frame(self) -> bytes:
        """The next 160 bytes; called once a tick while it is connected."""


class Silence:
    speech = False

    def next_frame(self) -> bytes:
        return mulaw.SILENT_FRAME


class Clip:
    """Plays `sound` once, then silence; `played` is set when the last of it was heard."""

    def __init__(self, sound: bytes, *, speech: bool = True) -> None:
        self.speech = speech
        self.played = asyncio.Event()
        self._frames = mulaw.frames(sound)

    def next_frame(self) -> bytes:
        following = next(self._frames, None)
        if following is None:
            self.played.set()
            return mulaw.SILENT_FRAME
        return following


class Loop:
    """Plays `sound` over and over: ringback, waiting music."""

    def __init__(self, sound: bytes, *, speech: bool = False) -> None:
        self.speech = speech
        self._frames = tuple(mulaw.frames(sound))
        self._next = 0

    def next_frame(self) -> bytes:
        frame = self._frames[self._next]
        self._next = (self._next + 1) % len(self._frames)
        return frame


def render_ringback() -> bytes:
    """One period of North American ringback: 440 and 480 Hz, 2 s on, 4 s off."""
    return mulaw.tone(2000, 440, 480, level=0.2) + mulaw.silence(4000)


def render_waiting_music() -> bytes:
    """One period of the sound of a queue or conference that has not begun: three soft notes, then a rest."""
    return b"".join(mulaw.tone(400, hz, level=0.1) for hz in (262, 330, 392)) + mulaw.silence(1800)


def render_beep() -> bytes:
    return mulaw.tone(400, 1000, level=0.2)


def render_mock_speech(text: str) -> bytes:
    """The default voice of `<Say>`: a low chord, 60 ms a character; recognisable, not intelligible."""
    return mulaw.tone(60 * len(text), 180, 360, level=0.3)
