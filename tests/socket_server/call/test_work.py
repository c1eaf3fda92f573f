"""Slow work of one call: how it begins, and as which event it comes back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass

import pytest

from call_record import Attempt, Leg
from socket_server.aws.transfer_client import TransferClient
from socket_server.call.recorder import Recorder
from socket_server.call.services import Services
from socket_server.call.tasks import CallTasks
from socket_server.call.tool_runs import ToolRuns
from socket_server.call.tools import NoArguments, Tool, ToolContext
from socket_server.call.work import Work
from socket_server.core.actions import (
    CancelTransfer,
    Connect,
    OpenModel,
    RecordTurn,
    RunTool,
    StopWatching,
    Transfer,
    WatchAttempt,
)
from socket_server.core.attempt_events import AttemptChanged
from socket_server.core.errors import ModelRefusedError
from socket_server.core.events import ModelLost, ToolFinished, TransferFinished
from socket_server.core.model_codec import ModelListener
from socket_server.core.tool_offers import Json
from socket_server.settings import read_settings
from tests.socket_server.call.parts import STOP, Parts
from tests.socket_server.call.test_call import BrokenFunction, Memory, Moving
from tests.socket_server.fakes import CALL_SID, METRICS, OPENAI, TARIFF, FakeModel, stream_auth
from tests.socket_server.scripts import AGENT
from tests.socket_server.test_settings import REQUIRED


class Connector:
    """Opens sockets, and may have a spare one; a test says how opening fails."""

    refusal = ""

    def __init__(self, spare: FakeModel | None = None, error: Exception | None = None) -> None:
        self.opened: list[FakeModel] = []
        self._spare = spare
        self._error = error

    @property
    def spares(self) -> int:
        return 0 if self._spare is None else 1

    def take(self, _listener: ModelListener) -> FakeModel | None:
        spare, self._spare = self._spare, None
        return spare

    async def open(self, _listener: ModelListener) -> FakeModel:
        if self._error is not None:
            raise self._error
        self.opened.append(FakeModel())
        return self.opened[-1]

    def kept(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    def close(self) -> None: ...


@dataclass
class Working:
    """The work of a call that has begun; what the core orders of it is not carried out."""

    work: Work
    parts: Parts
    record: Memory

    @property
    def last_event(self) -> object:
        return self.parts.told[-1][0]


@asynccontextmanager
async def working(
    connector: Connector | None = None,
    function: TransferClient | None = None,
    tool_runs: ToolRuns | None = None,
    record: Memory | None = None,
) -> AsyncIterator[Working]:
    """To leave it waits for the work."""
    parts, record, connector = Parts(), record or Memory(), connector or Connector()
    shared = AGENT, function or Moving(), record, OPENAI, connector, TARIFF, METRICS
    services = Services(*shared, stream_auth(read_settings(REQUIRED)), tool_runs=tool_runs or ToolRuns())
    recorder = Recorder(record)
    recorder.call_sid = CALL_SID
    parts.begin()
    async with CallTasks() as tasks:
        yield Working(Work(services, tasks, recorder, parts.bridge), parts, record)


async def test_a_call_begins_with_a_spare_session_at_once() -> None:
    connector = Connector(spare := FakeModel())
    async with working(connector) as call:
        call.work.open_model()
        assert spare.kinds == ["session.update", "response.create"]
        assert call.parts.bridge.line.spare
    assert connector.opened == []


async def test_a_call_without_a_spare_session_opens_one_beside_the_audio() -> None:
    connector = Connector()
    async with working(connector) as call:
        call.work.open_model()
        assert not call.parts.bridge.line.opened
    [model] = connector.opened
    assert model.kinds == ["session.update", "response.create"]
    assert not call.parts.bridge.line.spare


@pytest.mark.parametrize("fresh", [False, True])
async def test_a_spare_session_takes_the_place_of_a_lost_one_unless_that_was_spare(fresh: bool) -> None:
    connector = Connector(spare := FakeModel())
    async with working(connector) as call:
        call.work.start(OpenModel(fresh=fresh))
    assert (len(connector.opened), bool(spare.sent)) == ((1, False) if fresh else (0, True))


@pytest.mark.parametrize(("status", "hopeless"), [(401, True), (503, False)])
async def test_a_session_that_is_refused_is_a_lost_model(status: int, hopeless: bool) -> None:
    async with working(Connector(error=ModelRefusedError("refused", status))) as call:
        call.work.open_model()
    assert call.last_event == ModelLost("refused", hopeless=hopeless)


async def test_a_session_that_cannot_be_opened_by_a_defect_is_not_asked_for_again() -> None:
    async with working(Connector(error=RuntimeError())) as call:
        call.work.open_model()
    assert call.last_event == ModelLost("a defect of ours", hopeless=True)


@pytest.mark.parametrize(
    ("function", "finished"),
    [
        (Moving(), TransferFinished("t1", "moved")),
        (BrokenFunction(), TransferFinished("t1", "failed", "the transfer could not be made")),
    ],
    ids=["moved", "defect"],
)
async def test_a_transfer_comes_back_as_what_became_of_it(function: TransferClient, finished: TransferFinished) -> None:
    async with working(function=function) as call:
        call.work.start(Transfer("t1", "sales", "asked", "a bicycle", announce=False))
    assert call.last_event == finished


@pytest.mark.parametrize(
    ("function", "finished"),
    [
        (Moving(), TransferFinished("t1", "moved")),
        (BrokenFunction(), TransferFinished("t1", "failed", "the transfer could not be made")),
    ],
    ids=["moved", "defect"],
)
async def test_a_move_to_a_person_who_waits_comes_back_as_what_became_of_it(
    function: TransferClient, finished: TransferFinished
) -> None:
    async with working(function=function) as call:
        call.work.start(Connect("t1", announce=False))
    assert call.last_event == finished


class RingingMemory(Memory):
    """A record in which somebody rings for ever, or that has a defect."""

    def __init__(self, fails: str = "") -> None:
        super().__init__(fails)
        self.looked = asyncio.Event()

    async def read_attempt(self, call_sid: str, request_id: str) -> tuple[Attempt, tuple[Leg, ...]] | None:
        assert call_sid == CALL_SID
        self.looked.set()
        if self._fails == "read_attempt":
            raise RuntimeError(request_id)
        legs = (Leg("CA9", request_id, initiated_at_ms=1),)
        return Attempt(request_id, status="ringing", claimed_at_ms=1), legs


async def test_what_happens_to_people_who_ring_comes_as_events_until_it_is_stopped() -> None:
    record = RingingMemory()
    async with working(record=record) as call:
        call.work.start(StopWatching())
        call.work.start(WatchAttempt("t1"))
        await record.looked.wait()
        await asyncio.sleep(0)
        call.work.start(StopWatching())
    assert call.last_event == AttemptChanged("t1", "ringing", people=1)


async def test_people_who_ring_and_cannot_be_looked_at_by_a_defect_are_no_promise() -> None:
    async with working(record=RingingMemory("read_attempt")) as call:
        call.work.start(WatchAttempt("t1"))
    assert call.last_event == AttemptChanged("t1", "failed", note="it is not known what became of them")


async def test_people_are_called_off_for_this_call() -> None:
    function = Moving()
    async with working(function=function) as call:
        call.work.start(CancelTransfer("t1", "caller_gone"))
    assert function.cancelled == [(CALL_SID, "t1")]


@pytest.mark.parametrize(
    ("destination", "named"),
    [
        ("", "the first open destination"),
        ("sales", "sales"),
        ("the model's own words", "an unknown destination"),
    ],
)
async def test_only_names_of_the_list_are_logged(
    destination: str, named: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with working() as call:
        call.work.start(Transfer("t1", destination, "asked", "a bicycle", announce=False))
    assert f"transfer to {named} asked for" in caplog.messages


async def test_a_turn_is_recorded_at_once() -> None:
    async with working() as call:
        call.work.start(RecordTurn(0, "caller", "Hello", "Hello"))
        assert call.record.turns == [("caller", "Hello")]


@pytest.mark.parametrize("over", [False, True])
async def test_the_answer_of_a_tool_is_recorded_also_when_the_call_is_over(over: bool) -> None:
    async def book(_: NoArguments, __: ToolContext) -> Json:
        return "booked"

    runs = ToolRuns((Tool("book", "Book.", NoArguments, book),))
    async with working(tool_runs=runs) as call:
        call.work.start(RunTool("c1", "book", "{}"))
        if over:
            call.parts.phones(STOP)
        await runs.close(10)
    assert call.record.turns == [("tool", 'book {}: "booked"')]
    assert (call.last_event == ToolFinished("c1", '"booked"')) is not over
