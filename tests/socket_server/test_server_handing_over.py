"""Handing over against the real server process: without a cut word, without a silent line."""

import json

import pytest

from tests.socket_server.conftest import ServerHarness
from tests.socket_server.steps import seen, speech

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_hand_over_waits_until_the_last_word_was_heard(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    sentence = speech(800)
    response = await session.respond()
    await response.speak(sentence, "I am putting you through to Anna.")
    await response.call_tool("transfer_to_human", json.dumps({"destination": "front_desk", "reason": "asked"}))
    protected = await session.expect("session.update")
    detection = protected["session"]["audio"]["input"]["turn_detection"]
    assert (detection["create_response"], detection["interrupt_response"]) == (False, False)
    await response.finish()
    mark = await phone.hears(sentence)
    await session.start_speech()  # "okay": neither cuts the sentence nor is answered
    assert await session.stop_speech("okay") is None
    await phone.media(frame := speech(20))
    await session.wait_for_audio(frame)
    assert not [i for i in harness.cloud.functions["transfer"].invocations if phone.call_sid in i.event]
    await phone.mark_played(mark)
    [request] = await harness.wait_for_transfers(phone)
    assert (request["destination"], request["reason"], request["announce"]) == ("front_desk", "asked", False)
    assert await session.wait_for_end() == 1000
    await phone.stop()
    assert await harness.wait_for_end(phone) == "transferred"


async def test_a_call_of_the_tool_that_the_service_cancels_is_no_transfer(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    response = await session.respond()
    await response.speak(speech(400), "I am putting you through")
    await response.call_tool("transfer_to_human", "{}", complete=False)
    await session.expect("session.update")
    # The caller had begun to speak before the service knew that the sentence was protected.
    await session.wire.send(
        {"type": "input_audio_buffer.speech_started", "audio_start_ms": 0, "item_id": "item_caller"}
    )
    await response.finish("cancelled", "turn_detected")
    restored = (await session.wait_for("session.update"))["session"]["audio"]["input"]["turn_detection"]
    assert (restored["create_response"], restored["interrupt_response"]) == (True, True)
    await phone.until("clear")
    await seen(phone, session)
    assert not [i for i in harness.cloud.functions["transfer"].invocations if phone.call_sid in i.event]
    await phone.stop()


async def test_without_a_sentence_one_is_asked_for_before_the_ring(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    await session.call_tool("transfer_to_human", destination="front_desk", reason="asked", summary="")
    asked = await session.wait_for("response.create")
    assert asked["response"]["tool_choice"] == "none"
    sentence = speech(200)
    await session.respond()
    announcement = await session.respond()
    await announcement.speak(sentence, "One moment please.")
    await announcement.finish()
    await phone.mark_played(await phone.hears(sentence))
    [request] = await harness.wait_for_transfers(phone)
    assert request["announce"] is False
    await phone.stop()


@pytest.mark.parametrize(("destination", "status"), [("night_desk", "closed"), ("broken_desk", "failed")])
async def test_a_transfer_that_fails_is_told_to_the_model_and_the_talk_goes_on(
    harness: ServerHarness, destination: str, status: str
) -> None:
    phone, session = await harness.talk()
    sentence, answer = speech(200), speech(200)
    response = await session.respond()
    await response.speak(sentence, "One moment.")
    call_id = await response.call_tool("transfer_to_human", json.dumps({"destination": destination}))
    await response.finish()
    await phone.mark_played(await phone.hears(sentence))
    output = (await session.wait_for("conversation.item.create"))["item"]
    assert output["call_id"] == call_id
    assert json.loads(output["output"])["status"] == status
    restored = (await session.expect("session.update"))["session"]["audio"]["input"]["turn_detection"]
    assert (restored["create_response"], restored["interrupt_response"]) == (True, True)
    await session.expect("response.create")
    await (await session.respond()).speak(answer, "Nobody is there.")
    await phone.hears(answer)
    await phone.stop()
    assert await harness.wait_for_end(phone) == "caller_gone"


async def test_a_lone_0_asks_for_a_person_without_the_model(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    response = await session.respond()
    await response.speak(speech(1000), "a long answer", complete=False)
    await phone.key("0")
    [request] = await harness.wait_for_transfers(phone)
    assert (request["destination"], request["announce"]) == ("", True)
    await session.wait_for("response.cancel")
    await phone.until("clear")
    await phone.stop()
    assert await harness.wait_for_end(phone) == "transferred"
