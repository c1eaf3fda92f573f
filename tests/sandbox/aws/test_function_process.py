"""One process of a function: its time, its death, its log."""

import json
from collections.abc import AsyncIterator
from typing import Protocol

import pytest

from sandbox.aws.function_process import FunctionProcess
from sandbox.aws.functions import SOURCE_RUNTIME
from sandbox.aws.invocation_outcome import make_failure
from tests.sandbox.aws.conftest import WriteFunction


class StartProcess(Protocol):
    def __call__(self, source: str, timeout_s: float = 20) -> FunctionProcess: ...


ENVIRONMENT = {
    "_HANDLER": "app.lambda_handler",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_FUNCTION_NAME": "greeter",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_LOG_GROUP_NAME": "",
    "AWS_LAMBDA_LOG_STREAM_NAME": "",
}


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
async def start(write_function: WriteFunction, log: list[str]) -> AsyncIterator[StartProcess]:
    processes: list[FunctionProcess] = []

    def start_process(source: str, timeout_s: float = 20) -> FunctionProcess:
        environment = ENVIRONMENT | {"LAMBDA_TASK_ROOT": str(write_function(source))}
        processes.append(FunctionProcess("arn", SOURCE_RUNTIME, environment, timeout_s, log))
        return processes[-1]

    yield start_process
    for process in processes:
        await process.kill()


async def test_a_process_keeps_its_memory_from_event_to_event(start: StartProcess) -> None:
    process = start("seen = []\ndef lambda_handler(event, context):\n    seen.append(event)\n    return seen")
    await process.run("1", '"first"')
    outcome = await process.run("2", '"second"')
    assert json.loads(outcome.payload) == ["first", "second"]
    assert process.alive


@pytest.mark.parametrize(("characters", "failed"), [(6_291_554, False), (6_291_555, True)])  # and two quotes
async def test_a_response_over_6_mb_is_refused_which_ends_the_process(
    start: StartProcess, characters: int, failed: bool
) -> None:
    process = start("def lambda_handler(event, context): return 'x' * event")
    outcome = await process.run("1", str(characters))
    assert outcome.failed == failed
    assert ("Function.ResponseSizeTooLarge" in outcome.payload) == failed
    assert process.alive != failed


async def test_a_function_that_takes_too_long_is_killed(start: StartProcess, log: list[str]) -> None:
    process = start("import time\ndef lambda_handler(event, context):\n    print('begun')\n    time.sleep(60)", 1.0)
    outcome = await process.run("1", "{}")
    message = "RequestId: 1 Error: Task timed out after 1.00 seconds"
    assert outcome == make_failure("Sandbox.Timedout", message, "1")
    assert not process.alive
    assert log == ["START RequestId: 1 Version: $LATEST", "begun", message]


@pytest.mark.parametrize("source", ["import os; os._exit(3)", "import os; lambda_handler = lambda e, c: os._exit(3)"])
async def test_a_function_that_ends_its_process_has_failed(start: StartProcess, source: str) -> None:
    process = start(source)
    outcome = await process.run("1", "{}")
    assert outcome == make_failure(
        "Runtime.ExitError", "RequestId: 1 Error: Runtime exited with error: exit status 3", "1"
    )
    assert not process.alive


async def test_the_log_is_complete_when_the_answer_is_there(start: StartProcess, log: list[str]) -> None:
    process = start(
        """
        import sys
        print("imported")
        def lambda_handler(event, context):
            print("to stdout")
            print("to stderr", file=sys.stderr)
            print("without an end", end="")
        """
    )
    await process.run("1", "{}")
    assert log == [
        "imported",
        "START RequestId: 1 Version: $LATEST",
        "to stdout",
        "to stderr",
        "without an end",
        "END RequestId: 1",
    ]


async def test_large_payloads_pass(start: StartProcess) -> None:
    process = start("def lambda_handler(event, context): return event")
    event = json.dumps("x" * 5_000_000)
    assert (await process.run("1", event)).payload == event
