"""The operator acts on a live call from outside: the container sees its stream end, and copes."""

import json

import pytest

from sandbox.twilio.phones import Phone, answers, busy
from tests.calls.conftest import CallHarness, make_speech, wait_until_heard

pytestmark = pytest.mark.asyncio(loop_scope="module")

PUT_THROUGH = {"action": "transfer", "destination": "front_desk", "announce": True, "request_id": "board_1"}


async def test_a_caller_is_put_through_while_they_talk_with_the_model(harness: CallHarness, anna: str) -> None:
    voice = make_speech(400)

    async def talk(phone: Phone) -> None:
        await phone.say(voice)

    harness.environment.carrier.people[anna] = answers(talk, after_ms=200, key="1")
    call, session = await harness.talk()

    answer = await harness.ask_transfer(call, **PUT_THROUGH)

    assert answer == {"destination": "front_desk", "status": "moved"}
    await wait_until_heard(call.phone, voice)
    assert await session.wait_for_end() == 1000
    record = await harness.wait_for_end(call)
    assert [attempt.status for attempt in record.attempts] == ["bridged"]
    await harness.expect_end_reasons(call, "caller_gone")  # all that the container can tell


async def test_a_caller_whom_nobody_takes_is_back_with_a_model_that_remembers(harness: CallHarness, anna: str) -> None:
    harness.environment.carrier.people[anna] = busy(after_ms=200)
    call, _ = await harness.talk()

    await harness.ask_transfer(call, **PUT_THROUGH)

    session = await harness.model.wait_for_session()
    await session.wait_for("response.create")
    told = json.dumps(session.received)
    assert "Hello, how can I help?" in told
    assert "the line was busy" in told
    await harness.hang_up(call)
    await harness.expect_end_reasons(call, "caller_gone", "caller_gone")


async def test_a_goodbye_ends_the_call_and_the_session(harness: CallHarness) -> None:
    call, session = await harness.talk()

    answer = await harness.ask_transfer(call, action="end", request_id="board_2")

    assert answer == {"status": "moved"}
    record = await harness.wait_for_end(call)
    assert await session.wait_for_end() == 1000
    assert [goodbye.status for goodbye in record.goodbyes] == ["moved"]
    await harness.expect_end_reasons(call, "caller_gone")
    assert await harness.ask_transfer(call, action="end", request_id="board_3") == {"status": "caller_gone"}
