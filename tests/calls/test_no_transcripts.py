"""Whole calls of an installation that keeps no words: they are remembered during a call, and gone after it."""

import asyncio
import json
from collections.abc import AsyncIterator

import boto3
import pytest
import pytest_asyncio

from sandbox.environment import run_environment
from sandbox.installation import InstallationOptions
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.openai.session import Session
from sandbox.twilio.calls import Call
from sandbox.twilio.phones import Phone, answers, busy
from tests.calls.conftest import (
    AGENT,
    DIRECTORY,
    WAIT_TIMEOUT_S,
    CallHarness,
    make_closed_hours,
    make_speech,
    wait_until_heard,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAID = "My name is Dana Scully."
GREETING = "Hello, how can I help?"  # the words of `CallHarness.greet`
WORDS = (SAID, GREETING, "Scully", "4711", "wants a refund", "lost parcel", "putting you through", "Goodbye, Dana")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[CallHarness]:
    directory = DIRECTORY.replace("HOURS", make_closed_hours())
    async with ModelServer(Scripted()) as model:
        options = InstallationOptions(
            realtime_url=model.url, settings={"AGENT_FILE": str(AGENT)}, directory=directory, keep_transcripts=False
        )
        async with run_environment(options) as environment:
            yield CallHarness(environment, model)


def read_rows(harness: CallHarness, call: Call) -> str:
    """Everything in the table about the call, as it is stored."""
    cloud = harness.environment.installation.cloud
    client = boto3.session.Session().client("dynamodb", **cloud.client_settings)
    try:
        rows = client.scan(TableName="warmline-calls", ConsistentRead=True)["Items"]
    finally:
        client.close()
    return json.dumps([row for row in rows if row["call_sid"]["S"] == call.sid])


async def talk(harness: CallHarness) -> tuple[Call, Session]:
    """A call in which both have said something, and the caller has typed, which is all in the table."""
    call, session = await harness.talk()
    await session.start_speech()
    await session.stop_speech(SAID)
    await call.phone.press("4711")
    rows = ""
    async with asyncio.timeout(WAIT_TIMEOUT_S):
        while any(words not in rows for words in (GREETING, SAID, "4711")):
            rows = await asyncio.to_thread(read_rows, harness, call)
            await asyncio.sleep(0.05)  # another process writes into the table
    return call, session


async def expect_no_words(harness: CallHarness, call: Call) -> None:
    """After the end of the call its words go, and stay away; when and by whom it was spoken remains."""
    rows = ""
    try:
        async with asyncio.timeout(WAIT_TIMEOUT_S):
            while not rows or any(word in rows for word in WORDS):
                rows = await asyncio.to_thread(read_rows, harness, call)
                await asyncio.sleep(0.05)  # another process writes into the table
    except TimeoutError:
        raise AssertionError(f"expected no words, got {[word for word in WORDS if word in rows]}") from None
    record = await harness.read_record(call)
    assert {turn.speaker for turn in record.turns} >= {"model", "caller", "keys"}


async def test_nothing_that_was_said_is_left_of_a_caller_who_hangs_up(harness: CallHarness) -> None:
    call, _ = await talk(harness)
    await harness.hang_up(call)

    await expect_no_words(harness, call)


async def test_nothing_is_left_after_a_goodbye(harness: CallHarness) -> None:
    call, session = await talk(harness)
    response = await session.respond()
    await response.speak(make_speech(200), "Goodbye, Dana!")
    await response.call_tool("end_call", "{}")
    await response.finish()
    await harness.wait_for_end(call)

    await expect_no_words(harness, call)


async def test_a_call_is_remembered_on_another_container_and_forgotten_after_its_end(harness: CallHarness) -> None:
    call, _ = await talk(harness)
    installation = harness.environment.installation
    killed = installation.container
    await installation.start_container()
    killed.kill()
    session = await harness.model.wait_for_session()
    await session.wait_for("response.create")
    told = json.dumps(session.received)
    assert [words for words in (SAID, "4711") if words not in told] == []
    await harness.hang_up(call)

    await expect_no_words(harness, call)


async def test_a_call_that_is_moved_from_outside_is_remembered_and_forgotten_after_its_end(
    harness: CallHarness, anna: str
) -> None:
    harness.environment.carrier.people[anna] = busy(after_ms=200)
    call, _ = await talk(harness)
    await harness.ask_transfer(call, action="transfer", destination="front_desk", request_id="board_1")
    session = await harness.model.wait_for_session()
    await session.wait_for("response.create")
    told = json.dumps(session.received)
    assert [words for words in (SAID, "4711") if words not in told] == []
    await harness.hang_up(call)

    await expect_no_words(harness, call)


async def test_nothing_is_left_after_a_goodbye_from_outside(harness: CallHarness) -> None:
    call, _ = await talk(harness)
    await harness.ask_transfer(call, action="end", request_id="board_1")
    await harness.wait_for_end(call)

    await expect_no_words(harness, call)


async def test_nothing_is_left_if_the_container_is_dead_when_the_caller_hangs_up(harness: CallHarness) -> None:
    call, _ = await talk(harness)
    installation = harness.environment.installation
    frozen = installation.container
    await installation.start_container()
    with frozen.freeze():  # it learns of nothing any more
        await harness.hang_up(call)
        await expect_no_words(harness, call)
    frozen.kill()


async def test_nothing_is_left_after_a_talk_with_a_person(harness: CallHarness, anna: str) -> None:
    voice = make_speech(400)

    async def talk_to_caller(phone: Phone) -> None:
        await phone.say(voice)

    harness.environment.carrier.people[anna] = answers(talk_to_caller, after_ms=200, key="1")
    call, session = await talk(harness)
    response = await session.respond()
    await response.speak(make_speech(200), "I am putting you through to Anna.")
    wish = {"destination": "front_desk", "reason": "wants a refund", "summary": "Scully: lost parcel"}
    await response.call_tool("transfer_to_human", json.dumps(wish))
    await response.finish()
    await wait_until_heard(call.phone, voice)
    record = await harness.wait_for_end(call)

    assert [(each.status, each.destination) for each in record.attempts] == [("bridged", "front_desk")]
    await expect_no_words(harness, call)
