"""What a function finds around it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from sandbox.aws.functions import Function, RunningFunction
from sandbox.aws.invocation_outcome import Outcome
from tests.sandbox.aws.conftest import WriteFunction

type RunSource = Callable[[str], Awaitable[Outcome]]

ARN = "arn:aws:lambda:us-east-1:123456789012:function:greeter"


@pytest.fixture
async def run(write_function: WriteFunction, tmp_path: Path) -> AsyncIterator[RunSource]:
    """Runs source code as a function once, with the event {"name": "Ada"}."""
    layer = tmp_path / "layer"
    layer.mkdir()
    (layer / "shared.py").write_text("WORD = 'from the layer'")
    started: list[RunningFunction] = []

    async def run_source(source: str) -> Outcome:
        folder = write_function(source)
        function = Function(folder, "app.lambda_handler", {"SETTING": "own"}, (layer,), memory_mb=256)
        started.append(RunningFunction("greeter", function, "123456789012", {"AWS_ENDPOINT_URL_LAMBDA": "x"}))
        invocation = await started[-1].invoke('{"name": "Ada"}')
        return invocation.outcome

    yield run_source
    for running in started:
        await running.close()


async def test_the_handlers_result_is_the_payload(run: RunSource) -> None:
    outcome = await run("def lambda_handler(event, context): return {'hello': event['name'], 'ü': None}")
    assert (json.loads(outcome.payload), outcome.failed) == ({"hello": "Ada", "ü": None}, False)


async def test_the_context_has_what_lambda_documents(run: RunSource) -> None:
    outcome = await run(
        """
        def lambda_handler(event, context):
            assert 0 < context.get_remaining_time_in_millis() <= 3000
            assert len(context.aws_request_id) == 36
            return [context.function_name, context.function_version, context.invoked_function_arn,
                    context.memory_limit_in_mb, context.log_group_name, context.identity.cognito_identity_id,
                    context.client_context]
        """
    )
    assert json.loads(outcome.payload) == [
        "greeter",
        "$LATEST",
        ARN,
        "256",
        "/aws/lambda/greeter",
        None,
        None,
    ]


async def test_only_the_functions_own_settings_and_lambdas_are_in_its_environment(
    run: RunSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME_OF_THE_DEVELOPER", "here")
    outcome = await run("import os\ndef lambda_handler(event, context): return dict(os.environ)")
    found = json.loads(outcome.payload)
    assert "HOME_OF_THE_DEVELOPER" not in found
    assert (found["SETTING"], found["AWS_LAMBDA_FUNCTION_NAME"]) == ("own", "greeter")
    assert found["AWS_ENDPOINT_URL_LAMBDA"] == "x"


async def test_a_function_runs_in_its_folder_with_its_layers_and_without_the_sandbox(run: RunSource) -> None:
    outcome = await run(
        """
        import os, importlib.util, shared
        def lambda_handler(event, context):
            return [os.path.basename(os.getcwd()), shared.WORD, importlib.util.find_spec("sandbox") is None]
        """
    )
    assert json.loads(outcome.payload) == ["function", "from the layer", True]


async def test_prints_do_not_get_between_the_answers(run: RunSource) -> None:
    outcome = await run(
        """
        import os, subprocess, sys
        print("at import")
        def lambda_handler(event, context):
            print("{}")
            os.write(1, b"without an end of line")
            subprocess.run([sys.executable, "-c", "print('a program')"], check=True)
            return sys.stdin.read()
        """
    )
    assert outcome == Outcome('""', failed=False)


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("raise ValueError('at import')", "ValueError", "at import"),
        (
            "import missing",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'missing'",
        ),
        ("x = 1", "Runtime.HandlerNotFound", "Handler 'lambda_handler' missing on module 'app'"),
        ("lambda_handler = lambda e, c: {}['key']", "KeyError", "'key'"),
        (
            "lambda_handler = lambda e, c: {1}",
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type set is not JSON serializable",
        ),
    ],
)
async def test_errors_are_described_as_lambda_does(run: RunSource, source: str, kind: str, message: str) -> None:
    outcome = await run(source)
    described = json.loads(outcome.payload)
    assert outcome.failed
    assert (described["errorType"], described["errorMessage"]) == (kind, message)


async def test_the_stack_trace_begins_in_the_function(run: RunSource) -> None:
    outcome = await run("def lambda_handler(event, context):\n    raise RuntimeError('no')")
    (frame,) = json.loads(outcome.payload)["stackTrace"]
    assert "app.py" in frame
    assert "in lambda_handler" in frame
