"""The sandbox's runtime answers as AWS's does: what a function meets in the tests is what it meets in Lambda."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from sandbox.aws.artifacts import RUNTIME
from sandbox.aws.functions import SOURCE_RUNTIME, Function, RunningFunction
from sandbox.aws.invocation_outcome import Outcome

type Run = Callable[..., Awaitable[tuple[Outcome, list[str]]]]


@pytest.fixture(params=[SOURCE_RUNTIME, RUNTIME], ids=["sandbox", "aws"])
async def run(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Run]:
    """Runs source code as a function, once; returns what came of it, and its log without Lambda's own lines."""
    started: list[RunningFunction] = []

    async def run_source(source: str, event: str = "{}", timeout_s: float = 20) -> tuple[Outcome, list[str]]:
        (tmp_path / "app.py").write_text(source)
        function = Function(tmp_path, "app.lambda_handler", timeout_s=timeout_s, runtime=request.param)
        started.append(RunningFunction("greeter", function, "123456789012", {}))
        outcome = (await started[-1].invoke(event)).outcome
        return outcome, [line for line in started[-1].log if not line.startswith(("START ", "END ", "RequestId: "))]

    yield run_source
    for running in started:
        await running.close()


async def test_the_result_is_the_payload(run: Run) -> None:
    outcome, _ = await run("def lambda_handler(event, context): return {'hello': event}", '"Zoë"')
    assert (json.loads(outcome.payload), outcome.failed) == ({"hello": "Zoë"}, False)


async def test_the_context_says_who_and_until_when(run: Run) -> None:
    outcome, _ = await run(
        """
def lambda_handler(event, context):
    assert 19_000 < context.get_remaining_time_in_millis() <= 20_000
    assert len(context.aws_request_id) == 36
    return [context.function_name, context.function_version, context.invoked_function_arn,
            context.memory_limit_in_mb, context.log_group_name, context.log_stream_name,
            context.identity.cognito_identity_id, context.client_context]
"""
    )
    assert json.loads(outcome.payload) == [
        "greeter",
        "$LATEST",
        "arn:aws:lambda:us-east-1:123456789012:function:greeter",
        "128",
        "/aws/lambda/greeter",
        "2026/01/01/[$LATEST]sandbox",
        None,
        None,
    ]


async def test_what_it_prints_is_its_log(run: Run) -> None:
    _, log = await run(
        "import sys\nprint('imported')\ndef lambda_handler(event, context):\n"
        "    print('asked')\n    print('at last', file=sys.stderr, end='')"
    )
    assert log == ["imported", "asked", "at last"]


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("raise ValueError('at import')", "ValueError", "at import"),
        ("import missing", "Runtime.ImportModuleError", "Unable to import module 'app': No module named 'missing'"),
        ("x = 1", "Runtime.HandlerNotFound", "Handler 'lambda_handler' missing on module 'app'"),
        ("lambda_handler = lambda e, c: {}['key']", "KeyError", "'key'"),
        (
            "lambda_handler = lambda e, c: object()",
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type object is not JSON serializable",
        ),
        ("import os; os._exit(3)", "Runtime.ExitError", "Runtime exited with error: exit status 3"),
        (
            "import os\nlambda_handler = lambda e, c: os.kill(os.getpid(), 9)",
            "Runtime.ExitError",
            "Runtime exited with error: signal: killed",
        ),
        ("lambda_handler = lambda e, c: 'x' * 7_000_000", "Function.ResponseSizeTooLarge", "exceeded maximum"),
    ],
)
async def test_an_error_is_described_alike(run: Run, source: str, kind: str, message: str) -> None:
    outcome, _ = await run(source)
    described = json.loads(outcome.payload)
    assert outcome.failed
    assert described["errorType"] == kind
    assert message in described["errorMessage"]
    assert described.keys() == {"errorMessage", "errorType", "requestId", "stackTrace"}


async def test_the_stack_trace_begins_in_the_function(run: Run) -> None:
    outcome, log = await run("def lambda_handler(event, context):\n    raise RuntimeError('no')")
    (frame,) = json.loads(outcome.payload)["stackTrace"]
    assert "app.py" in frame
    assert "in lambda_handler" in frame
    assert any("RuntimeError: no" in line for line in log)


async def test_a_function_out_of_time_is_killed(run: Run) -> None:
    outcome, log = await run(
        "import time\ndef lambda_handler(event, context):\n    print('begun')\n    time.sleep(60)", timeout_s=0.5
    )
    assert json.loads(outcome.payload)["errorMessage"].endswith("Error: Task timed out after 0.50 seconds")
    assert log == ["begun"]
