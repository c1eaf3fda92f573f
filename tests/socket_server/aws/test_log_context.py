"""Whose line it is."""

import asyncio

from socket_server.aws import log_context


def test_outside_of_calls_there_is_no_sid() -> None:
    assert log_context.get_sid() == "-"


async def test_what_was_begun_before_the_call_had_a_name_learns_it() -> None:
    named = asyncio.Event()

    async def early() -> str:
        await named.wait()
        return log_context.get_sid()

    log_context.begin()
    task = asyncio.create_task(early())
    await asyncio.sleep(0)
    log_context.name("CA1")
    named.set()
    assert await task == "CA1"


async def test_calls_beside_each_other_have_their_own() -> None:
    both_named = asyncio.Barrier(2)

    async def call(sid: str) -> str:
        log_context.begin()
        log_context.name(sid)
        await both_named.wait()
        return log_context.get_sid()

    assert [*await asyncio.gather(call("CA1"), call("CA2"))] == ["CA1", "CA2"]
    assert log_context.get_sid() == "-"
