"""Tools that run: one that was begun is finished."""

import asyncio
import contextlib
import json
from typing import Any

import pytest
from msgspec import Struct

from socket_server.call.tool_runs import ToolRuns
from socket_server.call.tools import NoArguments, Tool, ToolContext
from socket_server.core.actions import RunTool
from socket_server.core.agent import Agent
from socket_server.core.tool_offers import Json

CONTEXT = ToolContext(Agent("Be brief.", "Greet."), "CA1")


class Order(Struct):
    number: int = 0


class Booking:
    """A tool that answers when a test says so."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()

    async def __call__(self, _: Struct, __: ToolContext) -> Json:
        await self.may_answer.wait()
        return "booked"


def table(book: Booking) -> tuple[Tool[Any], ...]:
    return (
        Tool("book", "Book.", NoArguments, book),
        Tool("look", "Look.", NoArguments, book, ends_with_call=True),
    )


def action(name: str) -> RunTool:
    return RunTool("t1", name, "{}")


@pytest.mark.parametrize(("name", "outlives"), [("book", True), ("look", False), ("no such tool", True)])
async def test_whether_a_run_outlives_its_call_is_said_in_the_table(name: str, outlives: bool) -> None:
    book, outputs = Booking(), list[str]()
    book.may_answer.set()

    run, outlives_call = ToolRuns(table(book)).start(action(name), CONTEXT, outputs.append)
    await run

    assert outlives_call is outlives
    assert len(outputs) == 1


async def test_the_end_of_the_process_waits_for_a_run() -> None:
    book, outputs = Booking(), list[str]()
    runs = ToolRuns(table(book))
    runs.start(action("book"), CONTEXT, outputs.append)
    asyncio.get_running_loop().call_soon(book.may_answer.set)

    await runs.close(10)

    assert outputs == ['"booked"']


async def test_a_run_that_outlasts_the_process_is_cut_off_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    outputs, runs = list[str](), ToolRuns(table(Booking()))
    runs.start(action("book"), CONTEXT, outputs.append)
    await asyncio.sleep(0)

    await runs.close(0)

    assert [json.loads(output) for output in outputs] == [{"error": "the tool was cut off before it answered"}]
    assert caplog.messages == ["tool book was cut off"]


async def test_without_runs_the_process_waits_for_nothing() -> None:
    await ToolRuns().close(10)


async def test_a_defect_of_ours_is_told_as_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    outputs = list[str]()
    runs = ToolRuns((Tool("order", "Order.", Order, Booking()),))

    run, _ = runs.start(RunTool("t1", "order", 7), CONTEXT, outputs.append)  # type: ignore[arg-type]  # such a defect
    await run

    assert [json.loads(output) for output in outputs] == [{"error": "the tool failed"}]
    assert caplog.messages == ["a tool failed by a defect of ours"]


async def test_a_tool_that_does_not_end_is_known_and_not_waited_for() -> None:
    may_end, outputs = asyncio.Event(), list[str]()

    async def stay(_: Struct, __: ToolContext) -> Json:
        while not may_end.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await may_end.wait()
        return None

    runs = ToolRuns((Tool("stay", "Stay.", NoArguments, stay),))
    runs.start(action("stay"), CONTEXT, outputs.append)
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    await runs.close(0)

    assert (runs.stuck, len(outputs)) == (1, 1)
    may_end.set()
