"""sandbox.twilio.forwarding: a telephone that is rung, and rings another one."""

import pytest

from sandbox.speech import mulaw
from sandbox.twilio import Carrier, Person, answers, busy
from sandbox.twilio.events import Bridged
from sandbox.twilio.forwarding import forwards, forwards_to
from sandbox.twilio.verbs import Record
from tests.sandbox.twilio.application import CALLER, PERSON, VOICE, Application
from tests.sandbox.twilio.dial_calls import dial_document, read_outcome, run
from tests.sandbox.twilio.scripts import HANG_UP, VOICES, leaves_after, once, once_verb, says, stays

OTHER_NUMBER = "+15550100005"  # of the account, too


@pytest.fixture(autouse=True)
def dials_one_number(carrier: Carrier, application: Application) -> None:
    """Callers of NUMBER get a person, whose telephone forwards to OTHER_NUMBER."""
    application.answers["/incoming"] = dial_document()
    application.answers["/after"] = HANG_UP
    application.answers["/forwarded"] = HANG_UP
    carrier.people[PERSON] = forwards_back(carrier)


def forwards_back(carrier: Carrier, forwarded_from: str | None = PERSON) -> Person:
    return forwards(
        lambda phone: carrier.place_call(
            caller=stays,
            from_=phone.shown,
            to=OTHER_NUMBER,
            voice_url=f"{VOICE}/forwarded",
            forwarded_from=forwarded_from,
        )
    )


def once_bridged(carrier: Carrier, application: Application, verb: str) -> None:
    """The forwarded call is answered, and gets `verb` when the caller is on the line."""

    async def bridged(_: dict[str, str]) -> str:
        await carrier.events.wait_for(Bridged)
        return f"<Response>{verb}</Response>"

    application.answers["/forwarded"] = "<Response><Pause length='1'/><Redirect>/bridged</Redirect></Response>"
    application.answers["/bridged"] = bridged


async def test_a_forwarded_call_arrives_as_a_new_one(carrier: Carrier, application: Application) -> None:
    report = await run(carrier)

    (form,) = application.list_forms("/forwarded")
    assert (form["From"], form["To"], form["ForwardedFrom"]) == (CALLER, OTHER_NUMBER, PERSON)
    assert (form["Direction"], form["CallStatus"], "ParentCallSid" in form) == ("inbound", "ringing", False)
    assert form["CallSid"] not in (report.sid, report.legs[0].sid)


async def test_not_every_network_says_that_it_forwards(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = forwards_back(carrier, forwarded_from=None)
    await run(carrier)

    (form,) = application.list_forms("/forwarded")
    assert "ForwardedFrom" not in form


async def test_what_the_account_rejects_is_busy_to_its_own_dial(carrier: Carrier, application: Application) -> None:
    application.answers["/forwarded"] = "<Response><Reject/></Response>"
    report = await run(carrier)

    assert (read_outcome(application), report.legs[0].status) == (("busy", "false"), "busy")
    assert carrier.events.of(Bridged) == []


async def test_what_the_account_answers_is_bridged_and_heard(carrier: Carrier, application: Application) -> None:
    once_bridged(carrier, application, "<Say>It is me</Say>")
    report = await run(carrier)

    assert mulaw.tone(60 * len("It is me"), 180, 360, level=0.3) in report.heard
    assert read_outcome(application) == ("completed", "true")
    assert report.legs[0].ended_by == "party"


async def test_what_the_caller_says_is_heard_on_the_forwarded_call(carrier: Carrier, application: Application) -> None:
    once_bridged(carrier, application, '<Record action="/kept" playBeep="false"/>')
    application.answers["/kept"] = HANG_UP
    await run(carrier, once_verb(carrier, Record, says(VOICES["caller"])))

    (recording,) = carrier.recordings.values()
    assert VOICES["caller"] in recording


async def test_when_the_ringing_ends_so_does_the_forwarded_call(carrier: Carrier, application: Application) -> None:
    application.answers["/forwarded"] = "<Response><Pause length='60'/></Response>"
    await run(carrier, once(carrier, Bridged, leaves_after(300)))

    (forwarded,) = [call for call in carrier.calls.values() if call.to == OTHER_NUMBER]
    assert (await forwarded.wait_for_end()).ended_by == "party"


@pytest.mark.parametrize(("person", "status"), [(answers(leaves_after(100)), "completed"), (busy(), "busy")])
async def test_a_telephone_may_forward_to_another_one(
    carrier: Carrier, application: Application, person: Person, status: str
) -> None:
    carrier.people[PERSON] = forwards_to(person)
    await run(carrier)

    assert read_outcome(application)[0] == status


async def test_a_telephone_can_be_rung_again_by_what_it_forwards(carrier: Carrier, application: Application) -> None:
    async def again(_: dict[str, str]) -> str:
        return dial_document() if len(application.list_forms("/forwarded")) < 3 else "<Response><Reject/></Response>"

    application.answers["/forwarded"] = again
    await run(carrier)

    assert len(application.list_forms("/forwarded")) == 3
    # Only the last was rejected; the others had been answered by their <Dial>.
    assert [form["DialCallStatus"] for form in application.list_forms("/after")] == ["busy", "completed", "completed"]
