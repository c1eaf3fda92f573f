"""Ticks at regular times."""

import asyncio

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
