"""Nobody is there to take a call: what breaks must not cost the caller the model as well."""

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox.environment import run_environment
from sandbox.installation import InstallationOptions
from sandbox.openai.faults import Faults as ModelFaults
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.openai.session import Session
from tests.calls.conftest import AGENT, CallHarness, make_closed_hours, make_speech, wait_until_heard

pytestmark = pytest.mark.asyncio(loop_scope="module")

DIRECTORY = f"""
time_zone = "UTC"
[[destination]]
name = "front_desk"
description = "Anna at the front desk"
targets = ["+15550100002"]
hours = {{ {make_closed_hours()} }}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def night() -> AsyncIterator[CallHarness]:
    async with (
        ModelServer(Scripted()) as model,
        run_environment(
            InstallationOptions(realtime_url=model.url, settings={"AGENT_FILE": str(AGENT)}, directory=DIRECTORY)
        ) as environment,
    ):
        yield CallHarness(environment, model)


async def test_a_caller_whose_model_is_lost_goes_on_with_one_that_remembers(night: CallHarness) -> None:
    call, session = await night.talk()
    await night.lose_model(session, Session.drop)
    back = await night.model.wait_for_session()
    await back.wait_for("response.create")
    assert "Hello, how can I help?" in json.dumps(back.received)
    answer = make_speech(200)
    await back.speak(answer, "I am back.")
    await wait_until_heard(call.phone, answer)
    record = await night.hang_up(call)
    assert record.attempts == ()


async def test_a_model_that_stays_away_is_asked_three_times_and_then_the_caller_is_told(night: CallHarness) -> None:
    night.model.faults = ModelFaults(handshake_status=500)
    call = await night.dial()
    record = await night.wait_for_end(call)
    night.model.faults = ModelFaults()
    assert [stream.end_reason for stream in record.streams] == ["model_failed"] * 3
    assert "nobody can take your call right now" in (record.streams[-1].decision or "")
