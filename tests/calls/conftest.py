"""Whole calls: carrier, functions, table and container as they run in AWS, and a model that the test plays."""

import asyncio
import contextlib
import dataclasses
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
import pytest_asyncio

from call_record import CallRecord
from sandbox.environment import Environment, run_environment
from sandbox.installation import InstallationOptions
from sandbox.openai.faults import Faults as ModelFaults
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.openai.session import Session
from sandbox.program import Program
from sandbox.twilio.calls import Call
from sandbox.twilio.faults import Faults
from sandbox.twilio.phones import Phone

WAIT_TIMEOUT_S = 45.0  # for anything that happens in a call; a machine that is busy with other tests is slow

AGENT = Path(__file__).parents[1] / "agent.toml"
DIRECTORY = """
time_zone = "America/New_York"
business_number = "+15550100000"

[[destination]]
name = "front_desk"
description = "Anna at the front desk"
spoken = "Anna at the front desk"
targets = ["+15550100002"]
ring_seconds = 5

[[destination]]
name = "support"
description = "Whoever is free in support"
targets = ["queue:support"]
ring_seconds = 5

[[destination]]
name = "night_desk"
description = "Nobody, now"
targets = ["+15550100003"]
time_zone = "UTC"
hours = { HOURS }
"""


def make_closed_hours() -> str:
    """Hours of one minute a week, twelve hours away."""
    opens = datetime.now(UTC) + timedelta(hours=12)
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[opens.weekday()]
    return f'{day} = "{opens:%H}:00-{opens:%H}:01"'


def make_speech(ms: int) -> bytes:
    """A voice of which no part occurs twice, in whole frames."""
    return os.urandom(ms * 8)


async def wait_until_heard(phone: Phone, audio: bytes) -> None:
    """Wait until all of this was heard, in one piece."""
    async with asyncio.timeout(WAIT_TIMEOUT_S):
        while audio not in phone.heard:
            await phone.wait(20)


async def wait_for_exit(container: Program) -> int:
    """Wait until the container has ended by itself; its status."""
    async with asyncio.timeout(WAIT_TIMEOUT_S):
        return await container.wait_for_end()


@dataclass(frozen=True, slots=True)
class CallHarness:
    """The environment and the model; shared by the tests of a module, each of which has calls of its own."""

    environment: Environment
    model: ModelServer

    async def dial(self) -> Call:
        """A caller who does what the test makes their phone do."""
        return await self.environment.call(lambda phone: phone.stay())

    async def talk(self) -> tuple[Call, Session]:
        """A call in which the model has greeted the caller, who has heard it."""
        call = await self.dial()
        return call, await self.greet(call)

    async def greet(self, call: Call) -> Session:
        """The next session, in which the model says its first sentence to this caller."""
        session = await self.model.wait_for_session()
        await session.wait_for("response.create")
        greeting = make_speech(200)
        await session.speak(greeting, "Hello, how can I help?")
        await wait_until_heard(call.phone, greeting)
        return session

    async def wait_for_next_session(self) -> Session:
        """The one that takes the place of a lost one, once it is asked for and knows what was said."""
        session = await self.model.wait_for_session()
        await session.wait_for("session.update")
        await session.wait_for("conversation.item.create")
        return session

    async def lose_model(self, session: Session, lose: Callable[[Session], Awaitable[None] | None]) -> None:
        """The service takes its session away, and the one after it: a third is not tried."""
        for each in (session, None):
            left = lose(each or await self.wait_for_next_session())
            if left is not None:
                await left

    async def read_record(self, call: Call) -> CallRecord:
        """What is stored about the call."""
        return await asyncio.to_thread(self.environment.installation.table.read, call.sid)

    async def expect_end_reasons(self, call: Call, *expected: str | None) -> None:
        """Wait until each stream's end bears this reason: the container writes it while the network goes on."""
        came: list[str | None] = []
        try:
            async with asyncio.timeout(WAIT_TIMEOUT_S):
                while came != list(expected):
                    came = [stream.end_reason for stream in (await self.read_record(call)).streams]
                    await asyncio.sleep(0.05)  # another process writes into the table
        except TimeoutError:
            raise AssertionError(f"expected streams to end as {expected}, got {came}") from None

    async def wait_for_end(self, call: Call) -> CallRecord:
        """Wait for the end of the call, which something other than the test brings about; what is stored of it."""
        await call.wait_for_end()
        return await self.read_record(call)

    async def ask_transfer(self, call: Call, **request: object) -> dict[str, object]:
        """Invoke the transfer function about the call, as an operator does; its answer."""

        def invoke() -> dict[str, object]:
            client = boto3.session.Session().client("lambda", **self.environment.installation.cloud.client_settings)
            with contextlib.closing(client):
                event = json.dumps({"call_sid": call.sid, **request})
                answer: dict[str, object] = json.loads(
                    client.invoke(FunctionName="transfer", Payload=event)["Payload"].read()
                )
                return answer

        return await asyncio.to_thread(invoke)

    async def hang_up(self, call: Call) -> CallRecord:
        """The caller hangs up; what is stored of the call."""
        call.hang_up("party")
        return await self.wait_for_end(call)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[CallHarness]:
    directory = DIRECTORY.replace("HOURS", make_closed_hours())
    async with (
        ModelServer(Scripted()) as model,
        run_environment(
            InstallationOptions(realtime_url=model.url, settings={"AGENT_FILE": str(AGENT)}, directory=directory)
        ) as environment,
    ):
        yield CallHarness(environment, model)


@pytest_asyncio.fixture(loop_scope="module")
async def harness(running: CallHarness) -> CallHarness:
    """The harness without faults, without people, and with one container."""
    environment = running.environment
    defaults = Faults()
    for field in dataclasses.fields(defaults):
        setattr(environment.carrier.faults, field.name, getattr(defaults, field.name))
    environment.carrier.people.clear()
    for function in environment.installation.cloud.functions.values():
        function.fault = None
    environment.installation.cloud.dynamodb.fault = environment.installation.cloud.secrets.fault = None
    running.model.faults = ModelFaults()
    if environment.installation.containers != [environment.installation.container]:
        await environment.installation.start_container()
    return running


@pytest.fixture
def anna() -> str:
    """The number of whoever is at the front desk."""
    return "+15550100002"
