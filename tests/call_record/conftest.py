"""A call table in moto's DynamoDB, in process. (moto is not atomic under threads: no test here races.)"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from call_record import CallTable
from tests.lambdas import TABLE, run_calls_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Clock:
    """A time that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now_s = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def dynamodb() -> "Iterator[DynamoDBClient]":
    with run_calls_table() as client:
        yield client


@pytest.fixture
def table(dynamodb: "DynamoDBClient", clock: Clock) -> CallTable:
    return CallTable(dynamodb, TABLE, now=clock)
