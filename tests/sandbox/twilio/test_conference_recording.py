"""sandbox.twilio.conference_recording: all voices of a conference, from when it begins to its end."""

import asyncio

import pytest
from twilio.rest import Client

from sandbox.speech import mulaw
from sandbox.twilio import Carrier, Phone, answers
from sandbox.twilio.audio_sources import render_waiting_music
from sandbox.twilio.events import ConferenceJoined, Recorded
from sandbox.twilio.phones import Script
from tests.sandbox.twilio.application import PERSON, VOICE, Application
from tests.sandbox.twilio.conference_calls import QUIET, have_joined, make_room, ring
from tests.sandbox.twilio.scripts import HANG_UP, VOICES, dial_in, leaves_after, once, stays

EVENTS = 'recordingStatusCallbackEvent="in-progress completed absent"'
RECORDS = f'record="record-from-start" recordingStatusCallback="{VOICE}/recorded" {EVENTS} jitterBufferSize="off"'
END = 'endConferenceOnExit="true" jitterBufferSize="off"'


async def meet(
    carrier: Carrier, client: Client, application: Application, room: str, person: Script = stays, of_person: str = END
) -> str:
    """A caller is in `room` until a person has come and gone; the CallSid."""
    application.answers |= {"/incoming": make_room(room), "/after": HANG_UP, "/recorded": ""}
    carrier.people[PERSON] = answers(once(carrier, ConferenceJoined, person, have_joined(carrier, 2)), after_ms=100)
    call = await dial_in(carrier)
    await carrier.events.wait_for(ConferenceJoined)
    await ring(client, make_room(f"{QUIET} {of_person}"))
    await call.wait_for_end()
    return call.sid


async def test_all_voices_are_recorded_from_the_beginning(
    carrier: Carrier, client: Client, application: Application
) -> None:
    async def person(phone: Phone) -> None:
        await phone.say(VOICES["person"])

    sid = await meet(carrier, client, application, f'beep="false" {RECORDS}', person)

    ((recording_sid, sound),) = carrier.recordings.items()
    assert sound == VOICES["person"]
    assert render_waiting_music()[:1600] not in sound
    assert carrier.recorded_calls[recording_sid] == sid
    assert carrier.events.of(Recorded) == [Recorded(recording_sid, mulaw.duration_ms(VOICES["person"]))]
    told = {form["RecordingStatus"]: form for form in application.list_forms("/recorded")}
    assert told.keys() == {"in-progress", "completed"}
    assert (told["completed"]["RecordingSid"], told["completed"]["RecordingSource"]) == (recording_sid, "Conference")
    assert told["completed"]["ConferenceSid"].startswith("CF")
    assert int(told["completed"]["RecordingDuration"]) == 1
    (listed,) = await asyncio.to_thread(client.recordings.list)
    assert listed.conference_sid == told["completed"]["ConferenceSid"]


async def test_silence_is_kept_if_asked(carrier: Carrier, client: Client, application: Application) -> None:
    room = f'{QUIET} {RECORDS} trim="do-not-trim"'
    await meet(carrier, client, application, room, leaves_after(500))

    (sound,) = carrier.recordings.values()
    assert sound == mulaw.silence(mulaw.duration_ms(sound))
    assert mulaw.duration_ms(sound) >= 400


async def test_of_silence_there_is_no_recording(carrier: Carrier, client: Client, application: Application) -> None:
    await meet(carrier, client, application, f"{QUIET} {RECORDS}", leaves_after(200))

    assert carrier.recordings == {}
    assert {form["RecordingStatus"] for form in application.list_forms("/recorded")} == {"in-progress", "absent"}


async def test_a_conference_that_does_not_begin_is_not_recorded(carrier: Carrier, application: Application) -> None:
    application.answers |= {"/incoming": make_room(f"{QUIET} {RECORDS}"), "/after": HANG_UP, "/recorded": ""}
    await (await dial_in(carrier, once(carrier, ConferenceJoined, leaves_after(300)))).wait_for_end()

    assert application.list_forms("/recorded") == []


@pytest.mark.parametrize("of_person", [END, f"{END} record='record-from-start'"])
async def test_only_the_first_participant_can_ask_for_it(
    carrier: Carrier, client: Client, application: Application, of_person: str
) -> None:
    await meet(carrier, client, application, QUIET, leaves_after(200), of_person)

    assert carrier.recordings == {}
    assert application.list_forms("/recorded") == []
