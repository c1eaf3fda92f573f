"""sandbox.twilio.conferences: rooms in which calls meet."""

import asyncio
from collections.abc import Callable

from twilio.rest import Client

from sandbox.speech import mulaw
from sandbox.twilio import Carrier, Phone, answers
from sandbox.twilio.audio_sources import render_beep, render_waiting_music
from sandbox.twilio.events import CallEnded, ConferenceJoined, ConferenceLeft
from tests.sandbox.twilio.application import NUMBER, PERSON, VOICE, Application
from tests.sandbox.twilio.scripts import VOICES, dial_in, leaves_after, once, says, stays

QUIET = 'beep="false" waitUrl=""'


def make_room(attributes: str = QUIET, name: str = "talk", after: str = "") -> str:
    dial = f'<Dial action="{VOICE}/after"><Conference {attributes}>{name}</Conference></Dial>'
    return f"<Response>{dial}{after}</Response>"


def have_joined(carrier: Carrier, members: int) -> Callable[[ConferenceJoined], bool]:
    """Whether so many have joined by now."""
    return lambda _: len(carrier.events.of(ConferenceJoined)) == members


async def ring(client: Client, twiml: str) -> str:
    call = await asyncio.to_thread(lambda: client.calls.create(to=PERSON, from_=NUMBER, twiml=twiml))
    return str(call.sid)


async def test_two_calls_hear_each_other(carrier: Carrier, client: Client, application: Application) -> None:
    application.answers |= {"/incoming": make_room(), "/after": "<Response/>"}
    both_in = have_joined(carrier, 2)

    async def caller(phone: Phone) -> None:
        await phone.say(VOICES["caller"])
        await phone.wait_for_speech()
        await phone.wait_for_silence(200)

    carrier.people[PERSON] = answers(once(carrier, ConferenceJoined, replies, both_in), after_ms=100)
    call = await dial_in(carrier, once(carrier, ConferenceJoined, caller, both_in))
    await ring(client, make_room('beep="false" endConferenceOnExit="true"'))
    report = await call.wait_for_end()

    assert VOICES["person"] in report.heard
    assert VOICES["caller"] in carrier.people[PERSON].phones[0].heard


async def replies(phone: Phone) -> None:
    await phone.wait_for_speech()
    await phone.wait_for_silence(200)
    await phone.say(VOICES["person"])
    await phone.stay()


async def test_alone_one_hears_music(carrier: Carrier, application: Application) -> None:
    application.answers |= {"/incoming": make_room('beep="false"'), "/after": "<Response/>"}
    report = await (await dial_in(carrier, once(carrier, ConferenceJoined, leaves_after(3500)))).wait_for_end()

    assert render_waiting_music() in report.heard


async def test_alone_one_hears_silence_if_asked(carrier: Carrier, application: Application) -> None:
    application.answers |= {"/incoming": make_room(), "/after": "<Response/>"}
    report = await (await dial_in(carrier, once(carrier, ConferenceJoined, leaves_after(1000)))).wait_for_end()

    assert report.heard.endswith(mulaw.silence(900))


async def test_a_newcomer_is_announced_by_a_beep(carrier: Carrier, application: Application) -> None:
    application.answers |= {"/incoming": make_room('waitUrl=""'), "/after": "<Response/>"}
    report = await (await dial_in(carrier, once(carrier, ConferenceJoined, leaves_after(1000)))).wait_for_end()

    assert mulaw.to_pcm16(render_beep()) in mulaw.to_pcm16(report.heard)


async def test_the_room_begins_with_whom_it_waits_for(
    carrier: Carrier, client: Client, application: Application
) -> None:
    waiting = make_room(f'{QUIET} startConferenceOnEnter="false"')
    application.answers |= {"/incoming": waiting, "/after": "<Response/>"}
    carrier.people[PERSON] = answers(once(carrier, ConferenceJoined, says(VOICES["person"])), after_ms=100)
    call = await dial_in(carrier)
    await carrier.events.wait_for(ConferenceJoined)
    sid = await ring(client, waiting)
    await carrier.events.wait_for(ConferenceJoined, have_joined(carrier, 2))
    carrier.calls[sid].hang_up("api")
    call.hang_up("api")
    report = await call.wait_for_end()

    assert VOICES["person"] not in report.heard


async def test_who_ends_the_room_ends_it_for_all(carrier: Carrier, client: Client, application: Application) -> None:
    application.answers |= {"/incoming": make_room(), "/after": "<Response><Hangup/></Response>"}
    both_in = have_joined(carrier, 2)
    carrier.people[PERSON] = answers(once(carrier, ConferenceJoined, leaves_after(200), both_in), after_ms=100)
    call = await dial_in(carrier)
    await carrier.events.wait_for(ConferenceJoined)
    await ring(client, make_room(f'{QUIET} endConferenceOnExit="true"'))
    report = await call.wait_for_end()

    (form,) = [each for each in application.list_forms("/after") if each["CallSid"] == call.sid]
    assert form["DialCallStatus"] == "answered"
    assert not {"DialCallSid", "DialBridged", "DialCallDuration"} & form.keys()
    assert report.ended_by == "document"


async def test_a_muted_member_is_not_heard(carrier: Carrier, client: Client, application: Application) -> None:
    application.answers |= {"/incoming": make_room(), "/after": "<Response/>"}
    both_in = have_joined(carrier, 2)

    async def person(phone: Phone) -> None:
        await phone.say(VOICES["person"])

    carrier.people[PERSON] = answers(once(carrier, ConferenceJoined, person, both_in), after_ms=100)
    call = await dial_in(carrier)
    await carrier.events.wait_for(ConferenceJoined)
    await ring(client, make_room(f'{QUIET} muted="true"'))
    await carrier.events.wait_for(ConferenceLeft)
    call.hang_up("api")
    report = await call.wait_for_end()

    assert VOICES["person"] not in report.heard


async def test_a_full_room_is_left_at_once(carrier: Carrier, client: Client, application: Application) -> None:
    application.answers |= {"/incoming": make_room(f'{QUIET} maxParticipants="2"'), "/after": "<Response/>"}
    carrier.people[PERSON] = answers(stays, after_ms=100)
    first = await dial_in(carrier)
    await carrier.events.wait_for(ConferenceJoined)
    await ring(client, make_room(f'{QUIET} maxParticipants="2"'))
    await carrier.events.wait_for(ConferenceJoined, have_joined(carrier, 2))

    third = await (await dial_in(carrier)).wait_for_end()
    first.hang_up("api")

    assert third.ended_by == "document"
    assert len(carrier.events.of(ConferenceJoined)) == 2


async def test_status_callbacks_tell_who_comes_and_goes(
    carrier: Carrier, client: Client, application: Application
) -> None:
    callback = f'statusCallback="{VOICE}/room" statusCallbackEvent="start end join leave" participantLabel="me"'
    application.answers |= {"/incoming": make_room(f"{QUIET} {callback}"), "/after": "<Response/>", "/room": ""}
    carrier.people[PERSON] = answers(once(carrier, ConferenceJoined, leaves_after(200)), after_ms=100)
    call = await dial_in(carrier)
    await carrier.events.wait_for(ConferenceJoined)
    await ring(client, make_room(f"{QUIET} {callback}"))
    await carrier.events.wait_for(ConferenceLeft)
    call.hang_up("api")
    await call.wait_for_end()

    told = {form["SequenceNumber"]: form["StatusCallbackEvent"] for form in application.list_forms("/room")}
    assert [told[str(n)] for n in range(len(told))] == [
        "participant-join",
        "participant-join",
        "conference-start",
        "participant-leave",
        "participant-leave",
        "conference-end",
    ]
    assert {form["FriendlyName"] for form in application.list_forms("/room")} == {"talk"}


async def test_a_call_is_moved_out_of_a_room_by_rest(
    carrier: Carrier, client: Client, application: Application
) -> None:
    application.answers |= {"/incoming": make_room(), "/after": "<Response/>"}
    call = await dial_in(carrier)
    await carrier.events.wait_for(ConferenceJoined)

    await asyncio.to_thread(lambda: client.calls(call.sid).update(twiml="<Response><Hangup/></Response>"))
    report = await call.wait_for_end()

    kinds = [type(event.what) for event in report.events]
    assert kinds.index(ConferenceLeft) < kinds.index(CallEnded)
    assert application.list_forms("/after") == []


async def test_a_room_has_the_time_limit_of_its_dial(carrier: Carrier, application: Application) -> None:
    document = make_room().replace("<Dial ", '<Dial timeLimit="2" ')
    application.answers |= {"/incoming": document, "/after": "<Response><Hangup/></Response>"}
    await (await dial_in(carrier)).wait_for_end()

    assert [form["DialCallStatus"] for form in application.list_forms("/after")] == ["answered"]
    assert carrier.events.of(ConferenceLeft) == [ConferenceLeft("talk")]
