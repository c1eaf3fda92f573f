"""How many processes a function has, and how it can be made to fail."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.aws.faults import Fails, Silent, Slow, Throttles
from sandbox.aws.functions import Function, RunningFunction, TooManyRequestsError
from tests.sandbox.aws.conftest import WriteFunction

# Waits until as many processes run as the event says, each of which leaves a file; answers its own number.
MEETING = """
import os, pathlib, time
def lambda_handler(event, context):
    pathlib.Path(f"here-{os.getpid()}").touch()
    while len(list(pathlib.Path().glob("here-*"))) < event:
        time.sleep(0.005)
    return os.getpid()
"""


@pytest.fixture
async def meeting(write_function: WriteFunction) -> AsyncIterator[RunningFunction]:
    function = Function(write_function(MEETING), "app.lambda_handler", concurrency=2)
    running = RunningFunction("meeting", function, "123456789012", {})
    yield running
    await running.close()


async def test_events_one_after_another_use_one_process(meeting: RunningFunction) -> None:
    first, second = await meeting.invoke("1"), await meeting.invoke("1")
    assert first.outcome == second.outcome
    assert first.request_id != second.request_id
    assert meeting.invocations == [first, second]


async def test_events_at_the_same_time_run_in_processes_of_their_own(meeting: RunningFunction) -> None:
    async with asyncio.TaskGroup() as group:
        first, second = group.create_task(meeting.invoke("2")), group.create_task(meeting.invoke("2"))
    assert first.result().outcome != second.result().outcome


async def test_more_events_than_the_function_may_have_processes_are_throttled(
    meeting: RunningFunction, write_function: WriteFunction
) -> None:
    folder = write_function(MEETING)
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(meeting.invoke("3")) for _ in range(2)]
        await asyncio.sleep(0)  # both have begun
        with pytest.raises(TooManyRequestsError):
            await meeting.invoke("3")
        (folder / "here-another").touch()
    assert [task.result().outcome.failed for task in waiting] == [False, False]


async def test_a_process_that_died_is_not_used_again(write_function: WriteFunction) -> None:
    folder = write_function("import os\ndef lambda_handler(event, context): return os._exit(1) if event else 'well'")
    running = RunningFunction("mortal", Function(folder, "app.lambda_handler"), "123456789012", {})
    assert (await running.invoke("true")).outcome.failed
    assert (await running.invoke("false")).outcome.payload == '"well"'
    await running.close()


async def test_a_function_told_to_fail_says_why(meeting: RunningFunction) -> None:
    meeting.fault = Fails("on purpose")
    outcome = (await meeting.invoke("1")).outcome
    assert outcome.failed
    assert json.loads(outcome.payload)["errorMessage"] == "on purpose"


async def test_a_function_told_to_throttle_does_nothing(meeting: RunningFunction) -> None:
    meeting.fault = Throttles()
    with pytest.raises(TooManyRequestsError):
        await meeting.invoke("1")
    assert meeting.invocations == []


async def test_a_silent_function_never_answers(meeting: RunningFunction) -> None:
    meeting.fault = Silent()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(meeting.invoke("1"), 0.05)
    assert meeting.log == []


async def test_a_slow_function_answers_late(meeting: RunningFunction) -> None:
    meeting.fault = Slow(0.2)
    began = asyncio.get_running_loop().time()
    assert not (await meeting.invoke("1")).outcome.failed
    assert asyncio.get_running_loop().time() - began >= 0.2


async def test_an_invocation_given_up_takes_its_process_along(meeting: RunningFunction, tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(meeting.invoke("9"), 1.0)
    (tmp_path / "function" / "here-another").touch()
    assert not (await meeting.invoke("2")).outcome.failed
