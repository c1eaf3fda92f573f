"""Ticks at regular times."""

import asyncio

import pytest

from socket_server.call.periodic import PeriodicTimer


async def test_it_ticks_at_once_and_goes_on_until_it_is_stopped() -> None:
    third = asyncio.Event()
    ticks: list[int] = []

    def tick() -> None:
        ticks.append(len(ticks))
        if len(ticks) == 3:
            third.set()

    reporter = PeriodicTimer(tick, every_seconds=0.001)
    reporter.start()
    assert ticks == [0]
    async with asyncio.timeout(10):
        await third.wait()
    reporter.stop()
    told = len(ticks)
    await asyncio.sleep(0.01)  # timers are in order: a tick that is still due comes before
    assert len(ticks) == told


async def test_a_tick_that_fails_is_logged_and_the_next_ones_follow(caplog: pytest.LogCaptureFixture) -> None:
    third = asyncio.Event()
    ticks: list[int] = []

    def tick() -> None:
        ticks.append(len(ticks))
        if len(ticks) < 3:
            raise RuntimeError
        third.set()

    timer = PeriodicTimer(tick, every_seconds=0.001)
    timer.start()
    async with asyncio.timeout(10):
        await third.wait()
    timer.stop()
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


async def test_a_tick_that_stops_its_timer_is_the_last_one() -> None:
    ticks: list[int] = []

    def tick() -> None:
        ticks.append(len(ticks))
        timer.stop()

    timer = PeriodicTimer(tick, every_seconds=0.001)
    timer.start()
    await asyncio.sleep(0.01)  # timers are in order: a tick that is still due comes before
    assert ticks == [0]
