"""The container as ECS runs it, in whole calls."""

import io
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from rich.console import Console

from sandbox.demo.call import run_demo
from sandbox.demo.display import Display
from sandbox.demo.options import read_options
from sandbox.environment import run_environment
from sandbox.installation import InstallationOptions
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from tests.calls.conftest import (
    AGENT,
    DIRECTORY,
    CallHarness,
    make_closed_hours,
    make_speech,
    wait_for_exit,
    wait_until_heard,
)
from tests.image.unpacked import Unpacked


@pytest_asyncio.fixture
async def harness(unpacked: Unpacked) -> AsyncIterator[CallHarness]:
    """As for all whole calls, with the image's container."""
    async with (
        ModelServer(Scripted()) as model,
        run_environment(
            InstallationOptions(
                realtime_url=model.url,
                settings={"AGENT_FILE": str(AGENT), "DRAIN_SECONDS": "1"},
                directory=DIRECTORY.replace("HOURS", make_closed_hours()),
                container=unpacked.run_container,
            )
        ) as environment,
    ):
        yield CallHarness(environment, model)


async def test_the_demo_call_ends_well(unpacked: Unpacked, tmp_path: Path) -> None:
    told = io.StringIO()
    display = Display(Console(file=told))

    verdict = await run_demo(read_options({}), display, tmp_path, container=unpacked.run_container)

    assert not verdict.problems, told.getvalue()


async def test_the_container_is_nobody_and_its_root_cannot_be_written_to(
    harness: CallHarness, unpacked: Unpacked
) -> None:
    process = Path("/proc") / str(harness.environment.installation.container.pid)

    status = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines())
    mounts = [line.split() for line in (process / "mountinfo").read_text().splitlines()]
    assert status["Uid"].split() == ["10001"] * 4
    assert status["CapEff"].strip("0") == ""
    assert Path(os.readlink(process / "root")) == unpacked.root
    assert ["ro" in mount[5].split(",") for mount in mounts if mount[4] == "/"] == [True]


async def test_its_health_check_succeeds(harness: CallHarness, unpacked: Unpacked) -> None:
    installation = harness.environment.installation

    assert await unpacked.says(*unpacked.health_check, PORT=str(installation.ports[installation.container])) == (0, "")


async def test_a_call_outlives_its_container(harness: CallHarness) -> None:
    call, session = await harness.talk()
    installation = harness.environment.installation
    ending = installation.container
    await installation.start_container()

    ending.ask_to_end(signal.SIGTERM)
    await ending.wait_for_log("draining, 1 calls")
    sentence = make_speech(1500)
    await session.speak(sentence, "We are open until six.")

    again = await harness.model.wait_for_session()
    await again.wait_for("response.create")
    assert "We are open until six." in json.dumps(again.received)
    answer = make_speech(200)
    await again.speak(answer, "I am back.")
    await wait_until_heard(call.phone, answer)
    await harness.hang_up(call)
    assert sentence in call.phone.heard
    assert await wait_for_exit(ending) == 0
    await harness.expect_end_reasons(call, "draining", "caller_gone")
