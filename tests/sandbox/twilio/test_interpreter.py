"""sandbox.twilio.interpreter: from verb to verb, from document to document, and to the application error."""

import pytest

from sandbox.twilio import Carrier
from sandbox.twilio.audio_sources import render_mock_speech
from sandbox.twilio.events import Answered, ErrorLogged, VerbStarted
from sandbox.twilio.verbs import Hangup, Pause, Redirect
from tests.sandbox.twilio.application import VOICE, Application
from tests.sandbox.twilio.scripts import dial_in

APOLOGY = render_mock_speech("We are sorry. An application error has occurred. Goodbye.")


async def test_verbs_run_one_after_the_other(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = '<Response><Pause/><Redirect>next</Redirect><Pause length="9"/></Response>'
    application.answers["/next"] = "<Response><Hangup/><Pause/></Response>"
    report = await (await dial_in(carrier)).wait_for_end()

    ran = [started.verb for started in carrier.events.of(VerbStarted)]
    assert ran == [Pause(), Redirect(text="next"), Hangup()]
    assert (report.status, report.ended_by) == ("completed", "document")


async def test_a_redirect_to_nowhere_is_the_same_document_again(carrier: Carrier, application: Application) -> None:
    documents = iter(["<Response><Redirect/></Response>", "<Response><Hangup/></Response>"])

    async def answer(_: dict[str, str]) -> str:
        return next(documents)

    application.answers["/incoming"] = answer
    await (await dial_in(carrier)).wait_for_end()

    assert len(application.list_forms("/incoming")) == 2


async def test_a_document_that_runs_out_ends_the_call(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = "<Response><Pause/></Response>"

    assert (await (await dial_in(carrier)).wait_for_end()).ended_by == "document"


async def test_a_rejected_call_is_never_answered(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = "<Response><Reject/></Response>"
    report = await (await dial_in(carrier)).wait_for_end()

    assert (report.status, report.ended_by, carrier.events.of(Answered)) == ("busy", "reject", [])


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("<Response>", 12100),
        ("<Response><Transfer/></Response>", 12200),
        ((500, ""), 11200),
        ((404, ""), 11200),
        (f"<Response><Say>{'x' * 70000}</Say></Response>", 11750),
    ],
)
async def test_what_cannot_be_executed_ends_in_the_application_error(
    carrier: Carrier, application: Application, answer: str | tuple[int, str], code: int
) -> None:
    application.answers["/incoming"] = answer
    report = await (await dial_in(carrier)).wait_for_end()

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [code]
    assert APOLOGY in report.heard
    assert report.ended_by == "failure"


async def test_what_is_no_xml_at_all_has_a_code_of_its_own(carrier: Carrier, application: Application) -> None:
    application.sounds["/incoming"] = ("application/json", b"{}")
    await (await dial_in(carrier)).wait_for_end()

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [12300]


async def test_the_fallback_takes_over_and_learns_why(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = (500, "")
    application.answers["/fallback"] = "<Response><Say>One moment</Say></Response>"
    report = await (await dial_in(carrier, fallback_url=f"{VOICE}/fallback")).wait_for_end()

    (form,) = application.list_forms("/fallback")
    assert (form["ErrorCode"], form["ErrorUrl"]) == ("11200", f"{VOICE}/incoming")
    assert render_mock_speech("One moment") in report.heard
    assert APOLOGY not in report.heard


async def test_the_fallback_is_asked_once(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = application.answers["/fallback"] = (500, "")
    report = await (await dial_in(carrier, fallback_url=f"{VOICE}/fallback")).wait_for_end()

    assert len(application.list_forms("/fallback")) == 1
    assert APOLOGY in report.heard


async def test_a_callback_that_fails_is_logged_and_no_more(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = "<Response/>"
    report = await (await dial_in(carrier, status_callback=f"{VOICE}/nowhere")).wait_for_end()

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [11200]
    assert report.status == "completed"


async def test_the_end_of_a_call_is_reported(carrier: Carrier, application: Application) -> None:
    application.answers |= {"/incoming": "<Response/>", "/status": ""}
    call = await dial_in(carrier, status_callback=f"{VOICE}/status")
    await call.wait_for_end()

    assert [(form["CallSid"], form["CallStatus"]) for form in application.list_forms("/status")] == [
        (call.sid, "completed")
    ]
