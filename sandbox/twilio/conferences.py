"""`<Dial><Conference>`: rooms where everybody hears everybody else.

https://www.twilio.com/docs/voice/twiml/conference. A room begins when two are in it and one of them has
`startConferenceOnEnter`; before that they hear music. Simpler than Twilio: of `waitUrl` only None (music) and ""
(silence) make a difference; nobody coaches, holds or records.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from sandbox.speech import mulaw
from sandbox.twilio.audio_sources import Clip, Loop, Silence, Source
from sandbox.twilio.events import ConferenceJoined, ConferenceLeft
from sandbox.twilio.network import new_sid
from sandbox.twilio.twiml import Document
from sandbox.twilio.verbs import Conference as Noun

if TYPE_CHECKING:
    from sandbox.twilio.calls import Call


class Conference:
    """A room; it is gone when the last member leaves."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sid = new_sid("CF")
        self.members: list[Member] = []
        self.started = False
        self.told = 0

    def beep(self, sound: bytes) -> None:
        for member in self.members:
            member.beep = Clip(sound, speech=False)


@dataclass(eq=False, slots=True)
class Member:
    """One call in a room, and what it hears there: a `Source`."""

    call: "Call"
    noun: Noun
    document: Document
    room: Conference
    waiting: Source
    beep: Clip | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)  # by somebody's endConferenceOnExit

    @property
    def speech(self) -> bool:
        return self.room.started and self.beep is None

    def frame(self) -> bytes:
        heard = self._others() if self.room.started else self.waiting.frame()
        if self.beep is None:
            return heard
        frame = self.beep.frame()
        if self.beep.played.is_set():
            self.beep = None
        return mulaw.mix(heard, frame)

    def _others(self) -> bytes:
        voices = [each.call.line.spoken for each in self.room.members if each is not self and not each.noun.muted]
        mixed = mulaw.SILENT_FRAME
        for voice in voices:
            if voice != mulaw.SILENT_FRAME:
                mixed = voice if mixed == mulaw.SILENT_FRAME else mulaw.mix(mixed, voice)
        return mixed


async def join(call: "Call", noun: Noun, document: Document, limit_ms: int) -> None:
    """Be in the room until it ends, `limit_ms` is over, or the task is cancelled. A full room ends at once."""
    rooms = call.network.conferences
    room = rooms.setdefault(noun.text, Conference(noun.text))
    if len(room.members) >= noun.max_participants:
        return
    waiting = Silence() if noun.wait_url == "" else Loop(call.network.sounds.waiting)
    member = Member(call, noun, document, room, waiting)
    _enter(member)
    try:
        with call.line.hearing(member):
            async with call.network.clock.timeout(limit_ms):
                await member.ended.wait()
    except TimeoutError:
        pass
    finally:
        _leave(member)
        if not room.members and rooms.get(room.name) is room:
            del rooms[room.name]


def _enter(member: Member) -> None:
    room = member.room
    room.members.append(member)
    member.call.note(ConferenceJoined(room.name))
    _tell(member, "join", "participant-join")
    if member.noun.beep in ("true", "onEnter"):
        room.beep(member.call.network.sounds.beep)
    if not room.started and len(room.members) > 1 and any(each.noun.start_conference_on_enter for each in room.members):
        room.started = True
        _tell(member, "start", "conference-start")


def _leave(member: Member) -> None:
    room = member.room
    room.members.remove(member)
    member.call.note(ConferenceLeft(room.name))
    _tell(member, "leave", "participant-leave")
    if member.noun.beep in ("true", "onExit"):
        room.beep(member.call.network.sounds.beep)
    if member.noun.end_conference_on_exit:
        for other in room.members:
            other.ended.set()
    if not room.members:
        _tell(member, "end", "conference-end")


def _tell(member: Member, event: str, full_name: str) -> None:
    """Report to the member's own status callback, if it asked for `event`."""
    noun, room = member.noun, member.room
    if noun.status_callback is None or event not in noun.status_callback_event.split():
        return
    parameters = {
        "AccountSid": member.call.network.account_sid,
        "ConferenceSid": room.sid,
        "FriendlyName": room.name,
        "StatusCallbackEvent": full_name,
        "SequenceNumber": str(room.told),
        "Timestamp": format_datetime(datetime.now(UTC)),
    }
    if event in ("join", "leave"):
        parameters |= {
            "CallSid": member.call.sid,
            "Muted": str(noun.muted).lower(),
            "Hold": "false",
            "Coaching": "false",
            "StartConferenceOnEnter": str(noun.start_conference_on_enter).lower(),
            "EndConferenceOnExit": str(noun.end_conference_on_exit).lower(),
        }
        if noun.participant_label is not None:
            parameters["ParticipantLabel"] = noun.participant_label
    room.told += 1
    member.call.post(noun.status_callback_method, member.document.absolute(noun.status_callback), parameters)
