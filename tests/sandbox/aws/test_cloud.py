"""The whole piece of AWS over real sockets."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sandbox.aws.cloud import Cloud
from sandbox.aws.faults import Fails, Throttles
from sandbox.aws.functions import Function

SOURCE = """
import json, os, urllib.request
def lambda_handler(event, context):
    if event["rawPath"] == "/ask":
        url = os.environ["AWS_ENDPOINT_URL_LAMBDA"] + "/2015-03-31/functions/other/invocations"
        with urllib.request.urlopen(url, b"{}") as response:
            return {"statusCode": 200, "body": response.read().decode()}
    return {"statusCode": 200, "body": json.dumps(event["requestContext"]["domainName"])}
"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("function")
    (folder / "app.py").write_text(SOURCE)
    (folder / "other.py").write_text("lambda_handler = lambda event, context: 'the other one'")
    functions = {
        "web": Function(folder, "app.lambda_handler"),
        "other": Function(folder, "other.lambda_handler"),
    }
    with Cloud() as running:
        running.deploy(functions, {"POST /voice": "web", "GET /ask": "web"})
        yield running


@pytest.fixture
def client(cloud: Cloud) -> Iterator[httpx.Client]:
    cloud.functions["web"].fault = None
    with httpx.Client(base_url=cloud.gateway_origin, trust_env=False) as client:
        yield client


def test_a_request_reaches_the_function_under_its_public_host(client: httpx.Client) -> None:
    response = client.post("/voice", headers={"host": "voice.warmline.test"}, content=b"x")
    assert (response.status_code, response.json()) == (200, "voice.warmline.test")


def test_a_function_can_invoke_another(client: httpx.Client) -> None:
    assert client.get("/ask").json() == "the other one"


@pytest.mark.parametrize(("method", "path"), [("GET", "/voice"), ("POST", "/elsewhere")])
def test_what_has_no_route_is_not_found(client: httpx.Client, method: str, path: str) -> None:
    response = client.request(method, path)
    assert (response.status_code, response.json()) == (404, {"message": "Not Found"})


@pytest.mark.parametrize("fault", [Fails(), Throttles()])
def test_a_function_that_fails_is_an_internal_error(
    cloud: Cloud, client: httpx.Client, fault: Fails | Throttles
) -> None:
    cloud.functions["web"].fault = fault
    response = client.post("/voice")
    assert (response.status_code, response.json()) == (500, {"message": "Internal Server Error"})


def test_what_a_function_was_given_and_answered_is_kept(cloud: Cloud, client: httpx.Client) -> None:
    client.post("/voice", headers={"host": "kept.test"})
    invocation = cloud.functions["web"].invocations[-1]
    assert json.loads(invocation.event)["rawPath"] == "/voice"
    assert json.loads(invocation.outcome.payload)["body"] == '"kept.test"'


def test_a_service_that_warmline_does_not_use_is_refused_by_name(cloud: Cloud) -> None:
    response = httpx.post(cloud.aws_origin, headers={"x-amz-target": "SQS.Send"}, trust_env=False)
    assert (response.status_code, response.text) == (501, "The sandbox's cloud has no such service: 'SQS'")


def test_a_function_that_was_replaced_ends_at_the_next_event(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import os\n\ndef lambda_handler(event, context):\n    return {'statusCode': 200, 'body': str(os.getpid())}"
    )
    function = Function(tmp_path, "app.lambda_handler")
    with Cloud() as cloud:
        cloud.deploy({"app": function}, {"$default": "app"})
        first = int(httpx.get(cloud.gateway_origin, trust_env=False).text)
        cloud.deploy({"app": function}, {"$default": "app"})
        second = int(httpx.get(cloud.gateway_origin, trust_env=False).text)
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)

    assert first != second
    with pytest.raises(ProcessLookupError):
        os.kill(second, 0)
