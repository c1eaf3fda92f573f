"""Invoke, through an unmodified SDK."""

import base64
import json
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.aws.cloud import Cloud
from sandbox.aws.faults import Fails, Fault, Throttles
from sandbox.aws.functions import EventInvokeConfig, EventQueue, Function
from tests.bounds import WAIT_S

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

SOURCE = """
import pathlib
def lambda_handler(event, context):
    print("asked")
    pathlib.Path("called").touch()
    return event
"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("function")
    (folder / "app.py").write_text(textwrap.dedent(SOURCE))
    with Cloud() as running:
        running.deploy({"echo": Function(folder, "app.lambda_handler")}, {})
        yield running


@pytest.fixture
def client(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator["LambdaClient"]:
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    echo = cloud.functions["echo"]
    echo.fault, echo.queue, echo.event_invoke_config = None, EventQueue(), EventInvokeConfig()
    client = boto3.session.Session().client("lambda", config=Config(retries={"total_max_attempts": 1}))
    yield client
    client.close()


def read_refusal(client: "LambdaClient", name: str, payload: bytes = b"{}") -> tuple[str, int]:
    with pytest.raises(ClientError) as caught:
        client.invoke(FunctionName=name, Payload=payload)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_function_is_invoked_by_name_or_arn(cloud: Cloud, client: "LambdaClient") -> None:
    for name in ("echo", cloud.functions["echo"].arn, cloud.functions["echo"].arn + ":$LATEST"):
        response = client.invoke(FunctionName=name, Payload=b'{"a": 1}')
        assert (response["StatusCode"], response["ExecutedVersion"]) == (200, "$LATEST")
        assert "x-amz-function-error" not in response["ResponseMetadata"]["HTTPHeaders"]
        assert json.loads(response["Payload"].read()) == {"a": 1}


def test_a_failure_of_the_function_is_a_200_that_says_so(cloud: Cloud, client: "LambdaClient") -> None:
    cloud.functions["echo"].fault = Fails("on purpose")
    response = client.invoke(FunctionName="echo", Payload=b"{}")
    assert (response["StatusCode"], response["FunctionError"]) == (200, "Unhandled")
    assert json.loads(response["Payload"].read())["errorMessage"] == "on purpose"


def test_the_tail_of_the_log_is_sent_on_request(client: "LambdaClient") -> None:
    response = client.invoke(FunctionName="echo", Payload=b"{}", LogType="Tail")
    assert "asked" in base64.b64decode(response["LogResult"]).decode().splitlines()


def test_an_asynchronous_event_is_answered_without_the_functions_result(client: "LambdaClient") -> None:
    response = client.invoke(FunctionName="echo", InvocationType="Event", Payload=b'"later"')
    assert (response["StatusCode"], response["Payload"].read()) == (202, b"")


def test_an_asynchronous_event_that_fails_is_tried_twice_more_and_dropped(cloud: Cloud, client: "LambdaClient") -> None:
    function = cloud.functions["echo"]
    function.queue, function.fault = EventQueue(retries_after_s=(0.0, 0.0)), Fails("on purpose")
    before = len(function.invocations)

    client.invoke(FunctionName="echo", InvocationType="Event", Payload=b'"lost"')
    function.queue.done.get(timeout=WAIT_S)

    assert (function.queue.dropped, len(function.invocations) - before) == (['"lost"'], 3)


@pytest.mark.parametrize("retries", [0, 1])
def test_an_asynchronous_event_is_tried_as_often_as_the_function_says(
    cloud: Cloud, client: "LambdaClient", retries: int
) -> None:
    function = cloud.functions["echo"]
    function.queue, function.fault = EventQueue(retries_after_s=(0.0, 0.0)), Fails("on purpose")
    function.event_invoke_config = EventInvokeConfig(retries=retries)
    before = len(function.invocations)

    client.invoke(FunctionName="echo", InvocationType="Event", Payload=b'"lost"')
    function.queue.done.get(timeout=WAIT_S)

    assert (function.queue.dropped, len(function.invocations) - before) == (['"lost"'], 1 + retries)


@pytest.mark.parametrize(("fault", "tries"), [(Fails("on purpose"), 2), (Throttles(), 0)])
def test_an_asynchronous_event_that_grows_too_old_is_dropped(
    cloud: Cloud, client: "LambdaClient", fault: Fault, tries: int
) -> None:
    function = cloud.functions["echo"]
    function.queue, function.fault = EventQueue(retries_after_s=(0.0, 600.1), throttled_s=600.1), fault
    function.event_invoke_config = EventInvokeConfig(oldest_s=600)
    before = len(function.invocations)

    client.invoke(FunctionName="echo", InvocationType="Event", Payload=b'"late"')
    function.queue.done.get(timeout=WAIT_S)

    assert (function.queue.dropped, len(function.invocations) - before) == (['"late"'], tries)


def test_a_throttled_asynchronous_event_waits(cloud: Cloud, client: "LambdaClient") -> None:
    function = cloud.functions["echo"]
    function.queue, function.fault = EventQueue(throttled_s=0.0), Throttles(once=True)
    before = len(function.invocations)

    client.invoke(FunctionName="echo", InvocationType="Event", Payload=b'"busy"')
    function.queue.done.get(timeout=WAIT_S)

    assert [each.event for each in function.invocations[before:]] == ['"busy"']


def test_an_asynchronous_event_may_come_twice(cloud: Cloud, client: "LambdaClient") -> None:
    function = cloud.functions["echo"]
    function.queue = EventQueue(delivers_twice=True)
    before = len(function.invocations)

    client.invoke(FunctionName="echo", InvocationType="Event", Payload=b'"twice"')
    function.queue.done.get(timeout=WAIT_S)

    assert [each.event for each in function.invocations[before:]] == ['"twice"'] * 2


def test_an_asynchronous_event_is_small(client: "LambdaClient") -> None:
    payload = b'"' + b"x" * 256 * 1024 + b'"'

    with pytest.raises(ClientError) as caught:
        client.invoke(FunctionName="echo", InvocationType="Event", Payload=payload)

    assert caught.value.response["Error"]["Code"] == "RequestTooLargeException"


def test_a_dry_run_does_nothing(cloud: Cloud, client: "LambdaClient") -> None:
    before = len(cloud.functions["echo"].invocations)
    assert client.invoke(FunctionName="echo", InvocationType="DryRun")["StatusCode"] == 204
    assert len(cloud.functions["echo"].invocations) == before


def test_a_throttled_function_is_429(cloud: Cloud, client: "LambdaClient") -> None:
    cloud.functions["echo"].fault = Throttles()
    assert read_refusal(client, "echo") == ("TooManyRequestsException", 429)


@pytest.mark.parametrize("name", ["other", "echo:7", "echo:PROD"])
def test_what_does_not_exist_is_404(client: "LambdaClient", name: str) -> None:
    assert read_refusal(client, name) == ("ResourceNotFoundException", 404)


def test_a_payload_must_be_json_of_six_megabytes_at_most(client: "LambdaClient") -> None:
    assert read_refusal(client, "echo", b"{") == ("InvalidRequestContentException", 400)
    assert read_refusal(client, "echo", b'"' + b"x" * 6 * 1024 * 1024 + b'"') == ("RequestTooLargeException", 413)
