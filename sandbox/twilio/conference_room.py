"""A conference: who is in it, and what each of them hears. `conferences.py` lets calls join and leave.

A conference begins when two are in it and one of them has `startConferenceOnEnter`; before that they hear music.
"""

import asyncio
from dataclasses import dataclass, field

from sandbox.speech import mulaw
from sandbox.twilio.audio_sources import Clip, Source
from sandbox.twilio.line import Line
from sandbox.twilio.nouns import Conference
from sandbox.twilio.sids import make_sid


class ConferenceRoom:
    """It is gone when the last participant leaves."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sid = make_sid("CF")
        self.participants: list[Participant] = []
        self.started = False
        self.callbacks_sent = 0

    @property
    def may_start(self) -> bool:
        return (
            not self.started
            and len(self.participants) > 1
            and any(each.noun.start_conference_on_enter for each in self.participants)
        )

    def play_beep(self, sound: bytes) -> None:
        for participant in self.participants:
            participant.beep = Clip(sound, speech=False)


@dataclass(eq=False, slots=True)
class Participant:
    """One call in a conference, and what it hears there: a `Source`."""

    line: Line
    noun: Conference
    room: ConferenceRoom
    waiting: Source
    beep: Clip | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)  # by somebody's endConferenceOnExit

    @property
    def speech(self) -> bool:
        return self.room.started and self.beep is None

    def next_frame(self) -> bytes:
        heard = self._mix_others() if self.room.started else self.waiting.next_frame()
        if self.beep is None:
            return heard
        frame = self.beep.next_frame()
        if self.beep.played.is_set():
            self.beep = None
        return mulaw.mix(heard, frame)

    def _mix_others(self) -> bytes:
        voices = [each.line.spoken for each in self.room.participants if each is not self and not each.noun.muted]
        mixed = mulaw.SILENT_FRAME
        for voice in voices:
            if voice != mulaw.SILENT_FRAME:
                mixed = voice if mixed == mulaw.SILENT_FRAME else mulaw.mix(mixed, voice)
        return mixed
