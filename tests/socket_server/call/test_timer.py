"""The alarm rings at the time it was last set to."""

import asyncio

from socket_server.call.timer import DeadlineTimer, now_ms


async def test_it_rings_once_at_the_time_that_was_set_last() -> None:
    rung: asyncio.Queue[int] = asyncio.Queue()
    alarm = DeadlineTimer(lambda: rung.put_nowait(now_ms()))
    alarm.set(now_ms() + 60_000)
    due_ms = now_ms() + 30
    alarm.set(due_ms)
    assert await asyncio.wait_for(rung.get(), 10) >= due_ms - 1  # the loop's timers count whole milliseconds
    assert rung.empty()


async def test_it_can_be_set_again_to_the_same_time_after_it_rang() -> None:
    rung: asyncio.Queue[None] = asyncio.Queue()
    alarm = DeadlineTimer(lambda: rung.put_nowait(None))
    due_ms = now_ms()
    for _ in range(3):
        alarm.set(due_ms)
        await asyncio.wait_for(rung.get(), 10)


async def test_switched_off_it_does_not_ring() -> None:
    rung: asyncio.Queue[str] = asyncio.Queue()
    off, on = DeadlineTimer(lambda: rung.put_nowait("off")), DeadlineTimer(lambda: rung.put_nowait("on"))
    off.set(now_ms() + 20)
    on.set(now_ms() + 40)
    off.set(None)
    assert await asyncio.wait_for(rung.get(), 10) == "on"
