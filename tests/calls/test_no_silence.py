"""Whatever the model does or leaves undone: the caller hears no long silence, read off the recording of the call.

Frames of a silent line flow all the while. The agent is an impatient one, so that a test is over soon; a machine that
is slow makes the sandbox's clock and the container's late alike.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.demo.measure import find_sounds
from sandbox.environment import run_environment
from sandbox.installation import InstallationOptions
from sandbox.openai.response import Response
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.openai.session import Session
from sandbox.twilio.phones import answers
from tests.calls.conftest import (
    DIRECTORY,
    WAIT_TIMEOUT_S,
    CallHarness,
    make_closed_hours,
    make_speech,
    wait_until_heard,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

IMPATIENT = """
instructions = "You are on the phone."
greeting = "Greet the caller."
opening_hours = "Always."
[limits]
answer_seconds = 4
filler_seconds = 1
silence_seconds = 5
"""
SILENT_MS = 7500  # five seconds of both, one to the tone, and what a busy machine takes


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("agent") / "agent.toml"
    path.write_text(IMPATIENT)
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def impatient_harness(agent: Path) -> AsyncIterator[CallHarness]:
    directory = DIRECTORY.replace("HOURS", make_closed_hours())
    async with (
        ModelServer(Scripted()) as model,
        run_environment(
            InstallationOptions(realtime_url=model.url, settings={"AGENT_FILE": str(agent)}, directory=directory)
        ) as environment,
    ):
        yield CallHarness(environment, model)


async def nothing(_: Session) -> None:
    """The greeting was all that this model had to say."""


async def hears_and_is_silent(session: Session) -> None:
    await session.start_speech()
    await session.stop_speech("Hello?")


async def a_turn_that_never_ends(session: Session) -> None:
    await session.start_speech()


async def half_a_sentence(session: Session) -> None:
    response = await session.respond()
    await response.speak(make_speech(300), "We are open from", complete=False)
    await response.finish("incomplete", "content_filter")


async def a_response_without_an_end(session: Session) -> None:
    response = await session.respond()
    await response.speak(make_speech(300), "Well", complete=False)


async def tools_without_end(session: Session) -> None:
    """Each result is answered with another call, until the model may call none."""
    response: Response = await session.respond()
    while response.options.get("tool_choice") != "none":
        await response.call_tool("opening_hours", "{}")
        await response.finish()
        while not response.open:  # those that were answered before are told of, too
            response = await asyncio.wait_for(session.unanswered.get(), WAIT_TIMEOUT_S)


@pytest.mark.parametrize(
    "then",
    [
        nothing,
        hears_and_is_silent,
        a_turn_that_never_ends,
        half_a_sentence,
        a_response_without_an_end,
        tools_without_end,
    ],
)
async def test_no_silence_lasts(impatient_harness: CallHarness, then: Callable[[Session], Awaitable[None]]) -> None:
    words = make_speech(400)
    impatient_harness.environment.carrier.people["+15550100002"] = answers(
        lambda phone: phone.say(words), after_ms=200, key="1"
    )
    call, session = await impatient_harness.talk()
    await then(session)
    record = await impatient_harness.wait_for_end(call)
    assert words in call.phone.heard, "a model that says nothing leaves the caller to a person"
    assert [attempt.status for attempt in record.attempts] == ["bridged"]
    heard = find_sounds(call.phone.heard, pause_ms=0)
    gaps = [after.from_ms - before.until_ms for before, after in pairwise(heard)]
    assert max(gaps) < SILENT_MS


async def test_a_transfer_beats_the_goodbye_of_its_response(impatient_harness: CallHarness) -> None:
    words, goodbye = make_speech(400), make_speech(300)
    impatient_harness.environment.carrier.people["+15550100002"] = answers(
        lambda phone: phone.say(words), after_ms=200, key="1"
    )
    call, session = await impatient_harness.talk()
    response = await session.respond()
    await response.speak(goodbye, "I am putting you through. Goodbye!")
    await response.call_tool("end_call", "{}")
    await response.call_tool("transfer_to_human", '{"destination": "Front_Desk", "reason": null, "urgency": "high"}')
    await response.finish()
    record = await impatient_harness.wait_for_end(call)
    assert goodbye in call.phone.heard
    assert words in call.phone.heard
    assert [attempt.destination for attempt in record.attempts] == ["front_desk"]


async def test_the_hours_are_heard_before_the_goodbye_of_their_response_ends_the_call(
    impatient_harness: CallHarness,
) -> None:
    call, session = await impatient_harness.talk()
    response = await session.respond()
    await response.call_tool("opening_hours", "null")
    await response.call_tool("end_call", "{}")
    await response.finish()
    await session.wait_for("response.create")
    hours = make_speech(600)
    await session.speak(hours, "Always. Goodbye!")
    await wait_until_heard(call.phone, hours)
    record = await impatient_harness.wait_for_end(call)
    assert [stream.end_reason for stream in record.streams] == ["goodbye"]
    assert [turn.said for turn in record.turns if turn.speaker == "tool"] == [
        'opening_hours null: {"opening_hours": "Always."}'
    ]
