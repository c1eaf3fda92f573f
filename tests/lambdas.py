"""What both functions find around them when they run in a test: a context, a table, an account."""

import io
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

import boto3
import pytest
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import ConnectionClosedError
from moto import mock_aws
from moto.core.models import botocore_stubber

from caller_data import CallerData
from sandbox.aws.calls_table import create_calls_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

TABLE = "calls"
ACCOUNT = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}


class _Client(TypedDict):
    region_name: str
    aws_access_key_id: str
    aws_secret_access_key: str


_CLIENT: _Client = {"region_name": "us-east-1", "aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


class Context(LambdaContext):
    """What Lambda gives a handler beside the event."""

    def __init__(self, function_name: str) -> None:
        self._function_name = function_name
        self._memory_limit_in_mb = 512
        self._invoked_function_arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function_name}"
        self._aws_request_id = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Metric:
    """One metric as CloudWatch reads it out of a line of EMF."""

    name: str
    value: float
    unit: str = "Count"
    dimensions: tuple[tuple[str, str], ...] = (("service", "warmline"),)


def make_count(name: str, **dimensions: str) -> Metric:
    return Metric(name, 1, "Count", (("service", "warmline"), *dimensions.items()))


@contextmanager
def capture_log(logger: Logger) -> Iterator[io.StringIO]:
    """What the function's logger and its children write, as CloudWatch gets it."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logger.registered_formatter)
    logger.addHandler(handler)
    try:
        yield out
    finally:
        logger._logger.removeHandler(handler)


def read_metrics(out: str) -> list[Metric]:
    """The metrics among the lines of a function's standard output."""
    found: list[Metric] = []
    for line in (json.loads(line) for line in out.splitlines() if line.startswith("{")):
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", ()):
            assert directive["Namespace"] == "Warmline"
            (names,) = directive["Dimensions"]
            dimensions = tuple((name, line[name]) for name in names)
            (metric,) = directive["Metrics"]
            (value,) = line[metric["Name"]]
            found.append(Metric(metric["Name"], value, metric["Unit"], dimensions))
    return found


@contextmanager
def run_calls_table() -> "Iterator[DynamoDBClient]":
    """A client of moto's DynamoDB that has the table and nothing else."""
    with mock_aws():
        client = boto3.client("dynamodb", **_CLIENT)
        create_calls_table(client, TABLE)
        yield client


@contextmanager
def run_secret(secret: Mapping[str, str]) -> "Iterator[SecretsManagerClient]":
    """A client of moto's Secrets Manager that has the secret `warmline`."""
    with mock_aws():
        client = boto3.client("secretsmanager", **_CLIENT)
        client.create_secret(Name="warmline", SecretString=json.dumps(secret))
        yield client


@contextmanager
def install(settings: Mapping[str, str], secret: Mapping[str, str]) -> "Iterator[DynamoDBClient]":
    """A function's environment with these settings, its secret and its table by moto; yields the table's client."""
    everything = {**ACCOUNT, "SECRET_ID": "warmline", "CALLS_TABLE": TABLE, **settings}
    with pytest.MonkeyPatch.context() as environment:
        for name, value in everything.items():
            environment.setenv(name, value)
        with run_secret(secret), run_calls_table() as client:
            yield client


def empty_table(client: "DynamoDBClient") -> None:
    for row in client.scan(TableName=TABLE)["Items"]:
        client.delete_item(TableName=TABLE, Key={"call_sid": row["call_sid"], "item": row["item"]})


def lose_writes(client: "DynamoDBClient", operation: str, times: int = 1_000_000) -> None:
    """From now on the network loses that many requests of this client for the operation."""
    left = [times]

    def lose(**_: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            return
        raise ConnectionClosedError(endpoint_url="https://dynamodb.test")

    client.meta.events.register_first(f"before-send.dynamodb.{operation}", lose)


def lose_answer(client: "DynamoDBClient", operation: str) -> None:
    """The next request of this client for the operation reaches the table, and the network loses the answer."""
    left = [1]

    def lose(**received: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            return
        response = botocore_stubber(**received)
        assert response is not None, "moto's table answers"
        assert response.status_code == 200
        raise ConnectionClosedError(endpoint_url="https://dynamodb.test")

    client.meta.events.register_first(f"before-send.dynamodb.{operation}", lose)


def delete_data(client: "DynamoDBClient", caller: str, call_sid: str) -> None:
    """Delete what is stored about the caller's call, as `make delete-caller-data` does."""
    data = CallerData(client, TABLE, caller)
    data.mark(call_sid)
    for key in data.list_rows(call_sid):
        data.delete(key)
