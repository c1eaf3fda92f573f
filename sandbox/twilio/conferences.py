"""`<Dial><Conference>`: calls join a conference, where everybody hears everybody else, and leave it.

https://www.twilio.com/docs/voice/twiml/conference. Before it begins a participant hears the document at `waitUrl`,
once: it may say, play, pause and redirect (13238), and silence follows unless it redirects to itself. Without a
`waitUrl` they hear music. A participant who cannot join goes on at the action or with the next verb: the conference is
full (16020), the label is taken (16025), the account has too many calls (16021, `Faults.refused_joins`), or the request
to the `waitUrl` fails. A call that has joined goes on there too when the conference ends without it, at the time limit
of its `<Dial>`, and after "*" with `hangupOnStar`.

Believed: DialCallStatus is `failed` for who could not join, and ReasonParticipantLeft is `participant_hung_up` for who
left by a limit or "*". Simpler than Twilio: a `waitUrl` answers with TwiML, not with a sound; beeps are not heard over
it; nobody coaches or holds.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from sandbox.twilio import conference_callbacks as callbacks
from sandbox.twilio import conference_recording as recording
from sandbox.twilio import errors
from sandbox.twilio.audio_sources import Loop, Silence
from sandbox.twilio.calls import Call
from sandbox.twilio.conference_callbacks import Left
from sandbox.twilio.conference_room import ConferenceRoom, Participant
from sandbox.twilio.errors import TwilioError
from sandbox.twilio.events import ConferenceJoined, ConferenceLeft, ErrorLogged
from sandbox.twilio.nouns import Conference
from sandbox.twilio.twiml import Document
from sandbox.twilio.verbs import Dial
from sandbox.twilio.wait_documents import play_wait_document
from sandbox.twilio.wait_for_any import wait_for_any


async def join(call: Call, verb: Dial, noun: Conference, document: Document) -> bool:
    """Be in the conference until it ends, until the time limit, or until the task is cancelled; False: did not join."""
    room = call.network.conferences.get(noun.text)
    refused = _find_refusal(call, room, noun)
    if refused is not None:
        call.note(ErrorLogged(refused.code, refused.detail))
        return False
    if room is None:
        room = ConferenceRoom(noun.text, callbacks.read_callback(noun, document))
        call.network.conferences[room.name] = room
        room.recording = recording.prepare(call, noun, document)
    membership = _Membership(call, verb, noun, room)
    membership.enter()
    left: Left = "participant_hung_up"
    try:
        left = await membership.stay(document)
    except asyncio.CancelledError:
        left = "participant_hung_up" if call.hung_up else "participant_updated_via_api"
        raise
    finally:
        membership.leave(left)
    return left != "participant_add_failed"


def _find_refusal(call: Call, room: ConferenceRoom | None, noun: Conference) -> TwilioError | None:
    """Why the call may not join; None: it may."""
    if call.network.faults.refused_joins:
        call.network.faults.refused_joins -= 1
        return TwilioError(errors.NO_JOIN_AT_LIMIT, "the account is at its limit of concurrent calls")
    if room is None:
        return None
    if len(room.participants) >= noun.max_participants:
        return TwilioError(errors.CONFERENCE_FULL, f"the conference {room.name!r} is full")
    if noun.participant_label in {each.noun.participant_label for each in room.participants} - {None}:
        return TwilioError(errors.LABEL_TAKEN, f"the label {noun.participant_label!r} is taken")
    return None


class _Membership:
    """One call's time in a conference."""

    def __init__(self, call: Call, verb: Dial, noun: Conference, room: ConferenceRoom) -> None:
        waiting = Silence() if noun.wait_url == "" else Loop(call.network.sounds.waiting)
        self._participant = Participant(call.line, call.sid, noun, room, waiting)
        self._call = call
        self._verb = verb
        self._room = room
        self._noun = noun
        self._star = asyncio.Event()

    def enter(self) -> None:
        room = self._room
        room.participants.append(self._participant)
        self._call.note(ConferenceJoined(room.name))
        callbacks.report_join(self._call, self._participant)
        if self._noun.beep in ("true", "onEnter"):
            room.play_beep(self._call.network.sounds.beep)
        if room.may_start:
            room.began.set()
            recording.begin(self._call, room)
            callbacks.report_start(self._call, room)

    async def stay(self, document: Document) -> Left:
        """Wait for the conference to begin, and take part in it."""
        try:
            with self._taking_star(), self._call.line.listening(self._participant.speak):
                async with self._call.network.clock.timeout(self._verb.time_limit * 1000):
                    await self._wait_for_begin(document)
                    if self._room.began.is_set():
                        self._call.phone.bridged.set()
                    with self._call.line.hearing(self._participant):
                        await wait_for_any(self._participant.dropped, self._star)
        except TwilioError as error:
            self._call.note(ErrorLogged(error.code, error.detail))
            return "participant_add_failed"
        except TimeoutError:
            pass
        return "moderator_ended_conference" if self._participant.dropped.is_set() else "participant_hung_up"

    def leave(self, reason: Left) -> None:
        room, participant = self._room, self._participant
        room.participants.remove(participant)
        self._call.note(ConferenceLeft(room.name))
        callbacks.report_leave(self._call, participant, reason)
        if self._noun.beep in ("true", "onExit"):
            room.play_beep(self._call.network.sounds.beep)
        if self._noun.end_conference_on_exit and room.ended_by is None:
            room.end(participant)
        if not room.participants:
            callbacks.report_end(self._call, room, room.ended_by or participant)
        if room.ended_by or not room.participants:
            recording.end(self._call, room)
            if (rooms := self._call.network.conferences).get(room.name) is room:
                del rooms[room.name]  # nobody joins it any more

    async def _wait_for_begin(self, document: Document) -> None:
        """Hear what there is to hear until the conference begins, or is over before."""
        if self._room.began.is_set():
            return
        begun = asyncio.ensure_future(wait_for_any(self._room.began, self._participant.dropped, self._star))
        if not self._noun.wait_url:
            with self._call.line.hearing(self._participant):
                await begun
            return
        url = document.to_absolute(self._noun.wait_url)
        playing = asyncio.ensure_future(play_wait_document(self._call, url, self._noun.wait_method))
        try:
            await asyncio.wait((playing, begun), return_when=asyncio.FIRST_COMPLETED)
            if playing.done():
                playing.result()  # raises
            await begun
        finally:
            playing.cancel()
            begun.cancel()
            await asyncio.wait((playing,))

    @contextmanager
    def _taking_star(self) -> Iterator[None]:
        def take(key: str) -> None:
            if key == "*":
                self._star.set()

        with self._call.line.taking_keys(take) if self._verb.hangup_on_star else nullcontext():
            yield
