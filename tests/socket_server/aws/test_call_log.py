"""The client of the call record against a table that works, one that hangs and one that is broken."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from call_record import Attempt, Call, CallRecord, CallTable, Leg, Stream, Turn
from socket_server.aws.call_log import CallLog, read_past
from socket_server.aws.executor import Executor
from socket_server.aws.record_writer import RecordWriter
from socket_server.core.actions import AddMessage
from socket_server.core.opening import Past
from socket_server.core.transfer_messages import Ringing
from socket_server.core.usage import Spent
from tests.bounds import WAIT_S
from tests.lambdas import TABLE, run_calls_table
from tests.socket_server.fakes import METRICS

TURN = Turn(1000, "caller", "Hello", "Hello")


@pytest.fixture
def table() -> Iterator[CallTable]:
    with run_calls_table() as client:
        yield CallTable(client, TABLE)


class AtOnce(Executor):
    """Executor that are none: the loop stands still meanwhile, so however busy the machine is, no limit is reached."""

    def __init__(self) -> None: ...

    def start[T](self, call: Callable[[], T]) -> asyncio.Future[T]:
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        try:
            answer.set_result(call())
        except Exception as error:
            answer.set_exception(error)
        return answer


def few() -> Executor:
    return Executor("test", 2, 2)


class Hanging(CallTable):
    """A table that answers nothing until it is told to."""

    def __init__(self) -> None:
        self.answer = threading.Event()
        self.written: list[tuple[object, ...]] = []
        self.reads: list[str] = []

    def read(self, call_sid: str) -> CallRecord:
        self.reads.append(call_sid)
        assert self.answer.wait(WAIT_S)
        return CallRecord(Call(call_sid))

    def claim_stream(self, *claim: str) -> bool:
        assert self.answer.wait(WAIT_S)
        self.written.append(claim)
        return False

    def end_stream(self, *end: object, **_used: object) -> None:
        assert self.answer.wait(WAIT_S)
        self.written.append(end)


class Broken(CallTable):
    """A table of which every use is a defect."""

    def __init__(self) -> None: ...


async def test_what_is_written_is_read(table: CallTable) -> None:
    writer = RecordWriter(METRICS.emit)
    call_log = CallLog(table, writer, AtOnce())
    assert await call_log.claim_stream("CA1", "j1", "MZ1")
    call_log.add_turn("CA1", TURN)
    call_log.end_stream("CA1", "j1", "goodbye", 5000, Spent(4321, 0.0123456))
    await writer.written("CA1")
    await call_log.written("CA1")
    record = await call_log.read("CA1", again=True)
    assert [(stream.tokens, stream.cost_micro_usd) for stream in record.streams] == [(4321, 12_346)]
    [stream] = record.streams
    assert record.turns == (TURN,)
    assert (stream.jti, stream.stream_sid, stream.end_reason, stream.talked_ms) == ("j1", "MZ1", "goodbye", 5000)


@pytest.mark.parametrize("stream_sid", ["MZ1", "MZ2"])
async def test_a_token_serves_once_in_this_process_whatever_the_stream(table: CallTable, stream_sid: str) -> None:
    call_log = CallLog(table, RecordWriter(METRICS.emit), AtOnce())
    assert await call_log.claim_stream("CA1", "j1", "MZ1")
    assert not await call_log.claim_stream("CA1", "j1", stream_sid)


@pytest.mark.parametrize(("stream_sid", "admitted"), [("MZ1", True), ("MZ2", False)])
async def test_a_token_that_another_process_took_serves_its_own_stream_only(
    table: CallTable, stream_sid: str, admitted: bool
) -> None:
    first, second = (CallLog(table, RecordWriter(METRICS.emit), AtOnce()) for _ in range(2))
    assert await first.claim_stream("CA1", "j1", "MZ1")
    assert await second.claim_stream("CA1", "j1", stream_sid) is admitted


async def test_a_table_that_hangs_refuses_nobody_and_gets_all_when_it_is_back() -> None:
    table = Hanging()
    call_log = CallLog(table, RecordWriter(METRICS.emit), few())
    assert await call_log.claim_stream("CA1", "j1", "MZ1")
    assert not await call_log.claim_stream("CA1", "j1", "MZ1")
    assert await call_log.read("CA1", again=False) == CallRecord()
    call_log.end_stream("CA1", "j1", "goodbye", 5000)
    await call_log.written("CA1")  # a second, and the phone's socket is closed
    assert table.written == []
    table.answer.set()
    await call_log.close()
    assert sorted(table.written, key=len) == [("CA1", "j1", "MZ1"), ("CA1", "j1", "goodbye", 5000)]


async def test_a_full_queue_answers_at_once_as_a_table_does_that_hangs(caplog: pytest.LogCaptureFixture) -> None:
    table = Hanging()
    call_log = CallLog(table, RecordWriter(METRICS.emit), Executor("test", 1, 0))
    waiting = asyncio.create_task(call_log.read("CA1", again=True))
    await asyncio.sleep(0)
    assert await call_log.claim_stream("CA2", "j2", "MZ2")
    assert await call_log.read("CA2", again=True) == CallRecord()
    assert [record.getMessage().split(": ")[:2] for record in caplog.records] == [
        ["token not claimed in the table", "BusyError"],
        ["record not read", "BusyError"],
    ]
    table.answer.set()
    await waiting


async def test_a_past_that_nobody_waits_for_any_more_is_not_read() -> None:
    table, threads = Hanging(), Executor("test", 1, 1)
    call_log = CallLog(table, RecordWriter(METRICS.emit), threads)
    claimed = asyncio.create_task(call_log.claim_stream("CA1", "j1", "MZ1"))
    await asyncio.sleep(0)
    assert await call_log.read("CA1", again=False) == CallRecord()
    table.answer.set()
    await threads.close(10)
    await claimed
    assert table.reads == []


async def test_a_caller_who_comes_back_is_worth_a_longer_wait_for_what_they_said() -> None:
    table = Hanging()
    call_log = CallLog(table, RecordWriter(METRICS.emit), few())
    back = asyncio.create_task(call_log.read("CA1", again=True))
    assert await call_log.read("CA2", again=False) == CallRecord()
    table.answer.set()
    assert await back == CallRecord(Call("CA1"))


async def test_a_table_that_is_broken_is_logged_with_its_traceback_and_hurts_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    writer = RecordWriter(METRICS.emit)
    call_log = CallLog(Broken(), writer, AtOnce())
    assert await call_log.claim_stream("CA1", "j1", "MZ1")
    assert await call_log.read("CA1", again=False) == CallRecord()
    call_log.add_turn("CA1", TURN)
    call_log.end_stream("CA1", "j1", "goodbye", 5000)
    await writer.close(10)
    assert len(caplog.records) == 4
    assert all(record.exc_info for record in caplog.records)


# --- people who are rung


async def test_an_attempt_is_read_with_its_legs(table: CallTable) -> None:
    call_log = CallLog(table, RecordWriter(METRICS.emit), few())
    assert await call_log.read_attempt("CA1", "r1") is None
    table.claim_attempt("CA1", Attempt("r1", "desk", mode="attended"))
    table.legs.decline("CA1", "r1", "CA2", "2")
    table.legs.decline("CA1", "r2", "CA3", "2")

    rows = await call_log.read_attempt("CA1", "r1")

    assert rows is not None
    attempt, legs = rows
    assert (attempt.destination, attempt.mode) == ("desk", "attended")
    assert legs == (Leg("CA2", "r1", key="2"),)
    await call_log.close()


async def test_an_attempt_that_cannot_be_read_is_unknown(caplog: pytest.LogCaptureFixture) -> None:
    call_log = CallLog(Broken(), RecordWriter(METRICS.emit), AtOnce())
    assert await call_log.read_attempt("CA1", "r1") is None
    assert "attempt not read" in caplog.text


# --- what a record says of the past

OWN = Stream("j1", "MZ1")
EARLIER = Stream("j0", "MZ0")
UNUSED = Stream("j2")
GONE = Attempt("r1", "workshop", status="no_answer", claimed_at_ms=1500, settled_at_ms=2000)
KEY, TOOL = "(The caller pressed these keys on the phone: {})", "(A tool that you called has answered. {})"
UNDER_WAY = Attempt("r2", "workshop", claimed_at_ms=1500)
PEOPLE = Ringing("r2", "workshop", answered=True)
RINGS = replace(UNDER_WAY, status="ringing", mode="attended")


@pytest.mark.parametrize(
    ("record", "past"),
    [
        (CallRecord(), None),
        (CallRecord(streams=(OWN,)), None),
        (CallRecord(streams=(OWN, UNUSED)), None),
        (CallRecord(streams=(EARLIER, OWN)), None),
        (CallRecord(attempts=(GONE,)), Past((), "no_answer", "workshop")),
        (CallRecord(attempts=(replace(GONE, tells=2),)), Past((), "no_answer", "workshop", told=True)),
        (CallRecord(attempts=(UNDER_WAY,)), Past(())),
        (CallRecord(attempts=(RINGS,)), Past((), ringing=PEOPLE)),
        (
            CallRecord(attempts=(RINGS, GONE)),
            Past((), "no_answer", "workshop", ringing=PEOPLE),
        ),
        (
            CallRecord(attempts=(replace(RINGS, status="accepted"),)),
            Past((), ringing=PEOPLE),
        ),
        (CallRecord(attempts=(replace(RINGS, status="nobody"),)), Past(())),
        (CallRecord(attempts=(replace(RINGS, decision="<Response/>"),)), Past(())),
        (CallRecord(attempts=(GONE, UNDER_WAY)), Past((), "no_answer", "workshop")),
        (CallRecord(attempts=(replace(GONE, status="busy", failure="refused"),)), Past((), "refused", "workshop")),
        (
            CallRecord(attempts=(replace(GONE, status="bridged", failure="forwarded_back"),)),
            Past((), "bridged", "workshop"),
        ),
        (CallRecord(turns=(TURN,)), Past((AddMessage("user", "Hello"),))),
        (CallRecord(turns=(Turn(1, "model", "Hello there", "Hello"),)), Past((AddMessage("assistant", "Hello"),))),
        (CallRecord(turns=(Turn(1, "model", "Hello", ""),), streams=(OWN,)), None),
        (
            CallRecord(turns=(Turn(1, "keys", "12", "12"), Turn(2, "tool", 'look_up {}: "7"', 'look_up {}: "7"'))),
            Past(
                (
                    AddMessage("user", KEY.format(12)),
                    AddMessage("system", TOOL.format('look_up {}: "7"')),
                )
            ),
        ),
        (CallRecord(turns=(TURN,), attempts=(GONE,)), Past((AddMessage("user", "Hello"),), "no_answer", "workshop")),
        (
            CallRecord(turns=(TURN, Turn(3000, "caller", "So?", "So?")), attempts=(GONE,)),
            Past((AddMessage("user", "Hello"), AddMessage("user", "So?"))),
        ),
        (
            CallRecord(turns=(TURN, Turn(3000, "keys", "1", "1")), attempts=(GONE,)),
            Past((AddMessage("user", "Hello"), AddMessage("user", KEY.format(1))), "no_answer", "workshop"),
        ),
        (
            CallRecord(turns=(TURN, Turn(3000, "tool", "book", "book")), attempts=(GONE,)),
            Past((AddMessage("user", "Hello"), AddMessage("system", TOOL.format("book"))), "no_answer", "workshop"),
        ),
    ],
)
def test_the_past_is_what_was_heard_and_whom_the_caller_comes_back_from(record: CallRecord, past: Past | None) -> None:
    assert read_past(record) == past
