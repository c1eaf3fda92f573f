"""sandbox.twilio.legs: callbacks and errors of the legs that a dial rings."""

import asyncio

import pytest
from twilio.rest import Client

from sandbox.twilio import Carrier, Person, answers, busy, never_answers
from sandbox.twilio.events import Bridged, ErrorLogged
from tests.sandbox.twilio.application import PERSON, Application
from tests.sandbox.twilio.dial_calls import dial_document, run
from tests.sandbox.twilio.scripts import dial_in, leaves_after, stays

pytestmark = pytest.mark.usefixtures("dials")


async def test_a_number_that_is_none_is_logged_and_told(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = dial_document("<Number>call me</Number>")
    await run(carrier)

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [13223]
    (form,) = application.list_forms("/after")
    assert (form["DialCallStatus"], form["DialBridged"], form["ErrorCode"]) == ("failed", "false", "13223")


async def test_a_number_that_nobody_has_leaves_no_error_code(carrier: Carrier, application: Application) -> None:
    await run(carrier)

    (form,) = application.list_forms("/after")
    assert (form["DialCallStatus"], "ErrorCode" in form, "DialSipResponseCode" in form) == ("failed", False, False)


@pytest.mark.parametrize(("person", "code"), [(busy(), "486"), (never_answers(), "487"), (None, "404")])
async def test_of_sip_the_code_of_the_network_is_told(
    carrier: Carrier, application: Application, person: Person | None, code: str
) -> None:
    if person is not None:
        carrier.people["sip:desk@office.test"] = person
    application.answers["/incoming"] = dial_document('<Sip statusCallback="/leg">sip:desk@office.test</Sip>')
    application.answers["/leg"] = ""
    await run(carrier)

    (form,) = application.list_forms("/after")
    (told,) = application.list_forms("/leg")
    assert (form["DialSipResponseCode"], told["SipResponseCode"]) == (code, code)


async def test_an_address_needs_no_scheme_to_be_sip(carrier: Carrier, application: Application) -> None:
    carrier.people["sip:desk@office.test"] = answers(leaves_after(100))
    application.answers["/incoming"] = dial_document("<Sip>desk@office.test</Sip>")
    report = await run(carrier)

    assert [leg.to for leg in report.legs] == ["sip:desk@office.test"]


async def test_a_leg_reports_its_progress(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(leaves_after(100))
    events = 'statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed"'
    application.answers["/incoming"] = dial_document(f"<Number {events}>{PERSON}</Number>")
    application.answers["/leg"] = ""
    report = await run(carrier)

    told = sorted(application.list_forms("/leg"), key=lambda form: int(form["SequenceNumber"]))
    assert [form["CallStatus"] for form in told] == ["initiated", "ringing", "in-progress", "completed"]
    assert {form["ParentCallSid"] for form in told} == {report.sid}


async def test_a_leg_that_rest_takes_away_lives_on(carrier: Carrier, client: Client, application: Application) -> None:
    carrier.people[PERSON] = answers(stays)
    application.answers["/after"] = "<Response><Say>Alone again</Say></Response>"
    call = await dial_in(carrier)
    bridged = await carrier.events.wait_for(Bridged)

    twiml = "<Response><Pause length='1'/></Response>"
    await asyncio.to_thread(lambda: client.calls(bridged.with_sid).update(twiml=twiml))
    report = await call.wait_for_end()

    (form,) = application.list_forms("/after")
    assert (form["DialCallStatus"], "DialCallDuration" in form) == ("completed", False)
    assert report.legs[0].ended_by == "document"
