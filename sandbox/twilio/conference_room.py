"""A conference: who is in it, and what each of them hears. `conferences.py` lets calls join and leave.

A conference begins when two are in it and one of them has `startConferenceOnEnter`; before that they hear music. It
ends when the last one leaves, or one with `endConferenceOnExit`; whoever joins its name then begins another one.
"""

import asyncio
from collections import deque
from contextlib import ExitStack
from dataclasses import dataclass, field

from sandbox.speech import mulaw
from sandbox.twilio.audio_sources import Clip, Source
from sandbox.twilio.commands import Callback
from sandbox.twilio.line import Line
from sandbox.twilio.nouns import Conference
from sandbox.twilio.phones import Phone
from sandbox.twilio.sids import make_sid

# https://www.twilio.com/docs/voice/twiml/conference#jitterbuffersize: the middle of each range of average latencies.
# "off" loses packets that are late, which there are none of here.
JITTER_BUFFER_MS = {"off": 0, "small": 180, "medium": 280, "large": 660}


@dataclass(slots=True)
class RoomRecording:
    """A recording of the conference, which is told to `callback`; `conference_recording.py` makes it."""

    call_sid: str
    callback: Callback | None
    trimmed: bool
    sid: str = field(default_factory=lambda: make_sid("RE"))
    line: Line = field(default_factory=lambda: Line(Phone("")))
    """Its phone hears everybody."""
    attached: ExitStack = field(default_factory=ExitStack)
    began: str = ""
    """When; "": not yet."""


class ConferenceRoom:
    """`began` is set once: it goes on though only one is left in it. Its events are told to `callback`."""

    def __init__(self, name: str, callback: Callback | None) -> None:
        self.name = name
        self.callback = callback
        self.callbacks_sent = 0
        self.sid = make_sid("CF")
        self.participants: list[Participant] = []
        self.began = asyncio.Event()
        self.ended_by: Participant | None = None
        """Who left with `endConferenceOnExit`."""
        self.recording: RoomRecording | None = None

    @property
    def may_start(self) -> bool:
        return (
            not self.began.is_set()
            and len(self.participants) > 1
            and any(each.noun.start_conference_on_enter for each in self.participants)
        )

    def play_beep(self, sound: bytes) -> None:
        for participant in self.participants:
            participant.beep = Clip(sound, speech=False)

    def end(self, by: "Participant") -> None:
        """Everybody drops out."""
        self.ended_by = by
        for participant in self.participants:
            participant.dropped.set()


@dataclass(eq=False, slots=True)
class Participant:
    """One call in a conference, and what it hears there: a `Source`."""

    line: Line
    call_sid: str
    noun: Conference
    room: ConferenceRoom
    waiting: Source
    beep: Clip | None = None
    dropped: asyncio.Event = field(default_factory=asyncio.Event)  # by somebody's endConferenceOnExit
    voice: bytes = mulaw.SILENT_FRAME
    """What the others hear of them in this tick: what they said before, as their jitter buffer lets it through."""
    _buffer: deque[bytes] = field(default_factory=deque)

    def __post_init__(self) -> None:
        frames = JITTER_BUFFER_MS[self.noun.jitter_buffer_size] // mulaw.FRAME_MS
        self._buffer.extend([mulaw.SILENT_FRAME] * frames)

    @property
    def speech(self) -> bool:
        return self.room.began.is_set() and self.beep is None

    def speak(self, frame: bytes) -> None:
        """For the line: what is said in this tick."""
        self._buffer.append(frame)
        self.voice = self._buffer.popleft()

    def next_frame(self) -> bytes:
        heard = self._mix_others() if self.room.began.is_set() else self.waiting.next_frame()
        if self.beep is None:
            return heard
        frame = self.beep.next_frame()
        if self.beep.played.is_set():
            self.beep = None
        return mulaw.mix(heard, frame)

    def _mix_others(self) -> bytes:
        return mix_voices([each for each in self.room.participants if each is not self])


def mix_voices(participants: list[Participant]) -> bytes:
    """Of those who are not muted."""
    mixed = mulaw.SILENT_FRAME
    for voice in (each.voice for each in participants if not each.noun.muted):
        if voice != mulaw.SILENT_FRAME:
            mixed = voice if mixed == mulaw.SILENT_FRAME else mulaw.mix(mixed, voice)
    return mixed
