"""sandbox.twilio.clock: the network's time runs at its own pace."""

import asyncio

import pytest

from sandbox.twilio.clock import Clock


async def test_a_wait_is_over_when_the_clock_says_so() -> None:
    clock = Clock(pace=100)
    await clock.sleep_until(1000)
    first = clock.now_ms
    await clock.sleep(500)

    assert first >= 1000
    assert clock.now_ms >= first + 500


async def test_what_is_past_is_not_waited_for() -> None:
    clock = Clock(pace=100)
    await clock.sleep_until(100)

    async with asyncio.timeout(10):
        await clock.sleep_until(50)


async def test_a_time_limit_runs_on_the_clock() -> None:
    with pytest.raises(TimeoutError):
        async with Clock(pace=1000).timeout(5000):
            await asyncio.get_running_loop().create_future()


async def test_no_limit_is_none() -> None:
    async with Clock().timeout(None) as limit:
        assert limit.when() is None
