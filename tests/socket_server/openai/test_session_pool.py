"""Spare sessions, against the sandbox's model."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypedDict, Unpack

import pytest
import pytest_asyncio

from sandbox.openai.faults import Faults
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from socket_server.aws import log_context
from socket_server.core.agent import Limits
from socket_server.core.errors import ModelRefusedError
from socket_server.core.measures import Measured
from socket_server.core.model_codec import ModelListener
from socket_server.openai.pool_timing import OLDEST_SECONDS, RENEWING_SECONDS, PoolTiming, compute_good_seconds
from socket_server.openai.session_pool import SessionPool
from socket_server.openai.socket import ModelSocket
from tests.bounds import WAIT_S
from tests.socket_server.fakes import METRICS
from tests.socket_server.services import Heard

YOUNG = 600.0


@pytest_asyncio.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with ModelServer(Scripted()) as model:
        yield model


class Options(TypedDict, total=False):
    """How long the pool waits, which is short in a test."""

    good_seconds: float
    renew_seconds: float
    session_seconds: float
    first_wait_seconds: float
    said_again_seconds: float


def make(
    model: ModelServer,
    size: int = 1,
    emit: Callable[[Measured], None] = METRICS.emit,
    jitter: Callable[[], float] = lambda: 0.0,
    **options: Unpack[Options],
) -> SessionPool:
    url = f"{model.url}?model=gpt-realtime-2.1"
    short: Options = {"good_seconds": YOUNG, "first_wait_seconds": 0.01}
    return SessionPool(url, "key", ssl.create_default_context(), size, PoolTiming(**short | options), emit, jitter)


@asynccontextmanager
async def kept(session_pool: SessionPool, count: int = 1) -> AsyncIterator[None]:
    """When there are so many."""
    async with session_pool.kept():
        await until(session_pool, count)
        yield


async def until(session_pool: SessionPool, count: int) -> None:
    async with asyncio.timeout(10):
        while True:
            if session_pool.spares == count:
                return
            await asyncio.sleep(0.005)  # nobody is told when there is another one


async def take(session_pool: SessionPool, heard: Heard) -> ModelSocket:
    socket = session_pool.take(heard)
    assert socket is not None
    return socket


async def test_a_spare_is_open_and_was_told_nothing_before_it_is_taken(model: ModelServer) -> None:
    session_pool, heard = make(model), Heard()
    async with kept(session_pool):
        session = await model.wait_for_session()
        socket = await take(session_pool, heard)
        assert session.received == []
        socket.send_text(b'{"type":"input_audio_buffer.clear"}')
        await session.expect("input_audio_buffer.clear")
        assert "input_audio_buffer.cleared" in (await heard.next())[1]
        socket.close()


async def test_the_oldest_is_taken_first_and_each_is_replaced(model: ModelServer) -> None:
    session_pool, heard = make(model, size=2), Heard()
    async with kept(session_pool, 2):
        await model.wait_for_session(), await model.wait_for_session()
        sockets = [await take(session_pool, heard), await take(session_pool, heard)]
        assert session_pool.take(heard) is None
        await model.wait_for_session(), await model.wait_for_session()
        await until(session_pool, 2)
        for socket in sockets:
            socket.close()


async def test_without_a_size_there_are_none_and_a_call_can_open_its_own(model: ModelServer) -> None:
    session_pool, heard = make(model, size=0), Heard()
    async with session_pool.kept():
        assert session_pool.take(heard) is None
        socket = await session_pool.open(heard)
        assert "session.created" in (await heard.next())[1]
        socket.close()
    assert len(model.sessions) == 1


async def test_what_a_taken_spare_hears_belongs_to_its_call(model: ModelServer) -> None:
    class Placed(Heard):
        def model_lost(self, reason: str) -> None:
            super().model_lost(f"{reason} of {log_context.get_sid()}")

    session_pool, heard = make(model), Placed()
    async with kept(session_pool):
        session = await model.wait_for_session()
        log_context.begin()
        log_context.name("CA1")
        await take(session_pool, heard)
        await session.close(1001, "over")
        assert await heard.next() == ("lost", "closed with 1001 over of CA1")


@pytest.mark.parametrize("how", ["closed", "cut", "error", "bad message"])
async def test_a_lost_spare_is_never_taken_and_is_replaced(
    model: ModelServer, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    session_pool = make(model)
    async with kept(session_pool):
        session = await model.wait_for_session()
        match how:
            case "closed":
                await session.close(1001)
            case "cut":
                session.drop()
            case "error":
                await session.fail("session_expired")
            case _:
                await session.send_frame("no JSON")
        again = await model.wait_for_session()
        await until(session_pool, 1)
        socket = await take(session_pool, Heard())
        socket.send_text(b'{"type":"input_audio_buffer.clear"}')
        await again.expect("input_audio_buffer.clear")
        socket.close()
    assert await session.wait_for_end() is not None or how == "cut"
    assert [message for message in caplog.messages if "no spare session" in message] == caplog.messages[:1]


async def test_what_else_the_service_says_to_a_spare_changes_nothing(model: ModelServer) -> None:
    session_pool, heard = make(model), Heard()
    async with kept(session_pool):
        session = await model.wait_for_session()
        await session.send({"type": "rate_limits.updated", "rate_limits": []})
        await session.send({"type": "session.created", "session": {}})
        socket = await take(session_pool, heard)
        await session.send({"type": "rate_limits.updated", "rate_limits": []})
        while "rate_limits" not in (await heard.next())[1]:
            pass
        socket.close()


async def test_places_are_renewed_at_times_of_their_own(model: ModelServer) -> None:
    chances = iter([0.0, 4.0])  # more than chance ever gives: at once
    session_pool = make(model, size=2, renew_seconds=YOUNG, jitter=lambda: next(chances, 0.0))
    async with session_pool.kept():
        first, second = await model.wait_for_session(), await model.wait_for_session()
        await model.wait_for_session()
        await asyncio.wait(
            ends := [asyncio.create_task(one.wait_for_end()) for one in (first, second)], return_when="FIRST_COMPLETED"
        )
        assert [end.result() for end in ends if end.done()] == [1000]
    await asyncio.wait(ends)
    assert len(model.sessions) == 3


async def test_an_old_spare_is_replaced_by_one_that_was_opened_before(model: ModelServer) -> None:
    session_pool = make(model, renew_seconds=0.1)
    async with kept(session_pool):
        first = await model.wait_for_session()
        await model.wait_for_session()
        assert await first.wait_for_end() == 1000
        assert session_pool.spares == 1


async def test_a_spare_that_is_too_old_is_closed_and_not_taken(model: ModelServer) -> None:
    session_pool = make(model, good_seconds=0, renew_seconds=YOUNG)
    async with kept(session_pool):
        first = await model.wait_for_session()
        assert session_pool.take(Heard()) is None
        assert await first.wait_for_end() == 1000


async def test_the_end_closes_all_and_opens_no_more(model: ModelServer) -> None:
    session_pool = make(model, size=2)
    async with kept(session_pool, 2):
        sessions = [await model.wait_for_session(), await model.wait_for_session()]
        session_pool.close()
        assert [await session.wait_for_end() for session in sessions] == [1000, 1000]
        assert session_pool.take(Heard()) is None
    assert len(model.sessions) == 2


async def test_the_end_does_not_wait_for_a_handshake(model: ModelServer) -> None:
    model.faults = Faults(accept_when=asyncio.Event())
    async with asyncio.timeout(3), make(model).kept():
        await model.wait_for_handshake()
    assert model.faults.accept_when is not None
    model.faults.accept_when.set()


async def test_the_end_does_not_wait_for_a_session(model: ModelServer) -> None:
    model.faults = Faults(mute=True)
    async with asyncio.timeout(3), make(model).kept():
        session = await model.wait_for_session()
    assert await session.wait_for_end() == 1000


async def test_a_defect_of_the_pool_leaves_the_process_alone(
    model: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(SessionPool):
        async def open(self, _: object) -> ModelSocket:
            raise RuntimeError("nobody thought of it")

    session_pool = Broken(model.url, "key", ssl.create_default_context(), 1, PoolTiming(YOUNG), METRICS.emit)
    async with session_pool.kept():
        await asyncio.sleep(0)  # it fails in its first step
        assert session_pool.take(Heard()) is None
    assert "failed by a defect of ours" in caplog.text


@pytest.mark.parametrize(("minutes", "seconds"), [(1, OLDEST_SECONDS), (47, OLDEST_SECONDS), (55, 180), (57, 60)])
def test_a_spare_has_the_longest_call_before_it(minutes: int, seconds: float) -> None:
    assert compute_good_seconds(Limits(session_minutes=minutes)) == seconds > RENEWING_SECONDS


async def test_a_service_that_refuses_the_key_is_told_before_a_call_meets_it(
    model: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    tried = asyncio.Event()

    class Noted(SessionPool):
        async def open(self, listener: ModelListener) -> ModelSocket:
            try:
                return await super().open(listener)
            finally:
                tried.set()

    model.faults = Faults(handshake_status=401)
    url = f"{model.url}?model=gpt-realtime-2.1"
    session_pool = Noted(url, "key", ssl.create_default_context(), 1, PoolTiming(YOUNG), METRICS.emit)
    async with asyncio.timeout(WAIT_S), session_pool.kept():
        await tried.wait()

    assert "401" in session_pool.refusal
    assert [record.levelname for record in caplog.records if "refuses every call" in record.message] == ["ERROR"]
    model.faults = Faults()
    (await session_pool.open(Heard())).close()
    assert session_pool.refusal == ""


async def test_a_service_that_fails_for_the_moment_has_not_refused(model: ModelServer) -> None:
    model.faults = Faults(handshake_status=503)
    session_pool = make(model)

    with pytest.raises(ModelRefusedError):
        await session_pool.open(Heard())

    assert session_pool.refusal == ""
