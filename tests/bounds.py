"""How long a test may wait: no test, and nothing that it waits for, does so without a bound.

The longest test takes half a minute on a busy machine. pytest's own `faulthandler_timeout` (pyproject.toml) is the net
below: it ends a run whose fixtures or threads hang, with the stack of each.
"""

import asyncio
import functools
import inspect
import selectors
from collections.abc import Awaitable, Callable
from typing import IO, Any

import pytest

# For whatever a test waits for that is certain to come: long enough for a busy machine.
WAIT_S = 60.0
TEST_S = 120.0


def bound_coroutines(items: list[pytest.Item], seconds: float = TEST_S) -> None:
    """Let every test that is a coroutine end: where it still waits then, TimeoutError is raised."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.obj = _bound(item.obj, seconds)


def read_line[T: (str, bytes)](stream: IO[T] | None, seconds: float = WAIT_S) -> T:
    """The next line of a process; TimeoutError when none comes. Not for a line that came together with another one."""
    assert stream is not None, "the process was started without a pipe"
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        if not selector.select(seconds):
            raise TimeoutError(f"expected a line within {seconds} s")
    return stream.readline()


def _bound(test: Callable[..., Awaitable[None]], seconds: float) -> Callable[..., Awaitable[None]]:
    @functools.wraps(test)
    async def bounded(*arguments: Any, **fixtures: Any) -> None:  # Any: whatever the test takes
        async with asyncio.timeout(seconds):
            await test(*arguments, **fixtures)

    return bounded
