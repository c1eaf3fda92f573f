"""Work beside a block ends with it."""

import asyncio
import contextlib
from collections.abc import Coroutine

import pytest

from console.local.work_beside import WorkBeside


async def wait(ended: list[str]) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append("ended")


async def fail() -> None:
    raise ZeroDivisionError


async def test_what_was_started_has_ended_with_the_block() -> None:
    ended: list[str] = []
    await run_block(wait(ended))

    assert ended == ["ended"]


async def run_block(*works: Coroutine[None, None, None], fails: bool = False) -> None:
    async with WorkBeside() as work:
        for each in works:
            work.start(each)
        await asyncio.sleep(0)  # they begin
        if fails:
            raise KeyError


async def test_what_the_block_raises_comes_out_as_it_is() -> None:
    ended: list[str] = []
    with pytest.raises(KeyError):
        await run_block(wait(ended), fail(), fails=True)

    assert ended == ["ended"]


async def test_what_the_work_raised_is_raised_after_the_block() -> None:
    with pytest.raises(ZeroDivisionError):
        await run_block(fail())


async def test_what_the_work_raised_is_told_at_once(caplog: pytest.LogCaptureFixture) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with WorkBeside() as work:
            work.start(fail())
            await asyncio.sleep(0)
            await asyncio.sleep(0)

            assert "ZeroDivisionError" in caplog.text
