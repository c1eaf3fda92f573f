"""People ring while the caller talks on, against the real server process. A test writes the rows that people cause."""

import asyncio
import json

import pytest

from call_record import Attempt
from sandbox.openai.session import Session
from socket_server.core.opening import STILL_RINGING
from socket_server.core.transfer_messages import announce_person
from tests.socket_server.conftest import ServerHarness
from tests.socket_server.phone import Phone
from tests.socket_server.steps import speech

pytestmark = pytest.mark.asyncio(loop_scope="module")

LEG = "CA" + "a" * 32


async def ring(harness: ServerHarness) -> tuple[Phone, Session, str]:
    """The model has let people ring, and was told that they do: the call, its session, the attempt's name."""
    phone, session = await harness.talk()
    response = await session.respond()
    await response.speak(speech(400), "I am ringing the workshop.")
    wish = {"destination": "workshop", "reason": "asked", "who": "Jo", "about": "a flat tyre"}
    call_id = await response.call_tool("transfer_to_human", json.dumps(wish))
    await response.finish()
    output = (await session.wait_for("conversation.item.create"))["item"]
    assert (output["call_id"], json.loads(output["output"])["status"]) == (call_id, "ringing")
    await session.wait_for("response.create")
    attempt = Attempt(call_id, "workshop", mode="attended", status="ringing")
    await asyncio.to_thread(harness.table.claim_attempt, phone.call_sid, attempt)
    return phone, session, call_id


async def take(harness: ServerHarness, phone: Phone, attempt: str) -> None:
    """Anna, whose telephone rings, presses 1."""
    attended = harness.table.attended
    await asyncio.to_thread(attended.begin_leg, phone.call_sid, attempt, LEG, 0, "Anna")
    await asyncio.to_thread(attended.accept, phone.call_sid, attempt, LEG)


async def test_the_caller_talks_on_and_is_moved_when_a_person_was_announced(harness: ServerHarness) -> None:
    phone, session, call_id = await ring(harness)
    [request] = await harness.wait_for_transfers(phone)
    assert (request["attended"], request["who"], request["about"]) == (True, "Jo", "a flat tyre")

    question, answer = speech(300), speech(300)
    response = await session.respond()
    await response.speak(question, "What can I do meanwhile?")
    await response.finish()
    await phone.mark_played(await phone.hears(question))
    await session.start_speech()
    own = await session.stop_speech("It is the front wheel.")
    assert own is not None
    await own.speak(answer, "I note that.")
    await own.finish()
    await phone.mark_played(await phone.hears(answer))

    await take(harness, phone, call_id)
    asked = await session.wait_for("response.create")
    assert asked["response"]["instructions"] == announce_person("Anna")
    sentence = speech(300)
    announcement = await session.respond()
    await announcement.speak(sentence, "Anna takes your call.")
    await announcement.finish()
    mark = await phone.hears(sentence)
    assert len(await harness.wait_for_transfers(phone)) == 1
    await phone.mark_played(mark)

    _, moved = await harness.wait_for_transfers(phone, 2)
    assert (moved["action"], moved["attempt"], moved["announce"]) == ("connect", call_id, False)
    assert await session.wait_for_end() == 1000
    await phone.stop()
    assert await harness.wait_for_end(phone) == "transferred"


async def test_a_caller_who_hangs_up_leaves_nobody_ringing(harness: ServerHarness) -> None:
    phone, _, call_id = await ring(harness)
    await phone.stop()

    _, cancelled = await harness.wait_for_transfers(phone, 2)
    assert cancelled == {
        "action": "cancel",
        "call_sid": phone.call_sid,
        "attempt": call_id,
        "reason": "caller_gone",
    }
    assert await harness.wait_for_end(phone) == "caller_gone"


async def test_a_caller_who_wants_nobody_any_more_leaves_nobody_ringing(harness: ServerHarness) -> None:
    phone, session, call_id = await ring(harness)
    response = await session.respond()
    await response.speak(speech(200), "All right, nobody then.")
    await response.call_tool("cancel_transfer", "{}")
    await response.finish()

    _, cancelled = await harness.wait_for_transfers(phone, 2)
    assert (cancelled["action"], cancelled["attempt"], cancelled["reason"]) == (
        "cancel",
        call_id,
        "cancelled_by_caller",
    )
    output = (await session.wait_for("conversation.item.create"))["item"]
    assert json.loads(output["output"])["status"] == "cancelled"
    await phone.stop()


async def test_key_0_calls_people_off_before_it_takes_the_direct_way(harness: ServerHarness) -> None:
    phone, _, call_id = await ring(harness)
    await phone.key("0")

    _, cancelled, direct = await harness.wait_for_transfers(phone, 3)
    assert (cancelled["action"], cancelled["attempt"], cancelled["reason"]) == ("cancel", call_id, "replaced")
    assert (direct["action"], direct["destination"], direct["announce"]) == ("transfer", "", True)
    assert "attended" not in direct
    await phone.stop()
    assert await harness.wait_for_end(phone) == "transferred"


async def test_where_nobody_comes_the_model_is_told_and_says_so(harness: ServerHarness) -> None:
    phone, session, call_id = await ring(harness)
    answer = speech(200)
    response = await session.respond()
    await response.speak(answer, "What can I do meanwhile?")
    await response.finish()
    await phone.mark_played(await phone.hears(answer))
    await asyncio.to_thread(harness.table.attended.end, phone.call_sid, call_id, "nobody")
    await session.wait_for("conversation.item.create")
    await session.wait_for("response.create")
    await phone.stop()


async def test_the_next_stream_knows_that_people_ring(harness: ServerHarness) -> None:
    phone = await harness.dial()
    attempt = Attempt("call_1", "workshop", mode="attended", status="ringing")
    await asyncio.to_thread(harness.table.claim_attempt, phone.call_sid, attempt)
    session = await harness.model.wait_for_session()
    await phone.start(again=True)
    await session.expect("session.update")
    asked = await session.wait_for("response.create")
    assert STILL_RINGING in asked["response"]["instructions"]

    answer = speech(200)
    response = await session.respond()
    await response.speak(answer, "I am back.")
    await response.finish()
    await phone.mark_played(await phone.hears(answer))
    await take(harness, phone, "call_1")
    announced = await session.wait_for("response.create")
    assert announced["response"]["instructions"] == announce_person("Anna")
    await phone.stop()
