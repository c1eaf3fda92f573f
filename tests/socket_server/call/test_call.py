"""One call whose services have defects: the caller is never lost over them.

The model is the sandbox's; the phone's socket is ASGI without a network. Calls as they should be are tested against the
real server.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import NoReturn

import pytest
from starlette.websockets import WebSocket

from call_record import CallRecord, EndReason, Turn
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from socket_server.aws import log_context
from socket_server.aws.call_log import CallLog
from socket_server.aws.transfer_client import TransferClient
from socket_server.call.call import DEFECT, NORMAL, REFUSED, Call
from socket_server.call.places import Places
from socket_server.call.services import Services
from socket_server.call.timer import now_ms
from socket_server.call.tool_runs import ToolRuns
from socket_server.call.tools import NoArguments, Tool, ToolContext
from socket_server.core.actions import CancelTransfer, Connect, Transfer
from socket_server.core.agent import Agent
from socket_server.core.events import Draining, TransferFinished
from socket_server.core.prices import Tariff
from socket_server.core.tool_offers import Destination, Json
from socket_server.core.usage import Spent, Usage
from socket_server.settings import read_settings
from tests.socket_server.fakes import CALL_SID, METRICS, OPENAI, TARIFF, Line, empty_session_pool, stream_auth
from tests.socket_server.phone import TOKEN_SECRET, issue_token
from tests.socket_server.test_settings import REQUIRED


class Memory(CallLog):
    """A record that forgets, except for how streams ended; a test makes parts of it fail."""

    def __init__(self, fails: str = "") -> None:
        self.ends: list[EndReason] = []
        self.turns: list[tuple[str, str]] = []
        self.turns_of: list[str] = []
        """The calls in whose context they were written."""
        self.asked_again: list[bool] = []
        self._fails = fails

    async def claim_stream(self, call_sid: str, jti: str, stream_sid: str) -> bool:
        return bool(call_sid and jti and stream_sid)

    async def read(self, call_sid: str, *, again: bool) -> CallRecord:
        self.asked_again.append(again)
        if self._fails == "read":
            raise RuntimeError(call_sid)
        return CallRecord()

    def add_turn(self, call_sid: str, turn: Turn) -> None:
        if self._fails == "add_turn":
            raise RuntimeError(call_sid, turn)
        self.turns_of.append(log_context.get_sid())
        self.turns.append((turn.speaker, turn.said))

    def end_stream(
        self, call_sid: str, jti: str, reason: EndReason, talked_ms: int, spent: Spent | None = None
    ) -> None:
        assert call_sid == CALL_SID
        assert jti
        assert talked_ms >= 0
        assert spent is None or spent.tokens >= 0
        self.ends.append(reason)

    async def written(self, call_sid: str) -> None:
        assert call_sid == CALL_SID


class SlowMemory(Memory):
    """Has written what was said some time after the end."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []
        self.taken = asyncio.Event()

    def add_turn(self, call_sid: str, turn: Turn) -> None:
        super().add_turn(call_sid, turn)
        self.taken.set()

    def end_stream(
        self, call_sid: str, jti: str, reason: EndReason, talked_ms: int, spent: Spent | None = None
    ) -> None:
        super().end_stream(call_sid, jti, reason, talked_ms, spent)
        self.order.append("end")

    async def written(self, call_sid: str) -> None:
        await super().written(call_sid)
        for _ in range(100):
            await asyncio.sleep(0)
        self.order.append("written")


class SilentMemory(Memory):
    """Never writes anything."""

    async def written(self, call_sid: str) -> None:
        await super().written(call_sid)
        await asyncio.Event().wait()


class BrokenFunction(TransferClient):
    """Knows people and fails, in a way nobody thought of, to reach them."""

    def __init__(self) -> None: ...

    def knows(self, destination: str) -> bool:
        return destination == "sales"

    async def destinations(self) -> tuple[Destination, ...]:
        return (Destination("sales", "New bicycles", open=True),)

    async def transfer(self, call_sid: str, action: Transfer) -> NoReturn:
        raise RuntimeError(call_sid, action)

    async def connect(self, call_sid: str, action: Connect) -> NoReturn:
        raise RuntimeError(call_sid, action)


class Moving(BrokenFunction):
    """Moves every call."""

    def __init__(self) -> None:
        self.cancelled: list[tuple[str, str]] = []

    async def transfer(self, call_sid: str, action: Transfer) -> TransferFinished:  # type: ignore[override]
        assert call_sid == CALL_SID
        return TransferFinished(action.request_id, "moved")

    async def connect(self, call_sid: str, action: Connect) -> TransferFinished:  # type: ignore[override]
        assert call_sid == CALL_SID
        return TransferFinished(action.request_id, "moved")

    def cancel(self, call_sid: str, action: CancelTransfer) -> None:
        self.cancelled.append((call_sid, action.request_id))


class Priceless(Tariff):
    """A list of prices with a defect."""

    def response_usd(self, usage: Usage) -> float | None:
        raise RuntimeError(usage)


class Waiting(Line):
    """Plays nothing yet."""

    def __init__(self) -> None:
        super().__init__()
        self.marked = asyncio.Event()

    def _play(self, _mark: dict[str, str]) -> None:
        self.marked.set()


@dataclass
class Stage:
    """One call and what it talks to."""

    model: ModelServer
    line: Line
    record: Memory
    call: Call


@asynccontextmanager
async def call(
    record: Memory,
    function: TransferClient,
    line: Line | None = None,
    tool_runs: ToolRuns | None = None,
    tariff: Tariff = TARIFF,
    **settings: str,
) -> AsyncIterator[Stage]:
    """A call that has been dialled; it has to end by itself."""
    async with ModelServer(Scripted()) as model:
        secret = {"STREAM_TOKEN_SECRET": TOKEN_SECRET, "REALTIME_URL": model.url}
        line = line or Line()
        read = read_settings(REQUIRED | secret | settings)
        services = Services(
            Agent("Be brief.", "Greet."),
            function,
            record,
            OPENAI,
            empty_session_pool(f"{model.url}?model=gpt-realtime-2.1"),
            tariff,
            METRICS,
            stream_auth(read),
            read.log_event_types,
            tool_runs=tool_runs or ToolRuns(),
        )
        stage = Stage(model, line, record, Call(line.websocket, services, Places(1)))
        running = asyncio.create_task(stage.call.run())
        await asyncio.sleep(0)  # it listens from its first step
        yield stage
        await asyncio.wait_for(running, 10)


async def test_a_transfer_that_fails_by_a_defect_is_told_to_the_model() -> None:
    async with call(Memory(), BrokenFunction()) as stage:
        session = await stage.model.wait_for_session()
        stage.line.start()
        await session.expect("session.update")
        await session.expect("response.create")
        stage.line.says("dtmf", dtmf={"digit": "0"})
        told = (await session.wait_for("conversation.item.create"))["item"]
        assert '"failed"' in told["content"][0]["text"]
        stage.line.leave()
    assert stage.record.ends == ["stream_lost"]


async def test_a_turn_that_cannot_be_recorded_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with call(Memory(fails="add_turn"), Moving()) as stage:
        session = await stage.model.wait_for_session()
        stage.line.start()
        await session.expect("session.update")
        await session.expect("response.create")
        await session.start_speech()
        await session.stop_speech("Hello")
        await session.start_speech()
        await session.fail("insufficient_quota")
        await session.wait_for_end()
        stage.line.says("stop", stop={})
    assert stage.line.closed.result() == NORMAL
    assert stage.record.ends == ["transferred"]
    assert "a turn was not taken over" in caplog.text


async def test_a_defect_of_measuring_hurts_no_call(caplog: pytest.LogCaptureFixture) -> None:
    tariff = Priceless(TARIFF.prices, TARIFF.model, TARIFF.transcription_model)
    async with call(Memory(), Moving(), tariff=tariff) as stage:
        session = await stage.model.wait_for_session()
        stage.line.start()
        await session.expect("session.update")
        await session.expect("response.create")
        await session.speak(bytes(800), "Hello")
        await session.start_speech()
        await session.stop_speech("Hello")
        await session.fail("insufficient_quota")
        await session.wait_for_end()
        stage.line.says("stop", stop={})
    assert stage.record.ends == ["transferred"]
    assert "measuring failed by a defect of ours" in caplog.text


async def test_a_call_that_has_to_go_is_recorded_to_its_last_word_before_it_is_closed() -> None:
    record = SlowMemory()
    async with call(record, Moving()) as stage:
        stage.line.closed.add_done_callback(lambda _: record.order.append("closed"))
        session = await stage.model.wait_for_session()
        stage.line.start()
        await session.expect("session.update")
        await session.expect("response.create")
        await session.speak(bytes(800), "Hello")
        await record.taken.wait()
        stage.call.drain(Draining(now_ms(), now_ms()))
        await session.wait_for_end()
    assert stage.line.closed.result() == NORMAL
    assert record.ends == ["draining"]
    assert record.order == ["end", "written", "closed"]


async def test_a_call_whose_phone_has_gone_waits_for_no_record() -> None:
    async with call(SilentMemory(), Moving()) as stage:
        session = await stage.model.wait_for_session()
        stage.line.start()
        await session.expect("session.update")
        stage.line.leave()
    assert stage.record.ends == ["stream_lost"]
    assert not stage.line.closed.done()


async def test_a_refused_stream_waits_for_nothing_that_it_asked_for() -> None:
    class Unanswered(Memory):
        async def claim_stream(self, call_sid: str, jti: str, stream_sid: str) -> bool:
            await super().claim_stream(call_sid, jti, stream_sid)
            return False

        async def read(self, call_sid: str, *, again: bool) -> CallRecord:
            await asyncio.Event().wait()
            return await super().read(call_sid, again=again)

    async with call(Unanswered(), Moving()) as stage:
        await stage.model.wait_for_session()
        stage.line.start()
    assert stage.line.closed.result() == REFUSED


@pytest.mark.parametrize("again", [False, True])
async def test_the_token_says_whether_there_is_a_past_worth_waiting_for(again: bool) -> None:
    async with call(Memory(), Moving()) as stage:
        session = await stage.model.wait_for_session()
        stage.line.start(issue_token(CALL_SID, again=again))
        await session.expect("session.update")
        stage.line.says("stop", stop={})
    assert stage.record.asked_again == [again]


async def test_what_comes_of_having_to_go_belongs_to_the_call() -> None:
    record, line = Memory(), Waiting()
    async with call(record, Moving(), line) as stage:
        session = await stage.model.wait_for_session()
        line.start()
        await session.expect("session.update")
        await session.expect("response.create")
        await session.speak(bytes(1600), "Hello")
        await line.marked.wait()
        stage.call.drain(Draining(now_ms(), now_ms()))
    assert record.turns_of == [CALL_SID]


async def test_a_call_that_fails_by_a_defect_is_recorded_and_closed_with_1011(caplog: pytest.LogCaptureFixture) -> None:
    async with call(Memory(fails="read"), Moving()) as stage:
        session = await stage.model.wait_for_session()
        stage.line.start()
        assert await session.wait_for_end() == 1000
    assert stage.line.closed.result() == DEFECT
    assert stage.record.ends == ["internal_error"]
    assert "Traceback" in caplog.text


async def test_a_refused_stream_is_closed_and_leaves_no_trace_in_the_record() -> None:
    async with call(Memory(), Moving()) as stage:
        session = await stage.model.wait_for_session()
        stage.line.start("not.a.token")
        await session.wait_for_end()
    assert stage.line.closed.result() == REFUSED
    assert (session.received, stage.record.ends) == ([], [])


async def test_the_connection_is_cut_some_time_after_the_close() -> None:
    async with call(Memory(), Moving()) as stage:
        stage.line.start("")
    await asyncio.wait_for(stage.line.aborted.wait(), 10)


async def test_a_phone_that_is_gone_before_the_handshake_is_answered_is_no_call() -> None:
    line = Line()

    async def gone(_: object) -> None:
        raise OSError

    settings = read_settings(REQUIRED)
    called = Agent("x", "x"), Moving(), Memory(), OPENAI, empty_session_pool(), TARIFF, METRICS
    services = Services(*called, stream_auth(settings))
    websocket = WebSocket(line.websocket.scope, line.websocket.receive, gone)
    await Call(websocket, services, Places(1)).run()
    assert not line.aborted.is_set()


@pytest.mark.parametrize("cut_off", [False, True])
async def test_a_tool_that_was_begun_is_finished_when_its_call_is_over_unless_its_table_says_otherwise(
    cut_off: bool,
) -> None:
    may_answer = asyncio.Event()

    async def book(_: NoArguments, __: ToolContext) -> Json:
        await may_answer.wait()
        return "booked"

    record, runs = Memory(), ToolRuns((Tool("book", "Book.", NoArguments, book, ends_with_call=cut_off),))
    async with call(record, Moving(), tool_runs=runs) as stage:
        session = await stage.model.wait_for_session()
        stage.line.start()
        await session.expect("session.update")
        await session.expect("response.create")
        await session.call_tool("book")
        stage.line.says("dtmf", dtmf={"digit": "0"})  # heard after the tool was begun
        await session.wait_for("session.update")
        stage.line.leave()
    assert record.ends  # the call is over, its place is free
    may_answer.set()
    await runs.close(10)
    answer = '{"error": "the tool was cut off before it answered"}' if cut_off else '"booked"'
    assert ("tool", f"book {{}}: {answer}") in record.turns
