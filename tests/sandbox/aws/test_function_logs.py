"""Lines out of a pipe."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from sandbox.aws.function_logs import Output


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
async def output(log: list[str]) -> AsyncIterator[Output]:
    output = Output(log)
    yield output
    output.close()


async def run_loop_once() -> None:
    """Let the event loop see what can be read, and read it."""
    for _ in range(2):
        await asyncio.sleep(0)


async def test_lines_are_logged_as_they_come(output: Output, log: list[str]) -> None:
    os.write(output.writing, b"one\ntwo, without an end")
    await run_loop_once()
    assert log == ["one"]


async def test_what_was_printed_before_is_taken_in_at_once(output: Output, log: list[str]) -> None:
    os.write(output.writing, b"one\n\n" + b"x" * 50_000)
    output.flush()
    os.write(output.writing, b"\xff of the next")
    output.flush()
    assert log == ["one", "x" * 50_000, "� of the next"]


async def test_nothing_printed_is_nothing_logged(output: Output, log: list[str]) -> None:
    output.flush()
    assert log == []


async def test_a_line_that_came_in_pieces_is_one(output: Output, log: list[str]) -> None:
    for piece in (b"fi", b"r", b"st\nsec"):
        os.write(output.writing, piece)
        await run_loop_once()
    output.flush()
    assert log == ["first", "sec"]


async def test_the_end_of_the_process_is_no_line(output: Output, log: list[str]) -> None:
    os.write(output.writing, b"last words")
    output.close_writing()
    output.flush()
    await run_loop_once()
    assert log == ["last words"]
