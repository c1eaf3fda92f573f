"""Spare sessions that cannot be had, or are lost: how long is waited, what is counted and said."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox.openai.faults import Faults
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from socket_server.core.errors import ModelRefusedError
from socket_server.core.measures import Measured
from socket_server.openai.pool_timing import (
    FIRST_WAIT_SECONDS,
    LONGEST_TOLD_SECONDS,
    LONGEST_WAIT_SECONDS,
    wait_seconds,
)
from socket_server.openai.session_pool import SessionPool
from tests.bounds import WAIT_S
from tests.socket_server.openai.test_session_pool import YOUNG, kept, make, until
from tests.socket_server.services import Heard


@pytest_asyncio.fixture
async def model() -> AsyncIterator[ModelServer]:
    async with ModelServer(Scripted()) as model:
        yield model


def ours(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The beginnings of the pool's own lines."""
    lines = [record.getMessage() for record in caplog.records if record.name == "socket_server.openai.session_pool"]
    return [line.split(":")[0] for line in lines]


@pytest.mark.parametrize("fault", [Faults(handshake_status=429), Faults(mute=True)], ids=["refused", "mute"])
async def test_a_service_that_gives_no_session_is_asked_again_and_named_once(
    model: ModelServer, fault: Faults, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    session_pool, heard = make(model, session_seconds=0.05), Heard()
    model.faults = fault
    async with session_pool.kept():
        for _ in range(3):
            await model.wait_for_handshake()
        assert session_pool.take(heard) is None
        if fault.handshake_status:
            with pytest.raises(ModelRefusedError):
                await session_pool.open(heard)
        model.faults = Faults()
        await until(session_pool, 1)
    assert ours(caplog) == ["no spare session", "there are spare sessions again"]


async def test_each_failure_is_counted_and_a_long_outage_is_named_again(
    model: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    measured: list[Measured] = []
    model.faults = Faults(handshake_status=503)
    async with make(model, emit=measured.append, said_again_seconds=0).kept():
        for _ in range(4):
            await model.wait_for_handshake()
    assert len(measured) >= 3  # before each handshake but the first
    assert set(measured) == {Measured("SpareFailures")}
    assert ours(caplog) == ["no spare session"] * len(measured)
    assert "HTTP 503" in caplog.text


async def test_a_lost_spare_is_counted(model: ModelServer) -> None:
    measured: list[Measured] = []
    session_pool = make(model, emit=measured.append)
    async with kept(session_pool):
        session = await model.wait_for_session()
        session.drop()
        await model.wait_for_session()
        await until(session_pool, 1)
    assert measured == [Measured("SpareFailures")]


@pytest.mark.parametrize(
    ("failures", "retry_after", "jitter", "seconds"),
    [
        (1, "", 0.0, 0.5),
        (1, "", 1.0, 1.0),
        (3, "", 0.5, 3.0),
        (99, "", 1.0, LONGEST_WAIT_SECONDS),
        (99, "", 0.0, LONGEST_WAIT_SECONDS / 2),
        (1, "20", 0.0, 20.0),
        (9, "20", 1.0, 25.0),
        (1, "0", 0.0, FIRST_WAIT_SECONDS),
        (1, "99999", 0.0, LONGEST_TOLD_SECONDS),
        (1, "Wed, 21 Oct 2026 07:28:00 GMT", 0.0, 0.5),
        (1, "-1", 0.0, 0.5),
        (1, "20, 30", 0.0, 0.5),
        (1, "²", 0.0, 0.5),
    ],
)
def test_a_failure_is_waited_out_by_chance_and_as_the_service_says(
    failures: int, retry_after: str, jitter: float, seconds: float
) -> None:
    assert wait_seconds(failures, retry_after, jitter, 1.0) == seconds


async def test_a_service_that_says_when_to_come_back_is_asked_then(model: ModelServer) -> None:
    model.faults = Faults(handshake_status=429, retry_after="1")
    session_pool = make(model, first_wait_seconds=YOUNG)
    async with session_pool.kept():
        await model.wait_for_handshake()
        model.faults = Faults()
        await until(session_pool, 1)


async def refused(session_pool: SessionPool, *, is_refused: bool = True) -> None:
    async with asyncio.timeout(WAIT_S):
        while True:
            if bool(session_pool.refusal) is is_refused:
                return
            await asyncio.sleep(0.005)  # nobody is told


async def test_without_spares_a_refused_key_is_said_at_the_start_and_no_session_is_opened(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    async with ModelServer(Scripted(), api_key="other") as model:
        session_pool = make(model, size=0)
        async with session_pool.kept():
            await refused(session_pool)
            assert "401" in session_pool.refusal
            session_pool.api_key = "other"
            await refused(session_pool, is_refused=False)
        assert model.sessions == []
    assert ours(caplog) == ["the model refuses every call, and callers go to people", "the model refuses calls no more"]


@pytest.mark.parametrize("status", [None, 404])
async def test_without_spares_a_service_that_accepts_the_key_is_asked_once_and_opens_no_session(
    model: ModelServer, status: int | None, caplog: pytest.LogCaptureFixture
) -> None:
    model.faults = Faults(handshake_status=status)
    session_pool = make(model, size=0)
    async with session_pool.kept():
        await model.wait_for_handshake()
        model.faults = Faults()
        socket = await session_pool.open(Heard())  # a call
        await model.wait_for_session()
        socket.close()
    assert (len(model.sessions), session_pool.refusal, ours(caplog)) == (1, "", [])


async def test_without_spares_a_service_that_is_down_is_asked_for_the_key_again(model: ModelServer) -> None:
    model.faults = Faults(handshake_status=503)
    session_pool = make(model, size=0)
    async with session_pool.kept():
        for _ in range(3):
            await model.wait_for_handshake()
        assert session_pool.refusal == ""
        model.faults = Faults(handshake_status=403)
        await refused(session_pool)
