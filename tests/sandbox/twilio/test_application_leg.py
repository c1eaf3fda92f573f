"""sandbox.twilio.application_leg: what a TwiML app is asked, and what the caller and the dial have of its answer."""

import asyncio
from dataclasses import replace

import pytest
from twilio.rest import Client

from sandbox.speech import mulaw
from sandbox.twilio import Carrier, Phone, answers, never_answers
from sandbox.twilio.account import TwimlApp
from sandbox.twilio.events import Answered, Bridged, ErrorLogged, StreamStarted
from sandbox.twilio.verbs import Gather, Pause, Record
from tests.sandbox.twilio.application import ACCOUNT_SID, CALLER, NUMBER, PERSON, VOICE, Application, connect
from tests.sandbox.twilio.dial_calls import dial_document, read_outcome, run
from tests.sandbox.twilio.scripts import (
    HANG_UP,
    VOICES,
    dial_in,
    leaves_after,
    once,
    once_verb,
    presses,
    says,
    stays,
)

APP = TwimlApp(voice_url=f"{VOICE}/app", sid="AP" + "1" * 32)
SAYS = "<Response><Say>It is me</Say></Response>"
SAID = mulaw.tone(60 * len("It is me"), 180, 360, level=0.3)


async def says_and_leaves(phone: Phone) -> None:
    await phone.say(VOICES["person"])
    await phone.wait(200)


def noun(inside: str = "", attributes: str = "", sid: str = APP.sid) -> str:
    return f"<Application {attributes}><ApplicationSid>{sid}</ApplicationSid>{inside}</Application>"


@pytest.fixture(autouse=True)
def dials_the_app(carrier: Carrier, application: Application) -> None:
    carrier.account.applications = [APP]
    application.answers |= {"/incoming": dial_document(noun()), "/after": HANG_UP, "/app": SAYS, "/leg": ""}


async def test_the_app_is_asked_as_for_a_call_of_its_own(carrier: Carrier, application: Application) -> None:
    given = '<Parameter name="Order" value="4711"/><Parameter name="Topic"/>'
    application.answers["/incoming"] = dial_document(noun(given))
    report = await run(carrier)

    (form,) = application.list_forms("/app")
    assert (form["From"], form["To"], form["CustomerId"]) == (CALLER, APP.sid, ACCOUNT_SID)
    assert (form["Direction"], form["CallStatus"], form["ParentCallSid"]) == ("inbound", "ringing", report.sid)
    assert (form["Param_Order"], form["Param_Topic"]) == ("4711", "")
    assert [form["CallSid"]] == [leg.sid for leg in report.legs]
    assert form["CallSid"] != report.sid


async def test_the_attributes_change_what_the_app_is_told(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = dial_document(
        noun(attributes='copyParentTo="true" customerId="shop"'), f'callerId="{NUMBER}"'
    )
    await run(carrier)

    (form,) = application.list_forms("/app")
    assert (form["From"], form["To"], form["CustomerId"]) == (NUMBER, NUMBER, "shop")


async def test_the_sid_may_be_the_text_of_the_noun(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = dial_document(f"<Application>{APP.sid}</Application>")
    await run(carrier)

    assert len(application.list_forms("/app")) == 1


async def test_the_caller_hears_the_app_and_its_end_ends_the_dial(carrier: Carrier, application: Application) -> None:
    report = await run(carrier)

    (form,) = application.list_forms("/after")
    assert SAID in report.heard
    assert read_outcome(application) == ("completed", "true")
    assert (form["DialCallSid"], form["CallSid"]) == (report.legs[0].sid, report.sid)
    assert report.legs[0].ended_by == "document"


async def test_what_the_caller_says_is_heard_by_the_app(carrier: Carrier, application: Application) -> None:
    application.answers["/app"] = '<Response><Record action="/kept" playBeep="false"/></Response>'
    application.answers["/kept"] = HANG_UP
    await run(carrier, once_verb(carrier, Record, says(VOICES["caller"])))

    (recording,) = carrier.recordings.values()
    assert VOICES["caller"] in recording


async def test_keys_are_the_apps_but_for_the_star_that_hangs_up(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = dial_document(noun(), 'hangupOnStar="true"')
    application.answers["/app"] = '<Response><Gather action="/pressed" numDigits="2"/></Response>'
    application.answers["/pressed"] = '<Response><Pause length="60"/></Response>'
    await run(carrier, once_verb(carrier, Gather, presses("12*")))

    (form,) = application.list_forms("/pressed")
    assert (form["Digits"], "Param_Order" in form) == ("12", False)
    assert read_outcome(application) == ("completed", "true")


async def test_the_caller_is_in_the_media_stream_of_the_app(carrier: Carrier, application: Application) -> None:
    async def speaks_and_leaves(phone: Phone) -> None:
        await phone.say(VOICES["caller"])
        await phone.wait(200)

    application.answers["/app"] = connect()
    report = await run(carrier, once(carrier, StreamStarted, speaks_and_leaves))

    (peer,) = application.peers
    assert peer.call_sid == report.legs[0].sid
    assert VOICES["caller"] in peer.heard
    assert report.legs[0].ended_by == "dial"


async def test_a_call_that_an_app_has_moved_by_rest_keeps_the_caller(
    carrier: Carrier, client: Client, application: Application
) -> None:
    application.answers["/app"] = '<Response><Pause length="60"/></Response>'
    call = await dial_in(carrier)
    bridged = await carrier.events.wait_for(Bridged)

    await asyncio.to_thread(lambda: client.calls(bridged.with_sid).update(twiml=SAYS))
    report = await call.wait_for_end()

    assert SAID in report.heard
    assert read_outcome(application) == ("completed", "true")


async def test_the_caller_talks_to_whom_the_app_dials(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(says_and_leaves)
    application.answers["/app"] = f"<Response><Dial>{PERSON}</Dial></Response>"
    report = await run(carrier)

    assert VOICES["person"] in report.heard
    assert [leg.to for leg in report.legs] == [APP.sid, PERSON]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ('<Hangup><Parameter name="Paid" value="yes"/></Hangup>', ("completed", "true", "yes")),
        ('<Reject><Parameter name="Paid" value="no"/></Reject>', ("busy", "false", "no")),
    ],
)
async def test_the_app_returns_parameters_to_the_dial(
    carrier: Carrier, application: Application, answer: str, outcome: tuple[str, ...]
) -> None:
    application.answers["/app"] = f"<Response>{answer}</Response>"
    await run(carrier)

    (form,) = application.list_forms("/after")
    assert (form["DialCallStatus"], form["DialBridged"], form["ReturnParam_Paid"]) == outcome


async def test_an_app_that_does_not_answer_in_time_is_no_answer(carrier: Carrier, application: Application) -> None:
    application.answers["/app"] = f'<Response><Dial answerOnBridge="true">{PERSON}</Dial></Response>'
    carrier.people[PERSON] = never_answers()
    await run(carrier)

    assert read_outcome(application) == ("no-answer", "false")


@pytest.mark.parametrize(("attribute", "status"), [("", "in-progress"), ('answerOnBridge="true"', "ringing")])
async def test_the_callers_own_call_is_answered_as_in_any_dial(
    carrier: Carrier, application: Application, attribute: str, status: str
) -> None:
    statuses = []

    async def look(form: dict[str, str]) -> str:
        statuses.append(carrier.calls[form["ParentCallSid"]].status)
        return SAYS

    application.answers["/incoming"] = dial_document(noun(), attribute)
    application.answers["/app"] = look
    report = await run(carrier)

    assert statuses == [status]
    assert {event.call_sid for event in report.events if isinstance(event.what, Answered)} == {
        report.sid,
        report.legs[0].sid,
    }


async def test_an_app_that_does_not_exist_fails_the_dial(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = dial_document(noun(sid="AP" + "2" * 32))
    report = await run(carrier)

    (form,) = application.list_forms("/after")
    assert (form["DialCallStatus"], form["DialBridged"], form["ErrorCode"]) == ("failed", "false", "21218")
    assert [error.code for error in carrier.events.of(ErrorLogged)] == [21218]
    assert report.legs[0].status == "failed"


async def test_an_app_has_a_method_and_a_fallback(carrier: Carrier, application: Application) -> None:
    carrier.account.applications = [
        replace(APP, voice_url=f"{VOICE}/broken", voice_method="GET", voice_fallback_url=f"{VOICE}/app")
    ]
    report = await run(carrier)

    assert [request.method for request in application.requests if request.path.startswith("/broken")] == ["GET"]
    (form,) = application.list_forms("/app")
    assert form["ErrorCode"] == "11200"
    assert SAID in report.heard


async def test_the_apps_call_reports_its_progress(carrier: Carrier, application: Application) -> None:
    events = 'statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed"'
    application.answers["/incoming"] = dial_document(noun(attributes=events))
    report = await run(carrier)

    told = sorted(application.list_forms("/leg"), key=lambda form: int(form["SequenceNumber"]))
    assert [form["CallStatus"] for form in told] == ["initiated", "ringing", "in-progress", "completed"]
    assert {form["CallSid"] for form in told} == {report.legs[0].sid}


async def test_who_hangs_up_ends_the_apps_call(carrier: Carrier, application: Application) -> None:
    application.answers["/app"] = '<Response><Pause length="60"/></Response>'
    report = await run(carrier, once_verb(carrier, Pause, leaves_after(100)))

    assert [(leg.status, leg.ended_by) for leg in report.legs] == [("completed", "dial")]


async def test_a_caller_without_a_number_needs_no_caller_id(carrier: Carrier, application: Application) -> None:
    call = await carrier.place_call(caller=stays, from_="client:anna", to="", voice_url=f"{VOICE}/incoming")
    await call.wait_for_end()

    (form,) = application.list_forms("/app")
    assert (form["From"], read_outcome(application)) == ("client:anna", ("completed", "true"))
