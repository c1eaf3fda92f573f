"""Signed handshakes without a token at the real server process: whoever repeats one keeps no caller out."""

import pytest

from socket_server.call.call import FULL
from socket_server.call.places import EARLY_SESSIONS, WAITING
from tests.socket_server.conftest import Build, ServerHarness
from tests.socket_server.emf import is_metric
from tests.socket_server.phone import Phone
from tests.socket_server.steps import wait_until_greeted

pytestmark = pytest.mark.asyncio(loop_scope="module")

TWO_PLACES = {"MAX_CALLS": "2"}


async def dial_in_vain(harness: ServerHarness, count: int) -> list[Phone]:
    """So many signed handshakes, none of which is followed by a `start`; the sessions for them are open."""
    silent = [await harness.dial() for _ in range(count)]
    for _ in range(min(count, EARLY_SESSIONS)):
        await harness.model.wait_for_session()
    return silent


@pytest.mark.parametrize("count", [2, 20])
async def test_callers_are_served_at_once_beside_signed_handshakes_without_a_start(build: Build, count: int) -> None:
    harness = await build(TWO_PLACES)
    silent = await dial_in_vain(harness, count)

    callers = [await harness.dial() for _ in range(2)]
    for phone in callers:
        await phone.start()
        session = await harness.model.wait_for_session()
        await wait_until_greeted(phone, session)

    assert not [line for line in harness.server.log if "stream refused" in line]  # all of the others still wait
    for phone in (*silent, *callers):
        await phone.close()


async def test_the_oldest_stream_without_a_start_is_closed_when_too_many_wait(build: Build) -> None:
    harness = await build(TWO_PLACES)
    oldest, *_ = silent = await dial_in_vain(harness, WAITING)
    caller = await harness.dial()
    assert await oldest.closed() == 1008
    await harness.wait_for_log(f"stream refused: no `start`, and {WAITING} newer streams wait for theirs")
    await harness.wait_for_log('"StreamsRefused"')

    await caller.start()
    await wait_until_greeted(caller, await harness.model.wait_for_session())
    for phone in (*silent[1:], caller):
        await phone.close()


async def test_handshakes_without_a_start_open_a_bounded_number_of_sessions_and_take_no_spare(build: Build) -> None:
    harness = await build({"SPARE_SESSIONS": "1"})
    spare = await harness.model.wait_for_session()
    await (await spare.wire.connection.ping())  # it is there at both ends
    for _ in range(2):
        silent = [await harness.dial() for _ in range(EARLY_SESSIONS + 10)]
        for phone in silent:
            await phone.close()
    assert 1 < len(harness.model.sessions) <= 1 + EARLY_SESSIONS

    caller = await harness.dial()
    await caller.start()
    await wait_until_greeted(caller, spare)
    await caller.close()


async def test_calls_are_counted_as_calls_only_with_their_token(build: Build) -> None:
    harness = await build(TWO_PLACES)
    silent = await dial_in_vain(harness, 2)
    assert not [line for line in harness.server.log if "calls in progress" in line and not is_metric(line)]
    phone = await harness.dial()
    await phone.start()
    await harness.wait_for_log("calls in progress: 1")
    for each in (*silent, phone):
        await each.close()


async def test_a_stream_with_a_token_but_without_a_place_is_closed_to_be_tried_again_and_is_counted(
    build: Build,
) -> None:
    harness = await build({"MAX_CALLS": "1"})
    late, caller = await harness.dial(), await harness.dial()
    await caller.start()
    await harness.wait_for_log("calls in progress: 1")
    await late.start()
    assert await late.closed() == FULL
    await harness.wait_for_log(f'"call_sid":"{late.call_sid}","CallsRefused"')
    assert harness.table.read(late.call_sid).streams == ()  # its token is not used up
    await caller.close()
