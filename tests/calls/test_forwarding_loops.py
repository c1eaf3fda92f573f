"""A person's telephone forwards to the very number that the caller has dialled."""

import asyncio

import pytest

from sandbox.carrier.calls import Call
from tests.calls.conftest import PATIENCE_S, World

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def asks_for(world: World, call: Call, attempts: int) -> None:
    """Wait until so many attempts are on record."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if len((await world.record(call)).attempts) >= attempts:
                return
            await asyncio.sleep(0.05)  # another process writes them


@pytest.mark.parametrize("told", [True, False])
async def test_what_comes_back_is_refused_and_the_next_person_is_rung(world: World, anna: str, told: bool) -> None:
    line = world.network.forwards_back(told=told)
    world.network.carrier.people[anna] = line
    call, _ = await world.talk()
    await call.phone.press("0")
    await world.greeted(call)
    await call.phone.press("0")
    await asks_for(world, call, 2)
    record = await world.hang_up(call)
    [leg] = line.phones
    assert not leg.heard.strip(b"\xff")  # no model has spoken to it
    assert [attempt.destination for attempt in record.attempts] == ["front_desk", "support"]
    assert (record.attempts[0].status, record.attempts[0].failure) == ("busy", "forwarded_back")
