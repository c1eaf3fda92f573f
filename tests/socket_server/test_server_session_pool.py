"""The real server with spare sessions: what a call gains by one, and what it does not lose when there is none."""

import httpx
import pytest

from sandbox.openai.faults import Faults
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.openai.session import Session
from tests.socket_server.conftest import Build, ServerHarness
from tests.socket_server.steps import wait_until_greeted

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONE, PATIENT = {"SPARE_SESSIONS": "1"}, {"SPARE_SESSIONS": "2", "DRAIN_SECONDS": "100"}


async def spare(harness: ServerHarness) -> Session:
    """The next spare, of which nothing can be seen from outside but that it is there, at both ends."""
    session = await harness.model.wait_for_session()
    await (await session.wire.connection.ping())
    assert session.received == []
    return session


async def test_a_call_takes_the_spare_and_another_one_is_opened(build: Build) -> None:
    harness = await build(ONE)
    first = await spare(harness)
    phone = await harness.dial()
    await phone.start()
    second = await spare(harness)
    await wait_until_greeted(phone, first)
    assert second.received == []
    await phone.stop()
    assert await first.wait_for_end() == 1000
    await harness.wait_for_log(f'"call_sid":"{phone.call_sid}","ModelConnects"')
    assert sum('"ModelConnects"' in line for line in harness.server.log) == 1  # not of a spare


async def test_a_refused_stream_leaves_the_spare_to_the_next_caller(build: Build) -> None:
    harness = await build(ONE)
    session = await spare(harness)
    refused = await harness.dial()
    await refused.start(token="not.a.token")
    assert await refused.closed() == 1008
    assert session.received == []
    phone = await harness.dial()
    await phone.start()
    await wait_until_greeted(phone, session)
    await phone.stop()


async def test_a_spare_that_dies_as_the_call_begins_costs_the_caller_nothing(build: Build) -> None:
    harness = await build(ONE)
    first = await spare(harness)
    phone = await harness.dial()
    first.faults = Faults(ignores=frozenset({"session.update"}))
    await phone.start()
    await first.expect("session.update")
    await spare(harness)
    first.drop()
    await harness.wait_for_log("model lost: connection lost")
    await wait_until_greeted(phone, await harness.model.wait_for_session())
    await phone.stop()
    assert await harness.wait_for_end(phone) == "caller_gone"


async def test_a_service_that_goes_down_as_the_call_begins_is_asked_once_more_then_a_person_is(build: Build) -> None:
    harness = await build(ONE)
    first = await spare(harness)
    phone = await harness.dial()
    first.faults = Faults(ignores=frozenset({"session.update"}))
    await phone.start()
    await first.expect("session.update")
    second = await spare(harness)
    harness.model.faults = Faults(handshake_status=503)
    second.drop()
    await harness.wait_for_log("no spare session")
    first.drop()
    [request] = await harness.wait_for_transfers(phone)
    assert request["announce"] is True
    await phone.stop()
    assert await harness.wait_for_end(phone)
    assert sum("model lost: " in line for line in harness.server.log) == 3


async def test_a_service_that_is_down_hurts_no_more_than_without_spares(build: Build) -> None:
    harness = await build(ONE)
    first = await spare(harness)
    harness.model.faults = Faults(handshake_status=503)
    first.drop()
    await harness.wait_for_log("no spare session")
    phone = await harness.dial()
    await phone.start()
    [request] = await harness.wait_for_transfers(phone)
    assert request["announce"] is True
    await phone.stop()
    harness.model.faults = Faults()
    again = await spare(harness)
    phone = await harness.dial()
    await phone.start()
    await wait_until_greeted(phone, again)
    await phone.stop()


async def test_a_call_that_comes_back_tells_a_spare_what_was_before_it_asks_for_a_word(build: Build) -> None:
    harness = await build(ONE)
    first = await spare(harness)
    phone = await harness.dial()
    await phone.start()
    second = await spare(harness)
    await wait_until_greeted(phone, first)
    await phone.mark_played("1")
    await harness.wait_for_turns(phone, 1)
    await phone.close()
    assert await harness.wait_for_end(phone) == "stream_lost"
    back = await harness.dial()
    back.call_sid = phone.call_sid
    await back.start(again=True)
    await second.expect("session.update")
    assert (await second.expect("conversation.item.create"))["item"]["content"][0]["text"] == "Hello."
    await second.expect("conversation.item.create")
    asked = await second.expect("response.create")
    assert "the caller is back with you" in asked["response"]["instructions"]
    await back.stop()


async def test_spares_are_closed_as_soon_as_the_process_has_to_go_and_calls_go_on(build: Build) -> None:
    harness = await build(PATIENT)
    first, second = await spare(harness), await spare(harness)
    phone = await harness.dial()
    await phone.start()
    third = await spare(harness)
    harness.server.ask_to_end()
    assert [await session.wait_for_end() for session in (second, third)] == [1000, 1000]
    await wait_until_greeted(phone, first)
    await phone.stop()
    assert await harness.wait_for_exit() == 0
    assert len(harness.model.sessions) == 3


async def test_without_spares_a_refused_key_is_said_at_the_start_and_by_the_health_check(build: Build) -> None:
    async with ModelServer(Scripted(), api_key="another") as model, httpx.AsyncClient() as client:
        harness = await build({"SPARE_SESSIONS": "0", "REALTIME_URL": model.url})
        await harness.wait_for_log("the model refuses every call")
        healthy = await client.get(f"http://127.0.0.1:{harness.port}/healthz")
    assert (healthy.status_code, healthy.text) == (200, "ok, but the model refuses every call")
    assert model.sessions == []
