"""CloudFront in whole calls: whether one refusal of one full container sends the next callers away, too."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from sandbox.aws.distribution import read_error_ttls
from sandbox.environment import run_environment
from sandbox.installation import InstallationOptions
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.twilio.events import ErrorLogged
from tests.calls.conftest import AGENT, DIRECTORY, WAIT_TIMEOUT_S, CallHarness, make_closed_hours
from tests.calls.test_capacity import ONE_PLACE, count_refusals

TEMPLATE = (Path(__file__).parents[2] / "template.yaml").read_text()


@asynccontextmanager
async def run_behind_cloudfront(ttls: Mapping[int, float]) -> AsyncIterator[CallHarness]:
    settings = {"AGENT_FILE": str(AGENT), **ONE_PLACE}
    directory = DIRECTORY.replace("HOURS", make_closed_hours())
    async with (
        ModelServer(Scripted()) as model,
        run_environment(
            InstallationOptions(realtime_url=model.url, settings=settings, directory=directory, error_ttls=ttls)
        ) as environment,
    ):
        yield CallHarness(environment, model)


async def place_comes_free(harness: CallHarness) -> None:
    """Somebody is refused because somebody talks; then both are gone."""
    first, _ = await harness.talk()
    second = await harness.dial()
    await wait_for_refusal(harness, second.sid)
    await harness.hang_up(second)
    await harness.hang_up(first)
    await harness.environment.installation.container.wait_for_log("calls in progress: 0")


async def wait_for_refusal(harness: CallHarness, call_sid: str) -> None:
    """Wait for the first stream of the call that came to nothing."""
    async with asyncio.timeout(WAIT_TIMEOUT_S):
        async for event in harness.environment.carrier.events.watch():
            if event.call_sid == call_sid and isinstance(event.what, ErrorLogged):
                return


async def test_by_default_a_caller_is_refused_although_there_is_a_place() -> None:
    async with run_behind_cloudfront({}) as harness:
        await place_comes_free(harness)
        third = await harness.dial()
        await wait_for_refusal(harness, third.sid)
        await harness.hang_up(third)

        assert len(harness.model.sessions) == 1


async def test_with_the_template_s_settings_the_next_caller_is_served() -> None:
    async with run_behind_cloudfront(read_error_ttls(TEMPLATE)) as harness:
        await place_comes_free(harness)
        third, _ = await harness.talk()

        assert count_refusals(harness, third) == 0
        await harness.hang_up(third)
