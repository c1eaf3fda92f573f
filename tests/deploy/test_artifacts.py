"""What `sam build` makes of the template is what runs in AWS: here it runs under AWS's own runtime.

The interpreter is .venv-lambda's, which has boto3 and nothing else that Lambda's lacks.
"""

import dataclasses
import json
from collections import defaultdict
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import pytest
from rich.console import Console

from events.sign import EXAMPLE_TOKEN, EXAMPLE_URL
from sandbox.aws.artifacts import Artifacts
from sandbox.aws.calls_table import create_calls_table
from sandbox.aws.cloud import Cloud
from sandbox.aws.functions import Function
from sandbox.demo.call import run_demo
from sandbox.demo.display import Display
from sandbox.demo.options import Options
from sandbox.installation import copy_with_directory
from tests.cloudformation import CloudFormation
from tests.console_events import FILES, load, read_expected, summarize_transfer, summarize_webhook
from tests.deploy.contents import list_files
from tests.lambdas import TABLE, empty_table
from tests.twilio_rest_api import ACCOUNT, PASSWORD, TwilioRestApi, run_twilio_rest_api

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient

ROOT = Path(__file__).parents[2]
CUSTOM_RESOURCES = ("DeployCheckFunction", "ImageBuilderFunction")
# What the template says in words that only AWS understands.
SETTINGS = {
    "SECRET_ID": "warmline",
    "CALLS_TABLE": TABLE,
    "STREAM_URL": "wss://stream.warmline.test/media-stream",
    "TRANSFER_FUNCTION": "TransferFunction",
    "VOICE_URL": EXAMPLE_URL,
    "FALLBACK_URL": "https://stream.warmline.test/fallback",
    "POWERTOOLS_SERVICE_NAME": "warmline",
    "RECORD_RETENTION_DAYS": "30",
    "KEEP_TRANSCRIPTS": "1",
    "NOTIFY_TOPIC": "arn:aws:sns:us-east-1:000000000000:warmline-notify",
}
SECRET = {
    "TWILIO_ACCOUNT_SID": ACCOUNT,
    "TWILIO_AUTH_TOKEN": EXAMPLE_TOKEN,
    "TWILIO_API_KEY_SID": ACCOUNT,
    "TWILIO_API_KEY_SECRET": PASSWORD,
    "STREAM_TOKEN_SECRET": "s" * 43,
}
VOICE = [file for file in FILES if file.parent.name == "voice_webhook"]


@pytest.fixture(scope="module")
def twilio() -> Iterator[TwilioRestApi]:
    with run_twilio_rest_api() as rest:
        yield rest


@pytest.fixture(scope="module")
def cloud(built: Artifacts, twilio: TwilioRestApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    settings = defaultdict(lambda: "of nobody here", SETTINGS)
    functions = {name: built.read_function(name, settings | {"TWILIO_API_URL": twilio.origin}) for name in built.names}
    # The shipped directory is there to be changed; the events are for this one.
    directory = (ROOT / "tests/transfer/directory.toml").read_text()
    folder = tmp_path_factory.mktemp("directory") / "transfer"
    functions["TransferFunction"] = copy_with_directory(functions["TransferFunction"], directory, folder)
    with Cloud() as running:
        running.deploy(functions, dict.fromkeys(built.list_routes("VoiceWebhookFunction"), "VoiceWebhookFunction"))
        secrets = _make_client(running, "secretsmanager")
        secrets.create_secret(Name=SETTINGS["SECRET_ID"], SecretString=json.dumps(SECRET))
        secrets.close()
        yield running


def _make_client(cloud: Cloud, service: str) -> Any:
    """Any: the service is not known to the type checker."""
    return boto3.session.Session().client(
        service,  # type: ignore[call-overload]
        **cloud.client_settings,
    )


@pytest.fixture(scope="module")
def lambdas(cloud: Cloud) -> "Iterator[LambdaClient]":
    client = _make_client(cloud, "lambda")
    yield client
    client.close()


@pytest.fixture(scope="module")
def dynamodb(cloud: Cloud) -> "Iterator[DynamoDBClient]":
    client = _make_client(cloud, "dynamodb")
    create_calls_table(client, TABLE)
    yield client
    client.close()


@pytest.fixture
def no_calls(dynamodb: "DynamoDBClient", twilio: TwilioRestApi) -> None:
    empty_table(dynamodb)
    twilio.forget()


def invoke(client: "LambdaClient", name: str, event: object) -> Any:
    response = client.invoke(FunctionName=name, Payload=json.dumps(event))
    answer = json.loads(response["Payload"].read())
    assert "x-amz-function-error" not in response["ResponseMetadata"]["HTTPHeaders"], answer
    return answer


@pytest.mark.usefixtures("no_calls")
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_console_event_is_answered_as_promised(lambdas: "LambdaClient", file: Path) -> None:
    if file in VOICE:
        answer = invoke(lambdas, "VoiceWebhookFunction", load(file))
        assert summarize_webhook(answer["statusCode"], answer.get("body", "")) == read_expected(file)
    else:
        assert summarize_transfer(invoke(lambdas, "TransferFunction", load(file))) == read_expected(file)


@pytest.mark.usefixtures("no_calls")
@pytest.mark.parametrize("file", VOICE, ids=lambda file: file.stem)
def test_what_twilio_posts_to_the_api_is_answered_likewise(cloud: Cloud, file: Path) -> None:
    event = load(file)
    response = httpx.post(
        f"{cloud.gateway_origin}{event['rawPath']}?{event['rawQueryString']}".rstrip("?"),
        headers=event["headers"],
        content=event["body"],
        trust_env=False,
    )
    assert summarize_webhook(response.status_code, response.text) == read_expected(file)


@pytest.mark.usefixtures("no_calls")
def test_the_webhook_answers_from_a_snapshot_as_well(built: Artifacts, cloud: Cloud, lambdas: "LambdaClient") -> None:
    function = built.read_function("VoiceWebhookFunction", SETTINGS, {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"})
    cloud.deploy({"FromASnapshot": function}, {})
    file = ROOT / "events/voice_webhook/incoming.json"
    answer = invoke(lambdas, "FromASnapshot", load(file))
    assert summarize_webhook(answer["statusCode"], answer["body"]) == read_expected(file)


async def test_the_demo_call_is_served_by_them(built: Artifacts, tmp_path: Path) -> None:
    terminal = StringIO()
    options = Options("answers", "asks", "sandbox", "", artifacts=True)
    result = await run_demo(options, Display(Console(file=terminal)), tmp_path, built)
    assert result.problems == ()
    assert f"The functions are what SAM built in {built.folder}" in terminal.getvalue()


def test_the_directory_that_is_shipped_passes_the_check_ahead_of_a_deploy(lambdas: "LambdaClient") -> None:
    with CloudFormation() as cloudformation:
        request = cloudformation.request("Create", "DirectoryCheck", {"Function": "TransferCandidateFunction"})
        invoke(lambdas, "DeployCheckFunction", request)
    assert (cloudformation.answer["Status"], cloudformation.answer.get("Reason")) == ("SUCCESS", None)


@pytest.mark.parametrize("name", CUSTOM_RESOURCES)
def test_every_custom_resource_can_be_deleted(lambdas: "LambdaClient", name: str) -> None:
    with CloudFormation() as cloudformation:
        invoke(lambdas, name, cloudformation.request("Delete", "Whatever", {}))
    assert cloudformation.answer["Status"] == "SUCCESS"


@pytest.mark.usefixtures("no_calls")
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("VoiceWebhookFunction", "events/voice_webhook/incoming.json"),
        ("TransferFunction", "events/transfer/transfer.json"),
        ("TransferCandidateFunction", "events/transfer/destinations.json"),
        ("DeployCheckFunction", ""),
        ("ImageBuilderFunction", ""),
    ],
)
def test_all_that_is_imported_comes_from_the_artifact(
    built: Artifacts, cloud: Cloud, lambdas: "LambdaClient", name: str, file: str
) -> None:
    settings = defaultdict(lambda: "of nobody here", SETTINGS)
    function = _add_probe(built.read_function(name, settings | {"TWILIO_API_URL": "http://127.0.0.1:9"}))
    cloud.deploy({f"Probed{name}": function}, {})
    before = list_files(function.folder)
    with CloudFormation() as cloudformation:
        event = load(ROOT / file) if file else cloudformation.request("Delete", "Whatever", {})
        told = invoke(lambdas, f"Probed{name}", event)

    lambdas_own = ROOT / ".venv-lambda"
    its_python = Path(function.runtime[0]).resolve().parent.parent  # where the standard library is
    allowed = {"artifact": (function.folder,), "layer": function.layers, "lambda": (lambdas_own, its_python)}
    origin = {
        module: next((kind for kind, folders in allowed.items() if any(map(Path(path).is_relative_to, folders))), path)
        for module, path in told["files"].items()
    }
    assert {module: kind for module, kind in origin.items() if kind not in allowed} == {}
    assert origin[function.environment["PROBED"].partition(".")[0]] == "artifact"
    assert origin["botocore"] == "lambda"
    assert {"artifact", "layer", "lambda"} <= set(origin.values())
    of_the_checkout = {Path(path) for path in told["path"] if Path(path).is_relative_to(ROOT)} - set(function.layers)
    assert [path for path in of_the_checkout if not path.is_relative_to(lambdas_own)] == []
    # It may be deployed afterwards, and Lambda could not have written anything into it.
    assert list_files(function.folder) == before


def _add_probe(function: Function) -> Function:
    return dataclasses.replace(
        function,
        handler="probe.lambda_handler",
        environment={**function.environment, "PROBED": function.handler},
        layers=(*function.layers, Path(__file__).parent / "the_probe"),
    )
