"""The real server with spare sessions: what a call gains by one, and what it does not lose when there is none."""

import pytest

from sandbox.openai.faults import Faults
from sandbox.openai.session import Session
from tests.socket_server.conftest import Build, House
from tests.socket_server.phone import Phone
from tests.socket_server.steps import speech

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONE, PATIENT = {"SPARE_SESSIONS": "1"}, {"SPARE_SESSIONS": "2", "DRAIN_SECONDS": "100"}


async def spare(house: House) -> Session:
    """The next spare, of which nothing can be seen from outside but that it is there, at both ends."""
    session = await house.model.wait_for_session()
    await (await session.wire.connection.ping())
    assert session.received == []
    return session


async def greeted(phone: Phone, session: Session) -> None:
    """The caller is asked for in this session, and hears its greeting."""
    await session.expect("session.update")
    await session.expect("response.create")
    greeting = speech(200)
    await session.speak(greeting, "Hello.")
    await phone.hears(greeting)


async def test_a_call_takes_the_spare_and_another_one_is_opened(build: Build) -> None:
    house = await build(ONE)
    first = await spare(house)
    phone = await house.dial()
    second = await spare(house)
    await phone.start()
    await greeted(phone, first)
    assert second.received == []
    await phone.stop()
    assert await first.wait_for_end() == 1000
    await house.logged(f'"call_sid":"{phone.call_sid}","ModelConnects"')
    assert sum('"ModelConnects"' in line for line in house.server.log) == 1  # not of a spare


async def test_a_refused_stream_tells_its_spare_nothing(build: Build) -> None:
    house = await build(ONE)
    session = await spare(house)
    phone = await house.dial()
    await phone.start(token="not.a.token")
    assert await phone.closed() == 1008
    assert await session.wait_for_end() == 1000
    assert session.received == []


async def test_a_spare_that_dies_as_the_call_begins_costs_the_caller_nothing(build: Build) -> None:
    house = await build(ONE)
    first = await spare(house)
    phone = await house.dial()
    await spare(house)
    first.drop()
    await house.logged("model lost: connection lost")
    await phone.start()
    await greeted(phone, await house.model.wait_for_session())
    await phone.stop()
    assert await house.wait_for_end(phone) == "caller_gone"


async def test_a_service_that_goes_down_as_the_call_begins_is_asked_once_more_then_a_person_is(build: Build) -> None:
    house = await build(ONE)
    first = await spare(house)
    phone = await house.dial()
    second = await spare(house)
    house.model.faults = Faults(handshake_status=503)
    second.drop()
    await house.logged("no spare session")
    first.drop()
    await phone.start()
    [request] = await house.transfers(phone)
    assert request["announce"] is True
    await phone.stop()
    assert await house.wait_for_end(phone)
    assert sum("model lost: " in line for line in house.server.log) == 3


async def test_a_service_that_is_down_hurts_no_more_than_without_spares(build: Build) -> None:
    house = await build(ONE)
    first = await spare(house)
    house.model.faults = Faults(handshake_status=503)
    first.drop()
    await house.logged("no spare session")
    phone = await house.dial()
    await phone.start()
    [request] = await house.transfers(phone)
    assert request["announce"] is True
    await phone.stop()
    house.model.faults = Faults()
    again = await spare(house)
    phone = await house.dial()
    await phone.start()
    await greeted(phone, again)
    await phone.stop()


async def test_a_call_that_comes_back_tells_a_spare_what_was_before_it_asks_for_a_word(build: Build) -> None:
    house = await build(ONE)
    first = await spare(house)
    phone = await house.dial()
    second = await spare(house)
    await phone.start()
    await greeted(phone, first)
    await phone.mark_played("1")
    await house.turns(phone, 1)
    await phone.close()
    assert await house.wait_for_end(phone) == "stream_lost"
    back = await house.dial()
    back.call_sid = phone.call_sid
    await back.start(again=True)
    await second.expect("session.update")
    assert (await second.expect("conversation.item.create"))["item"]["content"][0]["text"] == "Hello."
    await second.expect("conversation.item.create")
    asked = await second.expect("response.create")
    assert "the caller is back with you" in asked["response"]["instructions"]
    await back.stop()


async def test_spares_are_closed_as_soon_as_the_process_has_to_go_and_calls_go_on(build: Build) -> None:
    house = await build(PATIENT)
    first, second = await spare(house), await spare(house)
    phone = await house.dial()
    third = await spare(house)
    await phone.start()
    house.server.ask_to_end()
    assert [await session.wait_for_end() for session in (second, third)] == [1000, 1000]
    await greeted(phone, first)
    await phone.stop()
    assert await house.gone() == 0
    assert len(house.model.sessions) == 3
