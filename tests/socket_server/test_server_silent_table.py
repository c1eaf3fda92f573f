"""The record's table is silent, and the real server goes on: a caller who has gone takes nobody's place."""

import json

import pytest

from sandbox.aws.faults import Silent
from tests.socket_server.conftest import Build, ServerHarness
from tests.socket_server.emf import is_metric, read_metric
from tests.socket_server.phone import Phone

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLACES = 2
SAID = [f"This is sentence {number}." for number in range(20)]


async def talk_much(harness: ServerHarness) -> Phone:
    """A caller of whom much is to be written."""
    phone, session = await harness.talk()
    for sentence in SAID:
        await session.start_speech()
        await session.stop_speech(sentence)
    await phone.was_read()
    return phone


def lines(harness: ServerHarness, text: str) -> list[int]:
    """Where in the log this is."""
    return [number for number, line in enumerate(harness.server.log) if text in line]


async def test_callers_who_have_hung_up_take_no_place_while_the_table_is_silent(build: Build) -> None:
    harness = await build({"MAX_CALLS": str(PLACES)})
    harness.cloud.dynamodb.fault = Silent()
    phones = [await talk_much(harness) for _ in range(PLACES)]
    for phone in phones:
        await phone.stop()
    await harness.wait_for_log("calls in progress: 0")
    assert lines(harness, "turn not written") == []  # all of it waits for the table
    for phone in [(await harness.talk())[0] for _ in range(PLACES)]:
        await phone.stop()
    harness.cloud.dynamodb.fault = None


async def test_what_was_said_is_written_when_the_table_is_back(build: Build) -> None:
    harness = await build({})
    harness.cloud.dynamodb.fault = Silent()
    phone = await talk_much(harness)
    await phone.stop()
    await harness.wait_for_log("calls in progress: 0")
    harness.cloud.dynamodb.fault = None
    assert await harness.wait_for_end(phone) == "caller_gone"
    assert {turn.said for turn in await harness.wait_for_turns(phone, len(SAID))} == set(SAID)


async def test_a_process_that_ends_says_what_it_could_not_write(build: Build) -> None:
    harness = await build({})
    harness.cloud.dynamodb.fault = Silent()
    phone = await talk_much(harness)
    await phone.stop()
    await harness.wait_for_log("calls in progress: 0")
    harness.server.ask_to_end()
    assert await harness.wait_for_exit() == 0
    lost = [read_metric(line) for line in harness.server.log if is_metric(line) and '"RowsLost"' in line]
    assert (sum(metric.value for metric in lost), {metric.call_sid for metric in lost}) == (
        len(SAID) + 1,
        {phone.call_sid},
    )
    told = [json.loads(harness.server.log[number]) for number in lines(harness, "rows not written")]
    assert [line["call_sid"] for line in told] == [phone.call_sid]
    assert [word for word in SAID if lines(harness, word)] == []
