"""The calls of a stack while they change, and the errors of AWS as sentences."""

from contextlib import aclosing

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    NoCredentialsError,
    NoRegionError,
)

from call_record import Attempt, AttemptEnd
from console.call_source import CallQuery, SourceError
from console.record.record_source import POLL_S, RecordSource, explain
from tests.console.record.conftest import NOON, Stack, name_call

MISSING = "index: by_day"
HOUR = 3600.0


@pytest.mark.parametrize("sid", ["", "number#0", "CA", "<script>", "CA" + "g" * 32])
async def test_only_calls_are_read(sid: str, stack: Stack, source: RecordSource) -> None:
    stack.requests.clear()

    assert await source.read_call(sid) is None
    assert stack.requests == []


async def test_an_unknown_call_is_none(source: RecordSource) -> None:
    assert await source.read_call(name_call(1)) is None


async def test_a_new_call_is_listed_after_two_polls_at_most(stack: Stack, source: RecordSource) -> None:
    async with aclosing(source.watch_list(CallQuery())) as lists:
        first = await anext(lists)
        stack.open(1, NOON)
        then = await anext(lists)

    assert (first.calls, [call.sid for call in then.calls]) == ((), [name_call(1)])
    assert stack.slept == [POLL_S]
    assert 2 * POLL_S <= 2


async def test_a_list_that_does_not_change_costs_one_request_a_poll(stack: Stack, source: RecordSource) -> None:
    stack.open(1, NOON)
    stack.requests.clear()
    async with aclosing(source.watch_list(CallQuery())) as lists:
        await anext(lists)
        listed = len(stack.requests)
        await anext(lists)

    assert len(stack.requests) == listed + len(stack.slept) + listed
    assert set(stack.requests) == {"Query"}


async def test_a_call_is_shown_as_it_happens_until_its_last_rows(stack: Stack, source: RecordSource) -> None:
    stack.open(1, NOON)
    async with aclosing(source.watch_call(name_call(1))) as views:
        talking = await anext(views)
        stack.table.claim_attempt(name_call(1), Attempt("r", "front_desk"))
        rung = await anext(views)
        stack.table.settle_attempt(name_call(1), "r", AttemptEnd("caller_gone", "", "<Response/>"))
        ended = await anext(views)
        stack.say(1, "Goodbye.")
        told = await anext(views)
        stack.now_s += 60
        assert [view async for view in views] == []

    texts = [view.summary.outcome_text for view in (talking, rung, ended, told)]
    assert texts[:3] == [
        "talks with the assistant",
        "front desk is being rung",
        "hung up before front desk took the call",
    ]
    assert [len(view.turns) for view in (ended, told)] == [0, 1]


async def test_a_call_that_is_long_over_is_shown_once(stack: Stack, source: RecordSource) -> None:
    stack.open(1, NOON)
    stack.end(1, NOON + 60)
    stack.now_s = NOON + HOUR

    assert len([view async for view in source.watch_call(name_call(1))]) == 1
    assert stack.slept == []


async def test_a_table_without_the_index_says_what_to_do(stack: Stack) -> None:
    stack.client.create_table(
        TableName="old",
        KeySchema=[{"AttributeName": "call_sid", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "call_sid", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    source = RecordSource(stack.client, "old", "stack old")

    with pytest.raises(SourceError, match=r"The table old has no index by_day.*deploy this version"):
        await source.list_calls(CallQuery())
    source.close()


async def test_a_table_that_does_not_exist_is_named(stack: Stack) -> None:
    source = RecordSource(stack.client, "other", "stack other")

    with pytest.raises(SourceError, match="There is no table other"):
        await source.read_call(name_call(1))
    source.close()


def refuse(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Query")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NoCredentialsError(), "No AWS credentials were found: log in to AWS"),
        (NoRegionError(), "No AWS region is known: name it"),
        (refuse("ExpiredTokenException"), "AWS does not accept your credentials (ExpiredTokenException): log in"),
        (refuse("AccessDeniedException"), "Your AWS user may not call Query (AccessDeniedException): allow Query"),
        (
            refuse("ValidationException", f"The table does not have the {MISSING}"),
            "The table calls has no index by_day",
        ),
        (refuse("ValidationException", f"Cannot read from backfilling global secondary {MISSING}"), "is being built"),
        (refuse("AccessDeniedException", "dynamodb:Query on resource: table/calls/index/by_day"), "may not call Query"),
        (ConnectTimeoutError(endpoint_url="https://x"), "AWS could not be reached: "),
        (refuse("InternalServerError"), "AWS answered Query with InternalServerError: no"),
    ],
)
def test_an_error_is_one_sentence(error: BotoCoreError | ClientError, sentence: str) -> None:
    told = str(explain(error, "calls"))

    assert sentence in told
    assert told.endswith(".")
    assert "\n" not in told
