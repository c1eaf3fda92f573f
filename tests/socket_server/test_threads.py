"""Blocking calls beside the loop are finished, whoever waits for them."""

import asyncio
import gc
import threading

import pytest

from socket_server import this_call
from socket_server.threads import THREADS, Threads


async def test_the_result_and_the_failure_of_a_call_come_back() -> None:
    threads = Threads("test")
    assert await threads.run(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0)


async def test_a_call_runs_in_a_thread_named_after_its_purpose() -> None:
    assert (await Threads("record").run(threading.current_thread)).name.startswith("record")


async def test_a_call_that_waits_for_a_thread_is_made_although_its_waiter_gave_up() -> None:
    threads, go, written = Threads("test"), threading.Event(), threading.Event()
    busy = [threads.start(go.wait) for _ in range(THREADS)]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await threads.run(written.set)
    go.set()
    await asyncio.gather(*busy)
    assert await asyncio.to_thread(written.wait, 10)


async def test_a_call_is_made_although_its_waiter_was_cancelled() -> None:
    threads, go, written = Threads("test"), threading.Event(), threading.Event()
    busy = [threads.start(go.wait) for _ in range(THREADS)]
    waiter = asyncio.create_task(threads.run(written.set))
    await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    go.set()
    await asyncio.gather(*busy)
    assert await asyncio.to_thread(written.wait, 10)


async def test_nobody_complains_about_a_failure_that_comes_too_late_for_its_waiter() -> None:
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    threads, go = Threads("test"), threading.Event()

    def fail() -> None:
        go.wait()
        raise OSError

    failing = threads.start(fail)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await asyncio.shield(failing)
    go.set()
    await asyncio.wait([failing])
    del failing
    gc.collect()
    assert complaints == []


async def test_a_thread_that_cannot_be_started_fails_like_the_call_itself() -> None:
    threads = Threads("test")
    threads.pool.shutdown()  # now it refuses, as it does on a system without threads
    with pytest.raises(RuntimeError):
        await threads.start(lambda: 7)


async def test_what_is_logged_in_a_thread_belongs_to_the_call_that_began_it() -> None:
    threads = Threads("test")

    async def call(sid: str) -> str:
        this_call.begin()
        this_call.name(sid)
        return await threads.run(this_call.sid)

    assert [*await asyncio.gather(call("CA1"), call("CA2"))] == ["CA1", "CA2"]
