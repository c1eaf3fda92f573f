"""tests.bounds: a test that waits for ever does not take for ever."""

import asyncio
import subprocess
import sys

import pytest

from tests.bounds import bound_coroutines, read_line


def test_every_test_that_is_a_coroutine_has_a_bound(request: pytest.FixtureRequest) -> None:
    coroutine = next(item for item in request.session.items if item.name == test_a_coroutine_is_wrapped.__name__)

    assert isinstance(coroutine, pytest.Function)
    assert coroutine.obj is not test_a_coroutine_is_wrapped
    assert coroutine.obj.__wrapped__ is test_a_coroutine_is_wrapped


async def test_a_coroutine_is_wrapped() -> None:
    await asyncio.sleep(0)


async def test_a_coroutine_that_waits_for_ever_is_ended(request: pytest.FixtureRequest) -> None:
    async def waits() -> None:
        await asyncio.Event().wait()

    item = pytest.Function.from_parent(request.node.parent, name="waits", callobj=waits)
    bound_coroutines([item], seconds=0.01)

    with pytest.raises(TimeoutError):
        await item.obj()


def test_a_line_that_comes_is_read() -> None:
    with subprocess.Popen([sys.executable, "-c", "print('ready')"], stdout=subprocess.PIPE, text=True) as program:
        assert read_line(program.stdout) == "ready\n"


def test_a_line_that_does_not_come_is_a_timeout() -> None:
    command = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as silent:
        with pytest.raises(TimeoutError, match="expected a line"):
            read_line(silent.stdout, seconds=0.01)
        assert silent.stdin is not None
        silent.stdin.close()
