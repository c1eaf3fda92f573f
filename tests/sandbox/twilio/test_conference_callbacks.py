"""sandbox.twilio.conference_callbacks: what is told of a conference, and to whom."""

import asyncio

import pytest
from twilio.rest import Client

from sandbox.twilio import Carrier, answers
from sandbox.twilio.calls import Call
from sandbox.twilio.errors import TwimlError
from sandbox.twilio.events import ConferenceJoined, ConferenceLeft
from sandbox.twilio.twiml import parse
from tests.sandbox.twilio.application import PERSON, VOICE, Application
from tests.sandbox.twilio.conference_calls import QUIET, have_joined, make_room, ring
from tests.sandbox.twilio.scripts import HANG_UP, dial_in, stays

CALLBACK = f'statusCallback="{VOICE}/room" statusCallbackEvent="start end join leave"'
END = 'endConferenceOnExit="true"'


async def meet(carrier: Carrier, client: Client, application: Application, of_person: str = "") -> tuple[Call, Call]:
    """A caller and a person in one room. The caller is there first, and its callback counts."""
    first = make_room(f'{QUIET} {CALLBACK} participantLabel="caller"')
    application.answers |= {"/incoming": first, "/after": HANG_UP, "/room": "", "/other": ""}
    carrier.people[PERSON] = answers(stays, after_ms=100)
    caller = await dial_in(carrier)
    await carrier.events.wait_for(ConferenceJoined)
    person = await ring(client, make_room(f"{QUIET} {of_person}"))
    await carrier.events.wait_for(ConferenceJoined, have_joined(carrier, 2))
    return caller, carrier.calls[person]


def read_told(application: Application) -> list[dict[str, str]]:
    return sorted(application.list_forms("/room"), key=lambda form: int(form["SequenceNumber"]))


async def test_the_first_participants_callback_tells_who_comes_and_goes(
    carrier: Carrier, client: Client, application: Application
) -> None:
    others = f'statusCallback="{VOICE}/other" statusCallbackEvent="join leave end" muted="true"'
    caller, person = await meet(carrier, client, application, others)
    person.hang_up("party")
    await person.wait_for_end()
    caller.hang_up("party")
    await caller.wait_for_end()

    told = read_told(application)
    assert [(form["StatusCallbackEvent"], form.get("CallSid")) for form in told] == [
        ("participant-join", caller.sid),
        ("participant-join", person.sid),
        ("conference-start", None),
        ("participant-leave", person.sid),
        ("participant-leave", caller.sid),
        ("conference-end", None),
    ]
    assert [form["SequenceNumber"] for form in told] == ["0", "1", "2", "3", "4", "5"]
    assert {(form["FriendlyName"], form["ConferenceSid"][:2]) for form in told} == {("talk", "CF")}
    assert (told[0]["ParticipantLabel"], told[0]["Muted"], told[1]["Muted"]) == ("caller", "false", "true")
    assert told[-1]["ReasonConferenceEnded"] == "last-participant-left"
    assert (told[-1]["CallSidEndingConference"], told[-1]["ParticipantLabelEndingConference"]) == (caller.sid, "caller")
    assert application.list_forms("/other") == []


async def test_who_hangs_up_and_whom_it_ends_have_their_reasons(
    carrier: Carrier, client: Client, application: Application
) -> None:
    caller, person = await meet(carrier, client, application, END)
    person.hang_up("party")
    await caller.wait_for_end()

    told = read_told(application)[3:]
    assert [(form.get("ReasonParticipantLeft"), form.get("ParticipantCallStatus")) for form in told] == [
        ("participant_hung_up", "completed"),
        ("moderator_ended_conference", "in-progress"),
        (None, None),
    ]
    assert told[-1]["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert told[-1]["CallSidEndingConference"] == person.sid


async def test_who_is_moved_by_rest_has_that_as_reason(
    carrier: Carrier, client: Client, application: Application
) -> None:
    caller, person = await meet(carrier, client, application)
    await asyncio.to_thread(lambda: client.calls(person.sid).update(twiml=HANG_UP))
    await person.wait_for_end()
    caller.hang_up("api")
    await caller.wait_for_end()

    reasons = [form.get("ReasonParticipantLeft") for form in read_told(application)[3:5]]
    assert reasons == ["participant_updated_via_api", "participant_hung_up"]


async def test_who_hears_no_wait_document_has_not_been_added(carrier: Carrier, application: Application) -> None:
    room = make_room(f'beep="false" waitUrl="{VOICE}/missing" {CALLBACK}')
    application.answers |= {"/incoming": room, "/after": HANG_UP, "/room": ""}
    await (await dial_in(carrier)).wait_for_end()

    assert [form.get("ReasonParticipantLeft") for form in read_told(application)] == [
        None,
        "participant_add_failed",
        None,
    ]


async def test_events_that_were_not_asked_for_are_not_told(carrier: Carrier, application: Application) -> None:
    room = make_room(f'{QUIET} statusCallback="{VOICE}/room"')
    application.answers |= {"/incoming": room, "/after": HANG_UP, "/room": ""}
    call = await dial_in(carrier)
    await carrier.events.wait_for(ConferenceJoined)
    call.hang_up("api")
    await carrier.events.wait_for(ConferenceLeft)
    await call.wait_for_end()

    assert application.list_forms("/room") == []


def test_an_event_that_twilio_has_not_is_refused() -> None:
    with pytest.raises(TwimlError) as refused:
        parse('<Response><Dial><Conference statusCallbackEvent="join ring">a</Conference></Dial></Response>')

    assert refused.value.code == 12200
