"""sandbox.carrier.dialling: whispers, callbacks and caller IDs of the legs that it rings."""

import asyncio

import pytest
from twilio.rest import Client

from sandbox import audio
from sandbox.carrier import Carrier, answers
from sandbox.carrier.events import Bridged, ErrorLogged
from tests.carrier.application import CALLER, NUMBER, PERSON, Application
from tests.carrier.dials import OTHER, dialling, outcome, run
from tests.carrier.scripts import dial_in, leaves_after, stays

pytestmark = pytest.mark.usefixtures("dials")


async def test_the_whisper_is_heard_by_the_person_alone(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(leaves_after(4000))
    application.answers["/incoming"] = dialling(f'<Number url="/whisper">{PERSON}</Number>', 'answerOnBridge="true"')
    application.answers["/whisper"] = "<Response><Say>A call for you</Say></Response>"
    report = await run(carrier)

    whispered = audio.tone(60 * len("A call for you"), 180, 360, level=0.3)
    assert whispered in report.legs[0].heard
    assert whispered not in report.heard
    (form,) = application.forms("/whisper")
    assert (form["CallSid"], form["ParentCallSid"]) == (report.legs[0].sid, report.sid)
    assert (form["From"], form["To"], form["Direction"]) == (CALLER, PERSON, "outbound-dial")
    assert outcome(application) == ("completed", "true")


async def test_a_leg_that_hangs_up_in_its_whisper_was_not_bridged(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(stays)
    application.answers["/incoming"] = dialling(f'<Number url="/whisper">{PERSON}</Number>')
    application.answers["/whisper"] = "<Response><Hangup/></Response>"
    await run(carrier)

    assert outcome(application) == ("completed", "false")
    assert carrier.events.of(Bridged) == []


async def test_a_whisper_may_not_dial(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(stays)
    application.answers["/incoming"] = dialling(f'<Number url="/whisper">{PERSON}</Number>')
    application.answers["/whisper"] = f"<Response><Dial>{OTHER}</Dial></Response>"
    await run(carrier)

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [13201]
    assert outcome(application) == ("completed", "false")


async def test_a_whisper_that_cannot_be_had_loses_the_leg(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(stays)
    application.answers["/incoming"] = dialling(f'<Number url="/whisper">{PERSON}</Number>')
    application.answers["/whisper"] = (500, "")
    report = await run(carrier)

    assert report.legs[0].ended_by == "failure"
    assert outcome(application) == ("completed", "false")


async def test_a_number_of_somebody_else_cannot_be_shown(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(stays)
    application.answers["/incoming"] = dialling(attributes='callerId="+15559999999"')
    report = await run(carrier)

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [13214]
    assert (report.legs, outcome(application)) == ((), ("failed", "false"))


async def test_a_number_of_the_account_is_shown(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(leaves_after(100))
    application.answers["/incoming"] = dialling(attributes=f'callerId="{NUMBER}"')
    report = await run(carrier)

    assert carrier.calls[report.legs[0].sid].from_ == NUMBER


async def test_a_number_that_is_none_is_logged(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = dialling("<Number>call me</Number>")
    await run(carrier)

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [13223]
    assert outcome(application) == ("failed", "false")


async def test_a_leg_reports_its_progress(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(leaves_after(100))
    events = 'statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed"'
    application.answers["/incoming"] = dialling(f"<Number {events}>{PERSON}</Number>")
    application.answers["/leg"] = ""
    report = await run(carrier)

    told = sorted(application.forms("/leg"), key=lambda form: int(form["SequenceNumber"]))
    assert [form["CallStatus"] for form in told] == ["initiated", "ringing", "in-progress", "completed"]
    assert {form["ParentCallSid"] for form in told} == {report.sid}


async def test_a_leg_that_rest_takes_away_lives_on(carrier: Carrier, client: Client, application: Application) -> None:
    carrier.people[PERSON] = answers(stays)
    application.answers["/after"] = "<Response><Say>Alone again</Say></Response>"
    call = await dial_in(carrier)
    bridged = await carrier.events.wait_for(Bridged)

    twiml = "<Response><Pause length='1'/></Response>"
    await asyncio.to_thread(lambda: client.calls(bridged.with_sid).update(twiml=twiml))
    report = await call.ended()

    (form,) = application.forms("/after")
    assert (form["DialCallStatus"], "DialCallDuration" in form) == ("completed", False)
    assert report.legs[0].ended_by == "document"
