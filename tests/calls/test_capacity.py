"""A service whose places are all taken: the next caller is not left alone."""

import asyncio

import pytest

from sandbox.aws.faults import Fails
from sandbox.twilio.calls import Call
from sandbox.twilio.events import ErrorLogged, VerbStarted
from sandbox.twilio.phones import Phone, answers
from sandbox.twilio.verbs import Say
from tests.calls.conftest import WAIT_TIMEOUT_S, World, make_speech, wait_until_heard

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONE_PLACE = {"MAX_CALLS": "1"}
REFUSED = 31920  # what Twilio logs of a handshake that was not answered with 101


def said(world: World, call: Call) -> list[str]:
    """What the network itself told the caller, sentence by sentence."""
    verbs = [event.verb for event in world.environment.carrier.events.of(VerbStarted, call.sid)]
    return [verb.text for verb in verbs if isinstance(verb, Say)]


async def told_to_wait(world: World, call: Call) -> None:
    async with asyncio.timeout(WAIT_TIMEOUT_S):
        async for event in world.environment.carrier.events.watch():
            if event.call_sid == call.sid and said(world, call):
                return


def refusals(world: World, call: Call) -> int:
    return [error.code for error in world.environment.carrier.events.of(ErrorLogged, call.sid)].count(REFUSED)


async def test_a_caller_whom_a_full_container_refuses_talks_on_another_one(world: World) -> None:
    installation = world.environment.installation
    await installation.start_container(settings=ONE_PLACE)
    first, _ = await world.talk()
    await installation.start_container(beside=True)
    second, _ = await world.talk()  # has the turn of the container with places
    third, session = await world.talk()

    question = make_speech(200)
    await third.phone.say(question)
    await session.wait_for_audio(question)
    assert refusals(world, third) == 1
    assert said(world, third) == []
    for call in (first, second, third):
        await world.hang_up(call)
    assert [bool(stream.stream_sid) for stream in (await world.record(third)).streams] == [False, True]


async def test_a_place_that_comes_free_while_the_caller_waits_is_taken(world: World) -> None:
    installation = world.environment.installation
    await installation.start_container(settings=ONE_PLACE)
    first, _ = await world.talk()
    second = await world.dial()
    await told_to_wait(world, second)
    await world.hang_up(first)
    await world.greet(second)

    assert refusals(world, second) == 2
    assert said(world, second) == ["One moment, please."]
    await world.hang_up(second)


async def test_without_a_place_anywhere_a_person_is_rung(world: World, anna: str) -> None:
    voice = make_speech(400)

    async def talk(phone: Phone) -> None:
        await phone.say(voice)

    world.environment.carrier.people[anna] = answers(talk, after_ms=200, key="1")
    await world.environment.installation.start_container(settings=ONE_PLACE)
    first, _ = await world.talk()
    second = await world.dial()
    await wait_until_heard(second.phone, voice)
    record = await world.wait_for_end(second)

    assert refusals(world, second) == 3
    assert said(world, second)[0] == "One moment, please."
    assert [(attempt.reason, attempt.status) for attempt in record.attempts] == [("too_many_streams", "bridged")]
    await world.hang_up(first)


async def test_without_a_place_or_anybody_to_find_a_person_the_caller_hears_an_apology(world: World) -> None:
    world.environment.installation.cloud.functions["transfer"].fault = Fails()
    await world.environment.installation.start_container(settings=ONE_PLACE)
    first, _ = await world.talk()
    second = await world.dial()
    await world.wait_for_end(second)

    assert second.outcome.ended_by == "document"
    assert refusals(world, second) == 3
    [wait, apology] = said(world, second)
    assert wait == "One moment, please."
    assert apology.startswith("I am sorry, something went wrong")
    await world.hang_up(first)
