"""A table of calls in moto, in process, with the calls that a test asks for."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from call_record import Attempt, AttemptEnd, CallTable, EndReason, Turn
from console.record.record_source import RecordSource
from tests.lambdas import TABLE, run_calls_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC).timestamp()


def name_call(number: int) -> str:
    return f"CA{number:032x}"


@dataclass
class Stack:
    """The table of a stack whose clock a test sets, and what was asked of it."""

    client: "DynamoDBClient"
    now_s: float = NOON
    requests: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.table = CallTable(self.client, TABLE, now=lambda: self.now_s)
        self.client.meta.events.register("before-call.dynamodb", lambda model, **_: self.requests.append(model.name))

    def open(self, number: int, at_s: float, caller: str = "+15550100001") -> str:
        """A call that talks with the assistant."""
        sid = name_call(number)
        self.now_s = at_s
        self.table.open_call(sid, caller, "+15550100000", "<Response/>")
        self.now_s = at_s + 1
        self.table.claim_stream(sid, f"j{number}", f"MZ{number}")
        return sid

    def end(self, number: int, at_s: float, reason: EndReason = "goodbye") -> str:
        self.now_s = at_s
        self.table.end_stream(name_call(number), f"j{number}", reason, 1000)
        return name_call(number)

    def say(self, number: int, words: str, heard: str | None = None) -> None:
        turn = Turn(int(self.now_s * 1000), "model", words, words if heard is None else heard)
        self.table.add_turn(name_call(number), turn)

    def put_through(self, number: int, at_s: float, destination: str, status: str = "bridged") -> str:
        """An attempt that is over after half a minute."""
        sid, name = name_call(number), f"r{at_s}"
        self.now_s = at_s
        self.table.end_stream(sid, f"j{number}", "transferred", 1000)
        self.table.claim_attempt(sid, Attempt(name, destination))
        self.now_s = at_s + 30
        self.table.settle_attempt(sid, name, AttemptEnd(status, "", "<Response/>", talked_s=20))
        return sid


@pytest.fixture
def stack() -> Iterator[Stack]:
    with run_calls_table() as client:
        yield Stack(client)


@pytest.fixture
def source(stack: Stack) -> Iterator[RecordSource]:
    async def sleep(seconds: float) -> None:
        stack.slept.append(seconds)

    with closing(RecordSource(stack.client, TABLE, "stack test", now=lambda: stack.now_s, sleep=sleep)) as source:
        yield source
