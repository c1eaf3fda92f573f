"""The record writer takes rows over, writes them beside the calls, and counts those that it could not write."""

import asyncio
import threading
from collections.abc import Iterator
from copy import copy

import pytest

from socket_server.aws import log_context
from socket_server.aws.record_writer import CALL_ROWS, TURN_THREADS, WAITING_BYTES, WAITING_ROWS, RecordWriter
from socket_server.core.measures import Measured
from tests.bounds import WAIT_S

WORDS = "my order is number seven"


class Table:
    """Takes rows when it may; a row that is an exception fails."""

    def __init__(self) -> None:
        self.rows: list[object] = []
        self.may_answer = threading.Event()

    def write(self, row: object) -> None:
        assert self.may_answer.wait(WAIT_S)
        if isinstance(row, Exception):
            raise copy(row)  # an exception keeps its frames, and the test keeps this one
        self.rows.append(row)


class Parts:
    """A record writer, the table that it writes into, and what it measured, with the call that it belongs to."""

    def __init__(self) -> None:
        self.table = Table()
        self.measured: list[tuple[str, Measured]] = []
        self.writer = RecordWriter(lambda measured: self.measured.append((log_context.get_sid(), measured)))

    def turn(self, call_sid: str, row: object = WORDS, size_bytes: int = 10) -> None:
        self.writer.turn(call_sid, size_bytes, lambda: self.table.write(row))

    def fill_threads(self) -> None:
        """All threads for turns hang, each with a row of a call of its own."""
        for number in range(TURN_THREADS):
            self.turn(f"CA-other-{number}")

    @property
    def lost(self) -> int:
        return sum(int(measured.value) for _, measured in self.measured if measured.metric == "RowsLost")


@pytest.fixture
def parts() -> Iterator[Parts]:
    parts = Parts()
    yield parts
    parts.table.may_answer.set()


async def test_what_is_taken_over_is_written_and_can_be_waited_for(parts: Parts) -> None:
    parts.turn("CA1", "first")
    parts.writer.end("CA1", lambda: parts.table.write("end"))
    parts.turn("CA2", "other")
    waiting = asyncio.create_task(parts.writer.written("CA1"))
    await asyncio.sleep(0)
    assert not waiting.done()
    parts.table.may_answer.set()
    await waiting
    await parts.writer.written("CA2")
    assert set(parts.table.rows) == {"first", "end", "other"}
    await parts.writer.written("CA1")  # nothing is left
    assert parts.measured == []


async def test_an_end_waits_behind_no_turn(parts: Parts) -> None:
    parts.fill_threads()
    parts.turn("CA1")
    ended = threading.Event()
    parts.writer.end("CA1", ended.set)
    assert await asyncio.to_thread(ended.wait, 10)
    assert parts.table.rows == []


@pytest.mark.parametrize("error", [TimeoutError(), ValueError("nobody thought of it")])
async def test_a_row_that_fails_is_counted_in_its_call_and_hurts_no_other(
    parts: Parts, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    log_context.begin()
    log_context.name("CA1")
    parts.table.may_answer.set()
    parts.turn("CA1", error)
    parts.turn("CA2", "other")
    await parts.writer.written("CA1")
    await parts.writer.written("CA2")
    await asyncio.sleep(0)
    assert parts.table.rows == ["other"]
    assert parts.measured == [("CA1", Measured("RowsLost"))]
    [line] = caplog.records
    assert line.getMessage().startswith(f"turn not written: {type(error).__name__}")
    assert bool(line.exc_info) is isinstance(error, ValueError)


async def test_a_full_queue_loses_what_comes_next_and_nothing_that_it_has(parts: Parts) -> None:
    room = TURN_THREADS + WAITING_ROWS
    for number in range(room + 3):
        parts.turn(f"CA{number // CALL_ROWS}", number)
    await parts.writer.written(f"CA{room // CALL_ROWS + 1}")
    parts.table.may_answer.set()
    for number in range(room // CALL_ROWS + 1):
        await parts.writer.written(f"CA{number}")
    await asyncio.sleep(0)
    assert parts.lost == 3
    assert set(parts.table.rows) == set(range(room))


async def test_one_call_does_not_fill_the_queue(parts: Parts, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(CALL_ROWS + 2):
        parts.turn("CA1")
    assert parts.lost == 2
    parts.turn("CA2", "other")
    parts.table.may_answer.set()
    await parts.writer.written("CA2")
    assert "other" in parts.table.rows
    assert WORDS not in caplog.text


async def test_more_bytes_than_the_process_may_keep_are_lost_until_some_are_written(parts: Parts) -> None:
    parts.turn("CA1", "large", size_bytes=WAITING_BYTES)
    parts.turn("CA2", "too much", size_bytes=1)
    assert parts.lost == 1
    parts.table.may_answer.set()
    await parts.writer.written("CA1")
    await asyncio.sleep(0)
    parts.turn("CA2", "now", size_bytes=1)
    await parts.writer.written("CA2")
    assert parts.table.rows == ["large", "now"]


async def test_the_end_of_the_process_writes_what_is_left(parts: Parts) -> None:
    for number in range(3 * TURN_THREADS):
        parts.turn("CA1", number)
    parts.table.may_answer.set()
    await parts.writer.close(seconds=10)
    assert set(parts.table.rows) == set(range(3 * TURN_THREADS))
    assert parts.measured == []


async def test_the_end_of_the_process_waits_so_long_and_says_of_each_call_what_is_lost(
    parts: Parts, caplog: pytest.LogCaptureFixture
) -> None:
    async def call(sid: str, rows: int) -> None:
        log_context.begin()
        log_context.name(sid)
        for _ in range(rows):
            parts.turn(sid)
        parts.writer.end(sid, lambda: parts.table.write("end"))

    await asyncio.gather(call("CA1", 2 * TURN_THREADS), call("CA2", 1))  # some have a thread, others wait for one
    await parts.writer.close(seconds=0.01)
    await asyncio.sleep(0)
    assert parts.measured == [("CA1", Measured("RowsLost", 2 * TURN_THREADS + 1)), ("CA2", Measured("RowsLost", 2))]
    assert [record.getMessage() for record in caplog.records] == [
        f"rows not written: TimeoutError: the process ends and {count} waited" for count in (2 * TURN_THREADS + 1, 2)
    ]
    parts.turn("CA3")  # too late
    await parts.writer.written("CA3")
    await asyncio.sleep(0)
    assert parts.lost == 2 * TURN_THREADS + 4
