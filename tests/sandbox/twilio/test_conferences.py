"""sandbox.twilio.conferences: rooms in which calls meet."""

import asyncio

import pytest
from twilio.rest import Client

from sandbox.speech import mulaw
from sandbox.twilio import Carrier, Phone, answers
from sandbox.twilio.audio_sources import render_beep, render_waiting_music
from sandbox.twilio.events import CallEnded, ConferenceJoined, ConferenceLeft, ErrorLogged
from sandbox.twilio.line import Line
from tests.sandbox.twilio.application import PERSON, Application
from tests.sandbox.twilio.conference_calls import QUIET, have_joined, make_room, ring
from tests.sandbox.twilio.scripts import VOICES, dial_in, leaves_after, once, presses, says, stays


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


async def test_a_full_room_is_logged_and_told(carrier: Carrier, client: Client, application: Application) -> None:
    application.answers |= {"/incoming": make_room(f'{QUIET} maxParticipants="2"'), "/after": "<Response/>"}
    carrier.people[PERSON] = answers(stays, after_ms=100)
    await dial_in(carrier)
    await carrier.events.wait_for(ConferenceJoined)
    await ring(client, make_room(QUIET))
    await carrier.events.wait_for(ConferenceJoined, have_joined(carrier, 2))
    third = await (await dial_in(carrier)).wait_for_end()

    (form,) = [form for form in application.list_forms("/after") if form["CallSid"] == third.sid]
    assert form["DialCallStatus"] == "failed"
    assert [error.code for error in carrier.events.of(ErrorLogged)] == [16020]


async def test_a_label_is_one_participants(carrier: Carrier, application: Application) -> None:
    application.answers |= {"/incoming": make_room(f'{QUIET} participantLabel="me"'), "/after": "<Response/>"}
    first = await dial_in(carrier)
    await carrier.events.wait_for(ConferenceJoined)
    await (await dial_in(carrier)).wait_for_end()
    first.hang_up("api")

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [16025]
    assert len(carrier.events.of(ConferenceJoined)) == 1


async def test_a_join_may_find_the_account_at_its_limit(carrier: Carrier, application: Application) -> None:
    carrier.faults.refused_joins = 1
    application.answers |= {"/incoming": make_room(after="<Hangup/>"), "/after": "<Response/>"}
    await (await dial_in(carrier)).wait_for_end()
    second = await dial_in(carrier)
    await carrier.events.wait_for(ConferenceJoined)
    second.hang_up("api")

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [16021]


@pytest.mark.parametrize(("size", "late_ms"), [("off", 0), ("small", 180), ("medium", 280), ("large", 660)])
async def test_a_jitter_buffer_delays_its_participants_voice(
    carrier: Carrier, client: Client, application: Application, size: str, late_ms: int
) -> None:
    """As the lines have it: so many ticks lie between what one says and what the other hears."""
    application.answers |= {"/incoming": make_room(), "/after": "<Response/>"}
    ticks: list[None] = []
    sounds: dict[str, int] = {}

    def observe(sid: str, line: Line) -> None:
        if not sounds.setdefault(sid, 0) and len(sounds) == 1:  # the caller's, which is there all the time
            line.tap(lambda _, heard: take("heard", heard))
            line.tap(lambda *_: ticks.append(None))
        line.tap(lambda spoken, _: take("said", spoken))

    def take(what: str, frame: bytes) -> None:
        if mulaw.energy(frame) > 0.01 and (what == "said" or "said" in sounds):  # ringback was heard before
            sounds.setdefault(what, len(ticks))

    carrier.observers.append(observe)
    both_in = have_joined(carrier, 2)
    carrier.people[PERSON] = answers(once(carrier, ConferenceJoined, says(VOICES["person"]), both_in), after_ms=100)

    async def caller(phone: Phone) -> None:
        await phone.wait_for_speech()

    call = await dial_in(carrier, once(carrier, ConferenceJoined, caller, both_in))
    await carrier.events.wait_for(ConferenceJoined)
    await ring(client, make_room(f'{QUIET} jitterBufferSize="{size}"'))
    await call.wait_for_end()

    assert abs((sounds["heard"] - sounds["said"]) * mulaw.FRAME_MS - late_ms) <= mulaw.FRAME_MS


async def test_a_star_takes_a_participant_out_if_asked(carrier: Carrier, application: Application) -> None:
    document = make_room().replace("<Dial ", '<Dial hangupOnStar="true" ')
    application.answers |= {"/incoming": document, "/after": "<Response><Hangup/></Response>"}
    report = await (await dial_in(carrier, once(carrier, ConferenceJoined, presses("1*")))).wait_for_end()

    assert [form["DialCallStatus"] for form in application.list_forms("/after")] == ["answered"]
    assert report.ended_by == "document"


async def test_a_key_is_nothing_in_a_room(carrier: Carrier, application: Application) -> None:
    application.answers |= {"/incoming": make_room(), "/after": "<Response/>"}

    async def caller(phone: Phone) -> None:
        await phone.press("1*")

    report = await (await dial_in(carrier, once(carrier, ConferenceJoined, caller))).wait_for_end()

    assert report.ended_by == "party"
