"""A container that has to go, or is gone: its callers talk on, with somebody who knows what was said."""

import json

import pytest

from sandbox.openai.session import Session
from sandbox.program import Program
from sandbox.twilio.calls import Call
from sandbox.twilio.events import StreamEnded
from sandbox.twilio.phones import Phone, answers
from tests.calls.conftest import CallHarness, make_speech, wait_for_exit, wait_until_heard

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def talk_on_a_container(harness: CallHarness, drain_seconds: int) -> tuple[Program, Call, Session]:
    """A call on a container with this time to drain, beside which another one runs now."""
    installation = harness.environment.installation
    await installation.start_container(settings={"DRAIN_SECONDS": str(drain_seconds)})
    container = installation.container
    call, session = await harness.talk()
    await installation.start_container(beside=True)
    return container, call, session


async def expect_to_go_on(harness: CallHarness, call: Call, *said: str) -> None:
    """The next session knows this, and its answer reaches the caller's ear."""
    session = await harness.model.wait_for_session()
    await session.wait_for("response.create")
    told = json.dumps(session.received)
    assert [words for words in said if words not in told] == []
    answer = make_speech(200)
    await session.speak(answer, "I am back.")
    await wait_until_heard(call.phone, answer)
    await harness.hang_up(call)


async def test_a_call_talks_on_while_its_container_drains_and_then_on_another_one_that_remembers(
    harness: CallHarness,
) -> None:
    container, call, session = await talk_on_a_container(harness, drain_seconds=1)
    response = await session.respond()  # from here on there is no pause until the caller has heard the answer
    container.ask_to_end()
    await container.wait_for_log("draining, 1 calls have 1 s to end")

    question, answer = make_speech(400), make_speech(2000)
    await call.phone.say(question)
    await session.wait_for_audio(question)
    await response.speak(answer, "We are open until six.")
    await response.finish()
    await expect_to_go_on(harness, call, "Hello, how can I help?", "We are open until six.")

    assert answer in call.phone.heard  # longer than the time that was left, and not cut
    assert await wait_for_exit(container) == 0
    await harness.expect_end_reasons(call, "draining", "caller_gone")
    first, _ = harness.environment.carrier.events.of(StreamEnded, call.sid)
    assert first.detail == "the server closed the stream: 1000"
    turns = (await harness.read_record(call)).turns[:2]
    assert [turn.heard for turn in turns] == ["Hello, how can I help?", "We are open until six."]


async def test_a_call_that_ends_while_its_container_drains_is_not_moved(harness: CallHarness) -> None:
    container, call, session = await talk_on_a_container(harness, drain_seconds=100)
    container.ask_to_end()
    await container.wait_for_log("draining, 1 calls have 100 s to end")

    goodbye = make_speech(400)
    response = await session.respond()
    await response.speak(goodbye, "Goodbye!")
    await response.call_tool("end_call", "{}")
    await response.finish()
    await harness.wait_for_end(call)

    assert goodbye in call.phone.heard
    assert await wait_for_exit(container) == 0
    await harness.expect_end_reasons(call, "goodbye")


async def test_a_hand_over_that_has_begun_is_not_broken_off(harness: CallHarness, anna: str) -> None:
    voice, sentence = make_speech(400), make_speech(1000)

    async def talk(phone: Phone) -> None:
        await phone.say(voice)

    harness.environment.carrier.people[anna] = answers(talk, after_ms=200, key="1")
    container, call, session = await talk_on_a_container(harness, drain_seconds=0)
    response = await session.respond()
    await response.speak(sentence, "I am putting you through to Anna.")
    await response.call_tool("transfer_to_human", json.dumps({"destination": "front_desk"}))
    await response.finish()
    await wait_until_heard(call.phone, sentence[:1600])
    container.ask_to_end()
    record = await harness.wait_for_end(call)

    assert sentence in call.phone.heard
    assert voice in call.phone.heard
    assert [attempt.status for attempt in record.attempts] == ["bridged"]
    assert await wait_for_exit(container) == 0


async def test_a_new_caller_whom_a_draining_container_refuses_is_greeted_by_another_one(harness: CallHarness) -> None:
    container, call, _ = await talk_on_a_container(harness, drain_seconds=100)
    container.ask_to_end()
    await container.wait_for_log("draining, 1 calls")
    other, _ = await harness.talk()  # has the turn of the other container
    refused, _ = await harness.talk()
    await container.wait_for_log("handshake refused: the process is about to end")

    record = await harness.hang_up(refused)
    assert [bool(stream.stream_sid) for stream in record.streams] == [False, True]
    await harness.hang_up(other)
    await harness.hang_up(call)
    assert await wait_for_exit(container) == 0


async def test_a_call_whose_connection_the_load_balancer_cuts_goes_on_with_memory(harness: CallHarness) -> None:
    call, _ = await harness.talk()
    installation = harness.environment.installation
    old = installation.container
    await installation.start_container()
    installation.drop_connections(old)
    await expect_to_go_on(harness, call, "Hello, how can I help?")

    await harness.expect_end_reasons(call, "stream_lost", "caller_gone")
    assert old.status is None


async def test_a_sentence_that_a_killed_container_was_speaking_is_no_memory(harness: CallHarness) -> None:
    call, session = await harness.talk()
    installation = harness.environment.installation
    lost = installation.container
    await installation.start_container()
    sentence = make_speech(5000)
    await session.speak(sentence, "one two three four five six seven eight nine ten")
    await wait_until_heard(call.phone, sentence[:1600])
    lost.kill()
    await expect_to_go_on(harness, call, "Hello, how can I help?")

    assert sentence not in call.phone.heard
    await harness.expect_end_reasons(call, None, "caller_gone")
