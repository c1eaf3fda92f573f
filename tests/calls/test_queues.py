"""The caller waits in a queue of Twilio's until somebody takes them, or is back with the model."""

import asyncio
import json

import pytest

from sandbox.openai.session import Session
from sandbox.twilio.events import Bridged, Enqueued
from sandbox.twilio.phones import Phone, answers
from tests.calls.conftest import CallHarness, make_speech, wait_until_heard
from tests.sandbox.twilio.scripts import rest_client

pytestmark = pytest.mark.asyncio(loop_scope="module")

TAKE = "<Response><Dial><Queue>support</Queue></Dial></Response>"


async def hand_over(session: Session) -> None:
    response = await session.respond()
    await response.speak(make_speech(200), "I am putting you through to support.")
    await response.call_tool("transfer_to_human", json.dumps({"destination": "support"}))
    await response.finish()


async def test_whoever_takes_the_next_caller_talks_to_him(harness: CallHarness, anna: str) -> None:
    carrier, installation = harness.environment.carrier, harness.environment.installation
    question, reply = make_speech(400), make_speech(400)

    async def takes(phone: Phone) -> None:
        await wait_until_heard(phone, question)
        await phone.say(reply)

    carrier.people[anna] = answers(takes)
    call, session = await harness.talk()
    await hand_over(session)
    await carrier.events.wait_for(Enqueued)
    with rest_client(carrier, installation.account_sid, installation.auth_token) as client:
        await asyncio.to_thread(client.calls.create, to=anna, from_="+15550100000", twiml=TAKE)
    await carrier.events.wait_for(Bridged)
    await call.phone.say(question)
    record = await harness.wait_for_end(call)

    assert reply in call.phone.heard
    assert [attempt.status for attempt in record.attempts] == ["bridged"]


async def test_a_caller_whom_nobody_takes_in_time_is_back_with_a_model_that_knows(harness: CallHarness) -> None:
    call, session = await harness.talk()
    await hand_over(session)
    back = await harness.model.wait_for_session()
    asked = await back.wait_for("response.create")
    assert "nobody answered" in json.dumps(asked)
    record = await harness.hang_up(call)

    assert [attempt.status for attempt in record.attempts] == ["no_answer"]
