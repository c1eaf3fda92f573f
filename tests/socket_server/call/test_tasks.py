"""The tasks of one call: none outlives it, and a guarded one that fails does not end it."""

import asyncio

import pytest

from socket_server.call.tasks import CallTasks


async def fail() -> None:
    raise RuntimeError


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


async def test_a_task_that_fails_ends_the_others_and_the_call() -> None:
    with pytest.RaisesGroup(RuntimeError):
        async with CallTasks() as tasks:
            other = tasks.start(wait_for_ever())
            tasks.start(fail())
    assert other.cancelled()


async def test_a_guarded_task_that_fails_is_logged_and_told_and_the_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told: list[str] = []
    async with CallTasks() as tasks:
        other = tasks.start(wait_for_ever())
        await tasks.start_guarded(fail(), lambda: told.append("failed"))
        assert not other.done()
        tasks.cancel()
    assert told == ["failed"]
    assert "Traceback" in caplog.text


async def test_a_guarded_task_that_is_cancelled_has_not_failed(caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    async with CallTasks() as tasks:
        task = tasks.start_guarded(wait_for_ever(), lambda: told.append("failed"))
        await asyncio.sleep(0)  # it has begun
        tasks.cancel()
    assert task.cancelled()
    assert (told, caplog.messages) == ([], [])


async def test_what_somebody_else_started_ends_with_the_call_if_it_is_to() -> None:
    loop = asyncio.get_running_loop()
    ends, goes_on = loop.create_task(wait_for_ever()), loop.create_task(wait_for_ever())
    async with CallTasks() as tasks:
        tasks.end_with_call(ends)
        tasks.cancel()
    await asyncio.wait([ends])
    assert not goes_on.done()
    goes_on.cancel()
    await asyncio.wait([goes_on])
