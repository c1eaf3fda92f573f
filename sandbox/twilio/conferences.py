"""`<Dial><Conference>`: calls join a conference, where everybody hears everybody else, and leave it.

https://www.twilio.com/docs/voice/twiml/conference. Simpler than Twilio: of `waitUrl` only None (music) and ""
(silence) make a difference; nobody coaches, holds or records.
"""

from datetime import UTC, datetime
from email.utils import format_datetime

from sandbox.twilio.audio_sources import Loop, Silence
from sandbox.twilio.calls import Call
from sandbox.twilio.conference_room import ConferenceRoom, Participant
from sandbox.twilio.events import ConferenceJoined, ConferenceLeft
from sandbox.twilio.nouns import Conference
from sandbox.twilio.twiml import Document


async def join(call: Call, noun: Conference, document: Document, limit_ms: int) -> None:
    """Be in the conference until it ends, `limit_ms` is over, or the task is cancelled. A full one ends at once."""
    rooms = call.network.conferences
    room = rooms.setdefault(noun.text, ConferenceRoom(noun.text))
    if len(room.participants) >= noun.max_participants:
        return
    waiting = Silence() if noun.wait_url == "" else Loop(call.network.sounds.waiting)
    participant = Participant(call.line, noun, room, waiting)
    membership = _Membership(call, participant, document)
    membership.enter()
    try:
        with call.line.hearing(participant):
            async with call.network.clock.timeout(limit_ms):
                await participant.ended.wait()
    except TimeoutError:
        pass
    finally:
        membership.leave()
        if not room.participants and rooms.get(room.name) is room:
            del rooms[room.name]


class _Membership:
    """One call's time in a conference, and its own status callback about it."""

    def __init__(self, call: Call, participant: Participant, document: Document) -> None:
        self._call = call
        self._participant = participant
        self._document = document
        self._room = participant.room
        self._noun = participant.noun

    def enter(self) -> None:
        room = self._room
        room.participants.append(self._participant)
        self._call.note(ConferenceJoined(room.name))
        self._report("join", "participant-join")
        if self._noun.beep in ("true", "onEnter"):
            room.play_beep(self._call.network.sounds.beep)
        if room.may_start:
            room.started = True
            self._report("start", "conference-start")

    def leave(self) -> None:
        room = self._room
        room.participants.remove(self._participant)
        self._call.note(ConferenceLeft(room.name))
        self._report("leave", "participant-leave")
        if self._noun.beep in ("true", "onExit"):
            room.play_beep(self._call.network.sounds.beep)
        if self._noun.end_conference_on_exit:
            for other in room.participants:
                other.ended.set()
        if not room.participants:
            self._report("end", "conference-end")

    def _report(self, event: str, full_name: str) -> None:
        """To the status callback, if it asked for `event`."""
        noun, room = self._noun, self._room
        if noun.status_callback is None or event not in noun.status_callback_event.split():
            return
        parameters = {
            "AccountSid": self._call.network.account_sid,
            "ConferenceSid": room.sid,
            "FriendlyName": room.name,
            "StatusCallbackEvent": full_name,
            "SequenceNumber": str(room.callbacks_sent),
            "Timestamp": format_datetime(datetime.now(UTC)),
        }
        if event in ("join", "leave"):
            parameters |= self._make_parameters()
        room.callbacks_sent += 1
        self._call.post(noun.status_callback_method, self._document.to_absolute(noun.status_callback), parameters)

    def _make_parameters(self) -> dict[str, str]:
        noun = self._noun
        parameters = {
            "CallSid": self._call.sid,
            "Muted": str(noun.muted).lower(),
            "Hold": "false",
            "Coaching": "false",
            "StartConferenceOnEnter": str(noun.start_conference_on_enter).lower(),
            "EndConferenceOnExit": str(noun.end_conference_on_exit).lower(),
        }
        if noun.participant_label is not None:
            parameters["ParticipantLabel"] = noun.participant_label
        return parameters
