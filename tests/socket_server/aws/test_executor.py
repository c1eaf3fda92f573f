"""Blocking calls beside the loop are finished, whoever waits for them; too many are refused at once."""

import asyncio
import gc
import threading
from functools import partial

import pytest

from socket_server.aws import log_context
from socket_server.aws.executor import Executor
from socket_server.core.errors import BusyError
from tests.bounds import WAIT_S

THREADS, WAITING = 4, 8


def make() -> Executor:
    return Executor("test", THREADS, WAITING)


async def test_the_result_and_the_failure_of_a_call_come_back() -> None:
    threads = make()
    assert await threads.run(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0)


async def test_a_call_runs_in_a_thread_named_after_its_purpose() -> None:
    thread = await Executor("record", 1, 0).run(threading.current_thread)
    assert (thread.name, thread.daemon) == ("record-0", True)


async def test_a_call_that_waits_for_a_thread_is_made_although_its_waiter_gave_up() -> None:
    threads, go, written = make(), threading.Event(), threading.Event()
    busy = [threads.start(go.wait) for _ in range(THREADS)]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await threads.run(written.set)
    go.set()
    await asyncio.gather(*busy)
    assert await asyncio.to_thread(written.wait, 10)


async def test_a_call_is_made_although_its_waiter_was_cancelled() -> None:
    threads, go, written = make(), threading.Event(), threading.Event()
    busy = [threads.start(go.wait) for _ in range(THREADS)]
    waiter = asyncio.create_task(threads.run(written.set))
    await asyncio.sleep(0)
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    go.set()
    await asyncio.gather(*busy)
    assert await asyncio.to_thread(written.wait, 10)


async def test_no_error_is_logged_for_a_failure_that_comes_too_late_for_its_waiter() -> None:
    errors: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    threads, go = make(), threading.Event()

    def fail() -> None:
        go.wait(WAIT_S)
        raise OSError

    failing = threads.start(fail)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await asyncio.shield(failing)
    go.set()
    await asyncio.wait([failing])
    del failing
    gc.collect()
    assert errors == []


async def test_a_thread_that_cannot_be_started_fails_like_the_call_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)  # as on a system that has none left
    with pytest.raises(RuntimeError):
        await make().run(lambda: 7)


async def test_without_another_thread_those_that_there_are_do_it(monkeypatch: pytest.MonkeyPatch) -> None:
    threads, go = make(), threading.Event()
    busy = threads.start(go.wait)

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    waiting = threads.start(lambda: 7)
    go.set()
    assert await waiting == 7
    await busy


async def test_what_is_one_too_many_is_refused_at_once_until_one_is_done() -> None:
    threads, go = make(), threading.Event()
    busy = [threads.start(go.wait) for _ in range(THREADS + WAITING)]
    with pytest.raises(BusyError, match="12 calls of `test` are not done"):
        await threads.run(lambda: 7)
    go.set()
    await asyncio.gather(*busy)
    assert await threads.run(lambda: 7) == 7


async def test_what_was_cancelled_before_it_had_a_thread_is_not_done_and_takes_no_room() -> None:
    threads, go, done = make(), threading.Event(), list[int]()
    busy = [threads.start(go.wait) for _ in range(THREADS)]
    waiting = [threads.start(lambda: done.append(7)) for _ in range(WAITING)]
    for one in waiting:
        one.cancel()
    await asyncio.wait(waiting)
    later = threads.start(lambda: done.append(8))
    go.set()
    await asyncio.gather(*busy, later)
    assert done == [8]


async def test_the_end_waits_for_what_was_begun_and_begins_nothing_more() -> None:
    threads, done = make(), list[int]()
    for number in range(THREADS + WAITING):
        threads.start(partial(done.append, number))
    threads.start(lambda: 1 // 0)
    await threads.close(10)
    assert sorted(done) == list(range(THREADS + WAITING))
    with pytest.raises(BusyError):
        await threads.run(lambda: 7)


async def test_the_end_gives_up_what_hangs_and_what_waits_behind_it() -> None:
    threads, go, done = make(), threading.Event(), list[int]()
    busy = [threads.start(go.wait) for _ in range(THREADS)]
    waiting = threads.start(lambda: done.append(7))
    await threads.close(0.01)
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go.set()
    await asyncio.gather(*busy)
    assert done == []


async def test_threads_end_when_nobody_has_them_any_more() -> None:
    threads = make()
    first, second = [await threads.run(threading.current_thread) for _ in range(2)]
    del threads
    gc.collect()
    for thread in (first, second):
        await asyncio.to_thread(thread.join, 10)
        assert not thread.is_alive()


async def test_what_is_logged_in_a_thread_belongs_to_the_call_that_began_it() -> None:
    threads = make()

    async def call(sid: str) -> str:
        log_context.begin()
        log_context.name(sid)
        return await threads.run(log_context.get_sid)

    assert [*await asyncio.gather(call("CA1"), call("CA2"))] == ["CA1", "CA2"]
