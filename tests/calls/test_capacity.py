"""A service whose places are all taken: the next caller is not left alone."""

import asyncio

import pytest

from sandbox.aws.faults import Fails
from sandbox.twilio.calls import Call
from sandbox.twilio.events import ErrorLogged, VerbStarted
from sandbox.twilio.phones import Phone, answers
from sandbox.twilio.verbs import Say
from tests.calls.conftest import WAIT_TIMEOUT_S, CallHarness, make_speech, wait_until_heard

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONE_PLACE = {"MAX_CALLS": "1"}
REFUSED = 31920  # what Twilio logs of a handshake that was not answered with 101


def list_said(harness: CallHarness, call: Call) -> list[str]:
    """What the network itself told the caller, sentence by sentence."""
    verbs = [event.verb for event in harness.environment.carrier.events.of(VerbStarted, call.sid)]
    return [verb.text for verb in verbs if isinstance(verb, Say)]


async def wait_until_told_to_wait(harness: CallHarness, call: Call) -> None:
    async with asyncio.timeout(WAIT_TIMEOUT_S):
        async for event in harness.environment.carrier.events.watch():
            if event.call_sid == call.sid and list_said(harness, call):
                return


def count_refusals(harness: CallHarness, call: Call) -> int:
    return [error.code for error in harness.environment.carrier.events.of(ErrorLogged, call.sid)].count(REFUSED)


async def test_a_caller_whom_a_full_container_refuses_talks_on_another_one(harness: CallHarness) -> None:
    installation = harness.environment.installation
    await installation.start_container(settings=ONE_PLACE)
    first, _ = await harness.talk()
    await installation.start_container(beside=True)
    second, _ = await harness.talk()  # has the turn of the container with places
    third, session = await harness.talk()

    question = make_speech(200)
    await third.phone.say(question)
    await session.wait_for_audio(question)
    assert count_refusals(harness, third) == 1
    assert list_said(harness, third) == []
    for call in (first, second, third):
        await harness.hang_up(call)
    assert [bool(stream.stream_sid) for stream in (await harness.read_record(third)).streams] == [False, True]


async def test_a_place_that_comes_free_while_the_caller_waits_is_taken(harness: CallHarness) -> None:
    installation = harness.environment.installation
    await installation.start_container(settings=ONE_PLACE)
    first, _ = await harness.talk()
    second = await harness.dial()
    await wait_until_told_to_wait(harness, second)
    await harness.hang_up(first)
    await harness.greet(second)

    assert count_refusals(harness, second) == 2
    assert list_said(harness, second) == ["One moment, please."]
    await harness.hang_up(second)


async def test_without_a_place_anywhere_a_person_is_rung(harness: CallHarness, anna: str) -> None:
    voice = make_speech(400)

    async def talk(phone: Phone) -> None:
        await phone.say(voice)

    harness.environment.carrier.people[anna] = answers(talk, after_ms=200, key="1")
    await harness.environment.installation.start_container(settings=ONE_PLACE)
    first, _ = await harness.talk()
    second = await harness.dial()
    await wait_until_heard(second.phone, voice)
    record = await harness.wait_for_end(second)

    assert count_refusals(harness, second) == 3
    assert list_said(harness, second)[0] == "One moment, please."
    assert [(attempt.reason, attempt.status) for attempt in record.attempts] == [("too_many_streams", "bridged")]
    await harness.hang_up(first)


async def test_without_a_place_or_anybody_to_find_a_person_the_caller_hears_an_apology(harness: CallHarness) -> None:
    harness.environment.installation.cloud.functions["transfer"].fault = Fails()
    await harness.environment.installation.start_container(settings=ONE_PLACE)
    first, _ = await harness.talk()
    second = await harness.dial()
    await harness.wait_for_end(second)

    assert second.outcome.ended_by == "document"
    assert count_refusals(harness, second) == 3
    [wait, apology] = list_said(harness, second)
    assert wait == "One moment, please."
    assert apology.startswith("I am sorry, something went wrong")
    await harness.hang_up(first)
