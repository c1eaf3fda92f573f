"""sandbox.twilio.wait_documents: what a participant hears before the conference begins."""

import pytest
from twilio.rest import Client

from sandbox.speech import mulaw
from sandbox.twilio import Carrier, Phone, answers
from sandbox.twilio.audio_sources import render_mock_speech, render_waiting_music
from sandbox.twilio.events import ConferenceJoined, ErrorLogged, WebhookAnswered
from tests.sandbox.twilio.application import PERSON, VOICE, Application
from tests.sandbox.twilio.conference_calls import QUIET, make_room, ring
from tests.sandbox.twilio.scripts import HANG_UP, VOICES, dial_in, leaves_after, once, says, stays

WAITS = f'beep="false" waitUrl="{VOICE}/wait"'


@pytest.fixture(autouse=True)
def answering(application: Application) -> None:
    application.answers |= {"/incoming": make_room(WAITS), "/after": HANG_UP}


async def wait(carrier: Carrier, path: str, times: int = 1, *, ms: int = 3000) -> bytes:
    """What a caller hears who stays for `ms` when `path` has been answered so often."""

    def is_answered(_: WebhookAnswered) -> bool:
        answered = [each for each in carrier.events.of(WebhookAnswered) if each.url == VOICE + path]
        return len(answered) >= times

    call = await dial_in(carrier, once(carrier, WebhookAnswered, leaves_after(ms), is_answered))
    return (await call.wait_for_end()).heard


async def test_a_document_is_heard_once_and_then_silence(carrier: Carrier, application: Application) -> None:
    application.sounds["/clip"] = ("audio/basic", VOICES["server"])
    application.answers["/wait"] = "<Response><Say>Hold.</Say><Pause/><Play>/clip</Play></Response>"
    heard = await wait(carrier, "/clip")

    assert heard.count(render_mock_speech("Hold.")) == 1
    assert VOICES["server"] + mulaw.silence(1000) in heard
    assert render_waiting_music() not in heard
    assert len(application.list_forms("/wait")) == 1


async def test_a_redirect_to_itself_is_heard_again(carrier: Carrier, application: Application) -> None:
    application.answers["/wait"] = "<Response><Say>Hold.</Say><Redirect/></Response>"
    heard = await wait(carrier, "/wait", 3)

    assert heard.count(render_mock_speech("Hold.")) >= 2


async def test_a_redirect_goes_to_another_document(carrier: Carrier, application: Application) -> None:
    application.answers |= {
        "/wait": "<Response><Redirect>/sorry</Redirect><Say>This is never said.</Say></Response>",
        "/sorry": "<Response><Say>Sorry.</Say></Response>",
    }
    heard = await wait(carrier, "/sorry")

    assert render_mock_speech("Sorry.") in heard
    assert render_mock_speech("This is never said.") not in heard


async def test_the_document_stops_where_the_conference_begins(
    carrier: Carrier, client: Client, application: Application
) -> None:
    text = "A very long announcement. " * 20
    application.answers["/wait"] = f"<Response><Say>{text}</Say></Response>"
    carrier.people[PERSON] = answers(says(VOICES["person"] * 20), after_ms=100)

    async def caller(phone: Phone) -> None:
        await phone.bridged.wait()
        await phone.wait_for_speech()
        await phone.wait(1000)

    call = await dial_in(carrier, caller)
    await carrier.events.wait_for(ConferenceJoined)
    await ring(client, make_room(f'{QUIET} jitterBufferSize="off"'))
    heard = (await call.wait_for_end()).heard

    assert render_mock_speech(text) not in heard
    assert VOICES["person"] in heard


async def test_a_document_that_cannot_be_had_keeps_the_call_out(carrier: Carrier, application: Application) -> None:
    application.answers["/wait"] = (500, "")
    report = await (await dial_in(carrier)).wait_for_end()

    assert [form["DialCallStatus"] for form in application.list_forms("/after")] == ["failed"]
    assert [error.code for error in carrier.events.of(ErrorLogged)] == [11200]
    assert report.ended_by == "document"


@pytest.mark.parametrize("verb", ["Hangup", "Gather", "Record"])
async def test_other_verbs_are_refused(carrier: Carrier, application: Application, verb: str) -> None:
    application.answers["/wait"] = f"<Response><{verb}/></Response>"
    await (await dial_in(carrier)).wait_for_end()

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [13238]


async def test_who_comes_into_a_running_conference_hears_no_document(
    carrier: Carrier, client: Client, application: Application
) -> None:
    application.answers["/incoming"] = make_room()
    carrier.people[PERSON] = answers(stays, after_ms=100)
    first = await dial_in(carrier)
    await carrier.events.wait_for(ConferenceJoined)
    await ring(client, make_room(WAITS))
    await first.phone.bridged.wait()
    first.hang_up("api")

    assert application.list_forms("/wait") == []
