"""What a template says of a function; a template written for the test. The real one is tried in tests/deploy."""

import textwrap
from pathlib import Path

import pytest

from sandbox.aws.artifacts import RUNTIME, Artifacts, ArtifactsError, build
from sandbox.aws.functions import EventInvokeConfig, Function

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Timeout: 5
    Runtime: python3.13
    Environment: {Variables: {LEVEL: info, TABLE: every, COUNT: 3}}
    Layers: [{Ref: Shared}]
Resources:
  Shared: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: Shared}}
  Own: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: Own}}
  Api: {Type: AWS::Serverless::HttpApi}
  Greeter:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: GreeterFolder
      Handler: greeter.lambda_handler
      MemorySize: 512
      EventInvokeConfig: {MaximumEventAgeInSeconds: 600, MaximumRetryAttempts: 1}
      Layers: [{Ref: Own}]
      Environment: {Variables: {TABLE: {Ref: Table}, COUNT: 4}}
      Events:
        Hello: {Type: HttpApi, Properties: {ApiId: {Ref: Api}, Method: POST, Path: /hello}}
        Nightly: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
"""
FUNCTION = "Resources: {Greeter: {Type: AWS::Serverless::Function, Properties: {%s}}}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    return tmp_path


def test_a_function_is_run_as_the_template_says(folder: Path) -> None:
    artifacts = Artifacts(folder)

    assert artifacts.names == ["Greeter"]
    assert artifacts.list_routes("Greeter") == ["POST /hello"]
    assert artifacts.read_function("Greeter", {"TABLE": "here", "UNNAMED": "x"}, {"URL": "http://here"}) == Function(
        folder / "GreeterFolder",
        "greeter.lambda_handler",
        {"LEVEL": "info", "TABLE": "here", "COUNT": "4", "URL": "http://here"},
        layers=(folder / "Shared" / "python", folder / "Own" / "python"),
        timeout_s=5,
        memory_mb=512,
        event_invoke_config=EventInvokeConfig(oldest_s=600, retries=1),
        runtime=RUNTIME,
    )


def test_what_the_template_does_not_say_is_as_in_lambda(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(FUNCTION % "CodeUri: F, Handler: f.g")
    function = Artifacts(tmp_path).read_function("Greeter", {})

    assert (function.timeout_s, function.memory_mb, function.environment, function.layers) == (3, 128, {}, ())
    assert function.event_invoke_config == EventInvokeConfig(oldest_s=21_600, retries=2)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("]", "template.yaml: "),
        ("{}", "template.yaml: .*Resources"),
        ("Resources: {Other: {Type: AWS::SNS::Topic}}", "no function Greeter; it has none"),
        (FUNCTION % "Timeout: {Ref: Seconds}", "Function Greeter in the template: Expected `int`, got `object`"),
        (
            FUNCTION % "EventInvokeConfig: {MaximumRetryAttempts: 3}",
            "Greeter in the template: Expected `int` <= 2 - at .*MaximumRetryAttempts",
        ),
        (FUNCTION % "Layers: ['arn:aws:lambda:x']", "expected a layer of this template, got arn:aws:lambda:x"),
        (FUNCTION % "Layers: [{Ref: Greeter}]", "expected a layer of this template, got"),
        (
            FUNCTION % "Environment: {Variables: {TABLE: {Ref: Table}}}",
            "Function Greeter: nothing here stands for the TABLE of the template, {'Ref': 'Table'}",
        ),
    ],
)
def test_a_template_that_cannot_be_run_is_told_with_its_reason(tmp_path: Path, template: str, message: str) -> None:
    (tmp_path / "template.yaml").write_text(template)
    with pytest.raises(ArtifactsError, match=message):
        Artifacts(tmp_path).read_function("Greeter", {})


def test_where_nothing_was_built_it_is_said_how(tmp_path: Path) -> None:
    with pytest.raises(ArtifactsError, match=r"Nothing was built in .*: run python -m sandbox.aws.artifacts"):
        Artifacts(tmp_path)


def test_a_build_that_fails_tells_what_sam_said(tmp_path: Path) -> None:
    sam = tmp_path / "sam"
    sam.write_text(
        textwrap.dedent("""\
        #!/bin/sh
        echo "no such folder: $*"
        exit 3
        """)
    )
    sam.chmod(0o755)
    with pytest.raises(ArtifactsError, match=r"sam build ended with 3:\nno such folder: build .*Architecture="):
        build(tmp_path / "built", sam=sam)


def test_a_build_without_sam_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ArtifactsError, match=r"expected .*no-sam"):
        build(tmp_path / "built", sam=tmp_path / "no-sam")
