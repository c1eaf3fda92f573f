"""The timer fires at the time it was last set to."""

import asyncio

from socket_server.call.timer import DeadlineTimer, now_ms


async def test_it_fires_once_at_the_time_that_was_set_last() -> None:
    fired: asyncio.Queue[int] = asyncio.Queue()
    timer = DeadlineTimer(lambda: fired.put_nowait(now_ms()))
    timer.set(now_ms() + 60_000)
    due_ms = now_ms() + 30
    timer.set(due_ms)
    assert await asyncio.wait_for(fired.get(), 10) >= due_ms - 1  # the loop's timers count whole milliseconds
    assert fired.empty()


async def test_it_can_be_set_again_to_the_same_time_after_it_fired() -> None:
    fired: asyncio.Queue[None] = asyncio.Queue()
    timer = DeadlineTimer(lambda: fired.put_nowait(None))
    due_ms = now_ms()
    for _ in range(3):
        timer.set(due_ms)
        await asyncio.wait_for(fired.get(), 10)


async def test_switched_off_it_does_not_fire() -> None:
    fired: asyncio.Queue[str] = asyncio.Queue()
    off, on = DeadlineTimer(lambda: fired.put_nowait("off")), DeadlineTimer(lambda: fired.put_nowait("on"))
    off.set(now_ms() + 20)
    on.set(now_ms() + 40)
    off.set(None)
    assert await asyncio.wait_for(fired.get(), 10) == "on"
