"""sandbox.twilio.call_requests: what the REST API makes of a request to create or update a call."""

import asyncio

import httpx
import pytest
from twilio.rest import Client

from sandbox.twilio import Carrier, answers, busy, never_answers
from sandbox.twilio.audio_sources import render_mock_speech
from sandbox.twilio.call_report import CallReport
from sandbox.twilio.events import StreamStarted
from tests.sandbox.twilio.application import ACCOUNT_SID, AUTH_TOKEN, NUMBER, PERSON, VOICE, Application
from tests.sandbox.twilio.scripts import HANG_UP, dial_in, leaves_after, read_refusal, stays

pytestmark = pytest.mark.usefixtures("streams")


async def test_an_update_replaces_what_runs(carrier: Carrier, client: Client, application: Application) -> None:
    call = await dial_in(carrier)
    await carrier.events.wait_for(StreamStarted)

    updated = await asyncio.to_thread(lambda: client.calls(call.sid).update(twiml=HANG_UP))
    report = await call.wait_for_end()

    assert updated.status == "in-progress"
    assert application.peers[0].messages[-1]["event"] == "stop"
    assert (report.status, report.ended_by) == ("completed", "document")


async def test_an_update_can_name_a_url(carrier: Carrier, client: Client, application: Application) -> None:
    application.answers["/next"] = HANG_UP
    call = await dial_in(carrier)
    await carrier.events.wait_for(StreamStarted)

    await asyncio.to_thread(lambda: client.calls(call.sid).update(url=f"{VOICE}/next"))
    await call.wait_for_end()

    assert [form["CallStatus"] for form in application.list_forms("/next")] == ["in-progress"]


async def test_completed_hangs_up(carrier: Carrier, client: Client) -> None:
    call = await dial_in(carrier)
    await carrier.events.wait_for(StreamStarted)

    await asyncio.to_thread(lambda: client.calls(call.sid).update(status="completed"))

    assert (await call.wait_for_end()).ended_by == "api"


async def test_an_ended_call_cannot_be_redirected(carrier: Carrier, client: Client) -> None:
    call = await dial_in(carrier, leaves_after(100))
    await call.wait_for_end()

    assert await read_refusal(lambda: client.calls(call.sid).update(twiml=HANG_UP)) == (400, 21220)
    assert await read_refusal(lambda: client.calls(call.sid).update(status="completed")) == (400, 21220)


async def test_a_ringing_call_cannot_be_redirected_but_canceled(carrier: Carrier, client: Client) -> None:
    carrier.people[PERSON] = never_answers()
    call = await dial_in(carrier)
    created = await asyncio.to_thread(lambda: client.calls.create(to=PERSON, from_=NUMBER, twiml=HANG_UP))

    assert await read_refusal(lambda: client.calls(created.sid).update(twiml=HANG_UP)) == (400, 21220)
    await asyncio.to_thread(lambda: client.calls(created.sid).update(status="canceled"))
    report = await carrier.calls[created.sid].wait_for_end()
    call.hang_up("api")

    assert report.status == "canceled"


async def test_a_call_in_progress_cannot_be_canceled(carrier: Carrier, client: Client) -> None:
    call = await dial_in(carrier)
    await carrier.events.wait_for(StreamStarted)

    assert await read_refusal(lambda: client.calls(call.sid).update(status="canceled")) == (400, 21220)


@pytest.mark.parametrize(
    ("update", "code"),
    [
        ({"twiml": f"<Response><Say>{'x' * 4000}</Say></Response>"}, 32018),
        ({"twiml": "<Response>"}, 12100),
        ({"twiml": "<Response><Speak/></Response>"}, 12200),
        ({"twiml": '<Response><Dial action="/after">+15550100002</Dial></Response>'}, 15004),
        ({"twiml": HANG_UP, "url": f"{VOICE}/next"}, 20001),
        ({"url": "/next"}, 21205),
        ({"url": f"{VOICE}/next", "fallback_url": "next"}, 21205),
        ({"status": "paused"}, 20001),
        ({"method": "PUT", "url": f"{VOICE}/next"}, 20001),
    ],
)
async def test_an_update_that_twilio_refuses_changes_nothing(
    carrier: Carrier, client: Client, update: dict[str, str], code: int
) -> None:
    call = await dial_in(carrier)
    await carrier.events.wait_for(StreamStarted)

    assert await read_refusal(lambda: client.calls(call.sid).update(**update)) == (400, code)
    assert call.status == "in-progress"


MOVED = f'<Response><Dial action="{VOICE}/after">{PERSON}</Dial></Response>'
NET = {"fallback_url": f"{VOICE}/fallback"}


async def move(carrier: Carrier, client: Client, **update: str) -> CallReport:
    """A caller is moved to somebody who is busy; the number that was dialled has a fallback of its own."""
    carrier.people[PERSON] = busy(after_ms=100)
    call = await dial_in(carrier, fallback_url=f"{VOICE}/of-the-number")
    await carrier.events.wait_for(StreamStarted)
    await asyncio.to_thread(lambda: client.calls(call.sid).update(**update))
    return await call.wait_for_end()


@pytest.mark.parametrize(
    ("answer", "code"), [((503, ""), "11200"), ("<Response>", "12100"), ("<Response><Speak/></Response>", "12200")]
)
async def test_a_later_document_that_fails_is_replaced_by_the_fallback_of_the_update(
    carrier: Carrier, client: Client, application: Application, answer: str | tuple[int, str], code: str
) -> None:
    application.answers |= {"/after": answer, "/fallback": "<Response><Say>One moment</Say></Response>"}
    report = await move(carrier, client, twiml=MOVED, **NET)

    (form,) = application.list_forms("/fallback")
    assert (form["ErrorCode"], form["ErrorUrl"], form["CallSid"]) == (code, f"{VOICE}/after", report.sid)
    assert render_mock_speech("One moment") in report.heard
    assert (report.ended_by, application.bad_signatures) == ("document", 0)


async def test_a_fallback_may_be_asked_by_get(carrier: Carrier, client: Client, application: Application) -> None:
    application.answers |= {"/after": (503, ""), "/fallback": HANG_UP}
    await move(carrier, client, twiml=MOVED, fallback_method="GET", **NET)

    (asked,) = [request for request in application.requests if request.path.startswith("/fallback")]
    assert (asked.method, "ErrorCode=11200" in asked.path) == ("GET", True)


async def test_an_update_without_a_fallback_has_none(
    carrier: Carrier, client: Client, application: Application
) -> None:
    application.answers["/of-the-number"] = HANG_UP
    report = await move(carrier, client, twiml=MOVED)

    assert application.list_forms("/of-the-number") == []
    assert report.ended_by == "failure"


@pytest.mark.parametrize(
    ("update", "ended_by"), [({"twiml": MOVED}, "failure"), ({"url": f"{VOICE}/moved"}, "document")]
)
async def test_that_a_fallback_counts_beside_twiml_can_be_denied(
    carrier: Carrier, client: Client, application: Application, update: dict[str, str], ended_by: str
) -> None:
    carrier.faults.fallback_with_twiml = False
    application.answers |= {"/moved": MOVED, "/fallback": HANG_UP}

    assert (await move(carrier, client, **update, **NET)).ended_by == ended_by


async def test_a_parameter_that_is_not_documented_is_not_ignored(carrier: Carrier) -> None:
    call = await dial_in(carrier)
    url = f"{carrier.api_url}/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/{call.sid}.json"
    async with httpx.AsyncClient(auth=(ACCOUNT_SID, AUTH_TOKEN)) as client:
        answer = await client.post(url, data={"TwiML": HANG_UP})

    said = "not simulated by the sandbox: POST Calls/*?TwiML, which Twilio does not document"
    assert (answer.status_code, answer.json()["message"]) == (501, said)


async def test_a_verified_number_of_somebody_else_may_be_shown(carrier: Carrier, client: Client) -> None:
    carrier.account.verified.append("+12025550160")

    created = await asyncio.to_thread(lambda: client.calls.create(to=PERSON, from_="+12025550160", twiml=HANG_UP))

    assert (await carrier.calls[created.sid].wait_for_end()).status == "failed"


async def test_a_created_call_rings_and_runs_its_twiml(
    carrier: Carrier, client: Client, application: Application
) -> None:
    carrier.people[PERSON] = answers(stays, after_ms=300)
    application.answers["/status"] = ""
    await dial_in(carrier)

    created = await asyncio.to_thread(
        lambda: client.calls.create(
            to=PERSON,
            from_=NUMBER,
            twiml="<Response><Say>Hi</Say></Response>",
            status_callback=f"{VOICE}/status",
            status_callback_event=["initiated", "ringing", "answered", "completed"],
        )
    )
    report = await carrier.calls[created.sid].wait_for_end()

    assert (created.status, created.direction) == ("queued", "outbound-api")
    assert (report.status, report.ended_by) == ("completed", "document")
    told = sorted(application.list_forms("/status"), key=lambda form: int(form["SequenceNumber"]))
    assert [form["CallStatus"] for form in told] == ["initiated", "ringing", "in-progress", "completed"]
    assert int(told[-1]["CallDuration"]) >= 1  # at ten times the pace of the clock a busy machine makes it longer


async def test_a_created_call_gives_up_after_its_timeout(carrier: Carrier, client: Client) -> None:
    carrier.people[PERSON] = never_answers()
    await dial_in(carrier)

    created = await asyncio.to_thread(lambda: client.calls.create(to=PERSON, from_=NUMBER, twiml=HANG_UP, timeout=2))

    assert (await carrier.calls[created.sid].wait_for_end()).status == "no-answer"


@pytest.mark.parametrize(
    ("create", "code"),
    [
        ({"to": "", "from_": NUMBER, "twiml": HANG_UP}, 21201),
        ({"to": PERSON, "from_": "", "twiml": HANG_UP}, 21213),
        ({"to": "555", "from_": NUMBER, "twiml": HANG_UP}, 21211),
        ({"to": PERSON, "from_": "+15559999999", "twiml": HANG_UP}, 21210),
        ({"to": PERSON, "from_": "Warmline", "twiml": HANG_UP}, 21212),
        ({"to": PERSON, "from_": NUMBER}, 21205),
        ({"to": PERSON, "from_": NUMBER, "twiml": HANG_UP, "status_callback": "x"}, 21205),
        (
            {
                "to": PERSON,
                "from_": NUMBER,
                "twiml": HANG_UP,
                "status_callback": f"{VOICE}/s",
                "status_callback_event": ["rung"],
            },
            20001,
        ),
    ],
)
async def test_a_call_that_twilio_does_not_place_has_its_code(
    carrier: Carrier, client: Client, create: dict[str, str], code: int
) -> None:
    await dial_in(carrier)

    assert await read_refusal(lambda: client.calls.create(**create)) == (400, code)


async def test_the_time_limit_ends_a_call(carrier: Carrier, client: Client) -> None:
    call = await dial_in(carrier)
    await carrier.events.wait_for(StreamStarted)

    await asyncio.to_thread(lambda: client.calls(call.sid).update(time_limit=1))

    assert (await call.wait_for_end()).ended_by == "limit"
