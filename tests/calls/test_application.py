"""Warmline as a TwiML app that somebody else's document dials (`<Dial><Application>`)."""

import httpx
import pytest

import routes
from sandbox.environment import CALLER, WARMLINE
from sandbox.twilio import events
from sandbox.twilio.account import TwimlApp
from sandbox.twilio.calls import Call
from sandbox.twilio.phones import Phone, answers
from tests.calls.conftest import CallHarness, make_speech, wait_until_heard
from tests.calls.test_transfer import hand_over

pytestmark = pytest.mark.asyncio(loop_scope="module")
CUSTOMER = "+15550100009"


async def dial_app(harness: CallHarness) -> tuple[Call, Call]:
    """The call of somebody whose document dials Warmline's app, and the app's."""
    carrier, installation = harness.environment.carrier, harness.environment.installation
    app = TwimlApp(voice_url=installation.voice_url + routes.INCOMING)
    carrier.account.applications, carrier.account.verified = [app], [CALLER]
    carrier.people[CUSTOMER] = answers(Phone.stay, after_ms=100)
    twiml = f'<Response><Dial callerId="{CALLER}"><Application>{app.sid}</Application></Dial></Response>'
    async with httpx.AsyncClient(auth=(carrier.account_sid, carrier.credentials[carrier.account_sid])) as client:
        url = f"{carrier.api_url}/2010-04-01/Accounts/{carrier.account_sid}/Calls.json"
        answer = await client.post(url, data={"To": CUSTOMER, "From": WARMLINE, "Twiml": twiml})
    sid = answer.raise_for_status().json()["sid"]
    await carrier.events.wait_for(events.CallStarted, lambda started: started.parent_sid == sid)
    (leg,) = carrier.calls[sid].children
    return carrier.calls[sid], leg


async def test_a_caller_whom_an_app_sends_is_served_and_put_through(harness: CallHarness, anna: str) -> None:
    greeting, question, sentence = make_speech(400), make_speech(400), make_speech(1000)

    async def talk(phone: Phone) -> None:
        await phone.say(greeting)
        await wait_until_heard(phone, question)

    harness.environment.carrier.people[anna] = answers(talk, after_ms=500, key="1")
    call, leg = await dial_app(harness)
    session = await harness.greet(call)
    await hand_over(session, sentence)
    await wait_until_heard(call.phone, greeting)
    await call.phone.say(question)
    record = await harness.wait_for_end(leg)

    assert sentence in call.phone.heard
    [attempt] = record.attempts
    assert (attempt.status, attempt.destination) == ("bridged", "front_desk")
    await call.wait_for_end()
