"""sandbox.twilio.machine_detection: who picked up, told before the document, beside it, or to a callback."""

import asyncio

import pytest
from twilio.rest import Client

from sandbox.twilio import Carrier, Person, answers, voicemail
from sandbox.twilio.events import WebhookPosted
from tests.sandbox.twilio.application import ACCOUNT_SID, NUMBER, PERSON, VOICE, Application
from tests.sandbox.twilio.dial_calls import dial_document, run
from tests.sandbox.twilio.scripts import HANG_UP, dial_in, leaves_after, read_refusal, stays

SAY = "<Response><Pause length='8'/></Response>"
HUMAN, MACHINE = answers(stays), voicemail(after_ms=0)
FAX = Person(HUMAN.script, detected="fax")
SILENT = Person(HUMAN.script, detected="unknown")
WHO = pytest.mark.parametrize(("person", "found"), [(HUMAN, "human"), (MACHINE, "machine_start"), (FAX, "fax")])


@pytest.fixture(autouse=True)
async def caller_id(carrier: Carrier, application: Application) -> None:
    """The account has the number, because somebody has dialled it."""
    application.answers |= {"/incoming": HANG_UP, "/detected": "", "/after": HANG_UP}
    await (await dial_in(carrier)).wait_for_end()


async def call_by_rest(carrier: Carrier, client: Client, **parameters: str) -> str:
    """The sid of a call that has ended."""
    create = {"to": PERSON, "from_": NUMBER, "machine_detection": "Enable", **parameters}
    created = await asyncio.to_thread(lambda: client.calls.create(**create))
    await carrier.calls[created.sid].wait_for_end()
    return str(created.sid)


@WHO
async def test_the_document_is_asked_for_after_the_verdict(
    carrier: Carrier, client: Client, application: Application, person: Person, found: str
) -> None:
    carrier.people[PERSON] = person
    application.answers["/document"] = HANG_UP
    sid = await call_by_rest(carrier, client, url=f"{VOICE}/document")

    (form,) = application.list_forms("/document")
    assert (form["AnsweredBy"], form["CallStatus"]) == (found, "in-progress")
    assert carrier.calls[sid].talked_ms >= 4000
    assert (await asyncio.to_thread(lambda: client.calls(sid).fetch())).answered_by == found


async def test_the_document_runs_meanwhile_if_the_verdict_is_to_come_later(
    carrier: Carrier, client: Client, application: Application
) -> None:
    carrier.people[PERSON] = MACHINE
    application.answers["/document"] = SAY
    later = {"async_amd": "true", "async_amd_status_callback": f"{VOICE}/detected"}
    sid = await call_by_rest(carrier, client, url=f"{VOICE}/document", **later)

    assert "AnsweredBy" not in application.list_forms("/document")[0]
    assert application.list_forms("/detected") == [
        {
            "AccountSid": ACCOUNT_SID,
            "CallSid": sid,
            "AnsweredBy": "machine_start",
            "MachineDetectionDuration": "4000",
        }
    ]


async def test_who_hangs_up_before_the_verdict_is_not_known(
    carrier: Carrier, client: Client, application: Application
) -> None:
    carrier.people[PERSON] = answers(leaves_after(500))
    sid = await call_by_rest(carrier, client, url=f"{VOICE}/document")

    assert application.list_forms("/document") == []
    assert (await asyncio.to_thread(lambda: client.calls(sid).fetch())).answered_by is None


@WHO
async def test_a_dialled_leg_is_bridged_and_the_verdict_posted(
    carrier: Carrier, application: Application, person: Person, found: str
) -> None:
    carrier.people[PERSON] = person
    noun = f'<Number machineDetection="Enable" amdStatusCallback="/detected">{PERSON}</Number>'
    application.answers["/incoming"] = dial_document(noun, 'timeLimit="6"')
    report = await run(carrier)

    (form,) = application.list_forms("/detected")
    assert (form["AnsweredBy"], form["CallSid"]) == (found, report.legs[0].sid)
    assert application.list_forms("/after")[0]["DialBridged"] == "true"


async def test_without_a_callback_nobody_is_told(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = HUMAN
    noun = f'<Number machineDetection="Enable">{PERSON}</Number>'
    application.answers["/incoming"] = dial_document(noun, 'timeLimit="6"')
    await run(carrier)

    assert {posted.url for posted in carrier.events.of(WebhookPosted)} == {f"{VOICE}/incoming", f"{VOICE}/after"}


async def test_who_says_nothing_is_unknown_after_the_silence_that_was_asked_for(
    carrier: Carrier, client: Client, application: Application
) -> None:
    carrier.people[PERSON] = SILENT
    application.answers["/document"] = "<Response><Pause length='6'/></Response>"
    later = {"async_amd": "true", "async_amd_status_callback": f"{VOICE}/detected"}
    lengths = {"machine_detection_silence_timeout": "2500", "machine_detection_speech_threshold": "1900"}
    await call_by_rest(carrier, client, url=f"{VOICE}/document", **later, **lengths)

    (form,) = application.list_forms("/detected")
    assert (form["AnsweredBy"], form["MachineDetectionDuration"]) == ("unknown", "2500")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("machine_detection_timeout", "61"),
        ("machine_detection_speech_threshold", "999"),
        ("machine_detection_speech_end_threshold", "5001"),
        ("machine_detection_silence_timeout", "1999"),
        ("machine_detection_silence_timeout", "soon"),
        ("timeout", "601"),
    ],
)
async def test_a_length_outside_of_its_range_is_refused(client: Client, name: str, value: str) -> None:
    create = {"to": PERSON, "from_": NUMBER, "twiml": HANG_UP, "machine_detection": "Enable", name: value}

    assert await read_refusal(lambda: client.calls.create(**create)) == (400, 20001)


async def test_the_end_of_a_greeting_is_not_waited_for(client: Client) -> None:
    create = {"to": PERSON, "from_": NUMBER, "twiml": HANG_UP, "machine_detection": "DetectMessageEnd"}

    assert await read_refusal(lambda: client.calls.create(**create)) == (501, 501)


async def test_a_callback_needs_a_url(client: Client) -> None:
    create = {"to": PERSON, "from_": NUMBER, "twiml": HANG_UP, "async_amd_status_callback": "/detected"}

    assert await read_refusal(lambda: client.calls.create(**create)) == (400, 21205)
