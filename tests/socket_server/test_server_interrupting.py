"""The five situations that the field's best-known sample gets wrong, against the real server process."""

import pytest

from sandbox.openai.session import Session
from tests.socket_server.conftest import ServerHarness
from tests.socket_server.steps import seen, speech

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_caller_who_hangs_up_in_silence_closes_the_model_at_once(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    await phone.stop()
    assert await session.wait_for_end() == 1000
    assert await harness.wait_for_end(phone) == "caller_gone"


async def leave(session: Session, code: int | None) -> None:
    """The service closes, or is gone without a word."""
    if code is None:
        session.drop()
    else:
        await session.close(code)


@pytest.mark.parametrize("code", [1000, 1001, 1011, None])
async def test_when_the_model_dies_another_session_goes_on_and_then_a_person(
    harness: ServerHarness, code: int | None
) -> None:
    phone, session = await harness.talk()
    hello = speech(20)
    await session.speak(hello, "Hello")
    await phone.mark_played(await phone.hears(hello))
    await seen(phone, session)
    await leave(session, code)
    second = await harness.model.wait_for_session()
    await second.expect("session.update")
    told = [(await second.expect("conversation.item.create"))["item"] for _ in range(2)]
    assert [item["role"] for item in told] == ["assistant", "system"]
    assert told[0]["content"][0]["text"] == "Hello"
    await seen(phone, second)  # the caller's voice goes on
    await leave(second, code)
    [request] = await harness.wait_for_transfers(phone)
    assert request["destination"] == ""
    assert request["announce"] is True
    await phone.stop()
    assert await harness.wait_for_end(phone) == "transferred"


async def test_late_marks_of_a_first_interruption_do_not_hide_a_second_one(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    response = await session.respond()
    await response.speak(speech(1000), "first answer")
    await response.finish()
    first, *stale = [(await phone.until("mark"))["mark"]["name"] for _ in range(5)]
    await phone.mark_played(first)
    await seen(phone, session)
    await session.start_speech()
    await phone.until("clear")
    await session.wait_for("conversation.item.truncate")
    second = await session.stop_speech("go on")
    assert second is not None
    item_id = await second.speak(speech(1000), "second answer")
    await phone.until("mark")
    for name in stale:  # Twilio returns the marks of what was cleared only now
        await phone.mark_played(name)
    await seen(phone, session)
    await session.start_speech()
    await phone.until("clear")
    cut = await session.wait_for("conversation.item.truncate")
    assert cut["item_id"] == item_id
    await phone.stop()


async def test_audio_in_flight_when_the_caller_interrupts_is_not_played_after_the_clear(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    response = await session.respond()
    await response.speak(speech(400), "an answer that goes on", complete=False)
    await phone.until("mark")
    await session.start_speech()
    await phone.until("clear")
    late = speech(200)
    await response.send_late_delta(late)
    after = await session.stop_speech("yes")
    assert after is not None
    answer = speech(200)
    await after.speak(answer, "another")
    await phone.hears(answer)
    assert late not in phone.heard
    await phone.stop()


async def test_of_two_queued_items_the_first_is_truncated_and_the_second_deleted(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    response = await session.respond()
    first = await response.speak(speech(1200), "the first item")
    second = await response.speak(speech(400), "the second item")
    await response.finish()
    marks = [(await phone.until("mark"))["mark"]["name"] for _ in range(8)]
    await phone.mark_played(marks[1])
    await seen(phone, session)
    await session.start_speech()
    await phone.until("clear")
    cut = await session.wait_for("conversation.item.truncate")
    assert cut["item_id"] == first
    assert 400 <= cut["audio_end_ms"] <= 600
    assert (await session.expect("conversation.item.delete"))["item_id"] == second
    await phone.stop()
