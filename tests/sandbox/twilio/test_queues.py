"""sandbox.twilio.queues: callers who wait, and who takes them."""

import asyncio

import pytest
from twilio.rest import Client

from sandbox.not_simulated import NotSimulatedError
from sandbox.twilio import Carrier, Phone, answers
from sandbox.twilio.audio_sources import render_mock_speech, render_waiting_music
from sandbox.twilio.events import Bridged, Enqueued
from tests.sandbox.twilio.application import NUMBER, PERSON, VOICE, Application
from tests.sandbox.twilio.scripts import VOICES, dial_in, leaves_after, once, says

TAKE = f'<Response><Dial action="{VOICE}/taken" timeout="5"><Queue>support</Queue></Dial></Response>'


@pytest.fixture(autouse=True)
def answering(application: Application) -> None:
    application.answers["/incoming"] = '<Response><Enqueue action="/left">support</Enqueue></Response>'
    application.answers["/left"] = application.answers["/taken"] = "<Response><Hangup/></Response>"


async def take(client: Client) -> None:
    await asyncio.to_thread(lambda: client.calls.create(to=PERSON, from_=NUMBER, twiml=TAKE))


async def replies(phone: Phone) -> None:
    await phone.wait_for_speech()
    await phone.wait_for_silence(100)
    await phone.say(VOICES["person"])


async def test_who_waits_hears_music(carrier: Carrier) -> None:
    report = await (await dial_in(carrier, once(carrier, Enqueued, leaves_after(3500)))).wait_for_end()

    assert render_waiting_music() in report.heard


async def test_who_is_taken_talks_to_the_one_who_took_them(
    carrier: Carrier, client: Client, application: Application
) -> None:
    carrier.people[PERSON] = answers(replies, after_ms=100)
    call = await dial_in(carrier, once(carrier, Bridged, says(VOICES["caller"])))
    await carrier.events.wait_for(Enqueued)
    await take(client)
    report = await call.wait_for_end()

    assert VOICES["person"] in report.heard
    assert VOICES["caller"] in carrier.people[PERSON].phones[0].heard
    (form,) = application.list_forms("/left")
    assert form["QueueResult"] == "bridged"
    assert form["QueueSid"].startswith("QU")


async def test_a_caller_who_leaves_ends_the_talk(carrier: Carrier, client: Client, application: Application) -> None:
    carrier.people[PERSON] = answers(says(VOICES["person"]), after_ms=100)
    call = await dial_in(carrier, once(carrier, Bridged, leaves_after(300)))
    await carrier.events.wait_for(Enqueued)
    await take(client)
    await call.wait_for_end()
    taker = next(each for each in carrier.calls.values() if each.direction == "outbound-api")
    await taker.wait_for_end()

    (form,) = application.list_forms("/taken")
    assert (form["DialCallStatus"], form["DialBridged"]) == ("completed", "true")


async def test_an_empty_queue_keeps_nobody_on_the_line(
    carrier: Carrier, client: Client, application: Application
) -> None:
    carrier.people[PERSON] = answers(says(VOICES["person"]), after_ms=100)
    application.answers["/incoming"] = "<Response/>"
    await (await dial_in(carrier)).wait_for_end()
    await take(client)
    taker = next(each for each in carrier.calls.values() if each.direction == "outbound-api")
    await taker.wait_for_end()

    assert [form["DialCallStatus"] for form in application.list_forms("/taken")] == ["no-answer"]


async def test_who_waits_hears_the_document_of_the_wait_url_until_it_leaves(
    carrier: Carrier, application: Application
) -> None:
    verb = '<Enqueue action="/left" waitUrl="/wait">support</Enqueue>'
    application.answers["/incoming"] = f"<Response>{verb}</Response>"
    application.answers["/wait"] = "<Response><Say>Hold.</Say><Redirect>/go</Redirect></Response>"
    application.answers["/go"] = "<Response><Leave/><Say>Never.</Say></Response>"

    report = await (await dial_in(carrier)).wait_for_end()

    assert render_mock_speech("Hold.") in report.heard
    assert render_waiting_music() not in report.heard
    assert [form["QueueResult"] for form in application.list_forms("/left")] == ["leave"]


async def test_a_document_of_the_wait_url_ends_where_the_caller_is_taken(
    carrier: Carrier, client: Client, application: Application
) -> None:
    verb = '<Enqueue action="/left" waitUrl="/wait">support</Enqueue>'
    application.answers["/incoming"] = f"<Response>{verb}</Response>"
    application.answers["/wait"] = '<Response><Pause length="60"/></Response>'
    carrier.people[PERSON] = answers(replies, after_ms=100)
    call = await dial_in(carrier, once(carrier, Bridged, says(VOICES["caller"])))
    await carrier.events.wait_for(Enqueued)
    await take(client)
    report = await call.wait_for_end()

    assert VOICES["person"] in report.heard
    assert [form["QueueResult"] for form in application.list_forms("/left")] == ["bridged"]


async def test_leaving_is_an_error_where_nobody_waits(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = "<Response><Leave/></Response>"

    assert (await (await dial_in(carrier)).wait_for_end()).ended_by == "failure"


async def test_a_hang_up_while_a_caller_waits_is_not_simulated(carrier: Carrier, application: Application) -> None:
    application.answers |= {
        "/incoming": '<Response><Enqueue waitUrl="/wait">support</Enqueue></Response>',
        "/wait": "<Response><Hangup/></Response>",
    }
    call = await dial_in(carrier)

    with pytest.RaisesGroup(pytest.RaisesExc(NotSimulatedError, match="waitUrl")):
        await call.wait_for_end()


async def test_a_full_queue_takes_nobody_more(carrier: Carrier, application: Application) -> None:
    verb = '<Enqueue action="/left" maxQueueSize="1">support</Enqueue>'
    application.answers["/incoming"] = f"<Response>{verb}</Response>"
    first = await dial_in(carrier)
    await carrier.events.wait_for(Enqueued)

    await (await dial_in(carrier)).wait_for_end()
    first.hang_up("api")
    await first.wait_for_end()

    assert [form["QueueResult"] for form in application.list_forms("/left")] == ["queue-full"]
