"""Calls against the real server process: talking, interrupting, handing over, ending.

The first five of the situations at the end are those that the field's best-known sample gets wrong.
"""

import json
import os

import pytest

from sandbox.model.response import Response
from sandbox.model.session import Session
from tests.socket_server.conftest import House
from tests.socket_server.phone import Phone

pytestmark = pytest.mark.asyncio(loop_scope="module")


def speech(ms: int) -> bytes:
    """Audio of which no part occurs twice."""
    return os.urandom(ms * 8)


async def seen(phone: Phone, session: Session) -> None:
    """Wait until the server has read all that the phone sent so far: a key's text follows it."""
    await phone.key("5")
    await session.eventually("conversation.item.create")


async def next_turn(phone: Phone, session: Session) -> Response:
    """The caller says something; the response that the service begins by itself."""
    await session.speech_started()
    await seen(phone, session)  # speaking takes time: two turns never begin in the same millisecond
    response = await session.speech_stopped("something")
    assert response is not None
    return response


# --- talking


async def test_the_greeting_is_heard_and_its_last_audio_is_followed_by_a_mark(house: House) -> None:
    phone, session = await house.talk()
    greeting = speech(1000)
    await session.speak(greeting, "Hello, how can I help?")
    await phone.hears(greeting)
    assert phone.heard == greeting
    await phone.stop()
    assert await session.ends() == 1000


async def test_every_frame_of_the_caller_reaches_the_model_once_unchanged_in_order(house: House) -> None:
    phone = await house.dial()
    session = await house.model.session()
    frames = [speech(20) for _ in range(200)]
    for frame in frames[:100]:  # before `start`, and while the session is being prepared: held
        await phone.media(frame)
    await phone.start()
    for frame in frames[100:]:
        await phone.media(frame)
    await session.hears_ms(200 * 20)
    assert session.audio == b"".join(frames)
    await phone.stop()


async def test_a_tool_runs_and_its_output_is_answered_aloud(house: House) -> None:
    phone, session = await house.talk()
    call_id = await session.call_tool("opening_hours")
    output = (await session.expect("conversation.item.create"))["item"]
    assert output["call_id"] == call_id
    assert "Monday" in json.loads(output["output"])["opening_hours"]
    await session.expect("response.create")
    answer = speech(200)
    await session.respond()  # the one of the call
    await (await session.respond()).speak(answer, "From nine to six.")
    await phone.hears(answer)
    await phone.stop()


@pytest.mark.parametrize(
    ("name", "arguments", "complaint"),
    [
        ("no_such_tool", "{}", "there is no tool"),
        ("opening_hours", '{"surprise": 1}', "bad arguments"),
        ("opening_hours", '{"cut', "bad arguments"),
        ("transfer_to_human", '{"destination": 7}', "bad arguments"),
        ("transfer_to_human", '{"destination": "+15551234567"}', "unknown destination"),
    ],
)
async def test_a_bad_call_of_a_tool_is_answered_with_what_was_wrong(
    house: House, name: str, arguments: str, complaint: str
) -> None:
    phone, session = await house.talk()
    response = await session.respond()
    await response.call_tool(name, arguments)
    await response.finish()
    output = (await session.eventually("conversation.item.create"))["item"]
    assert complaint in json.loads(output["output"])["error"]
    await session.eventually("response.create")
    await phone.stop()


async def test_keys_reach_the_model_as_text_and_are_answered(house: House) -> None:
    phone, session = await house.talk()
    await session.speak(speech(20), "Hello")
    for digit in "1024":
        await phone.key(digit)
    item = (await session.expect("conversation.item.create"))["item"]
    assert "1024" in item["content"][0]["text"]
    await session.expect("response.create")
    await phone.stop()


async def test_goodbye_is_heard_before_the_stream_is_closed(house: House) -> None:
    phone, session = await house.talk()
    goodbye = speech(400)
    response = await session.respond()
    await response.speak(goodbye, "Goodbye!")
    await response.call_tool("end_call", "{}")
    await response.finish()
    mark = await phone.hears(goodbye)
    await phone.mark_played(mark)
    assert await phone.closed() == 1000
    assert await house.ended(phone) == "goodbye"
    assert await session.ends() == 1000


async def test_what_was_said_and_heard_is_recorded(house: House) -> None:
    phone, session = await house.talk()
    greeting, answer = speech(200), speech(1000)
    await session.speak(greeting, "Hello there.")
    await phone.mark_played(await phone.hears(greeting))
    await seen(phone, session)
    response = await next_turn(phone, session)
    await response.speak(answer, "one two three four five six seven eight nine ten", complete=False)
    mark = (await phone.until("mark"))["mark"]["name"]
    await phone.mark_played(mark)
    await seen(phone, session)
    await session.speech_started()
    await phone.until("clear")
    await phone.stop()
    turns = await house.turns(phone, 3)
    assert [(turn.speaker, turn.said) for turn in turns[:2]] == [("model", "Hello there."), ("caller", "something")]
    assert turns[0].heard == "Hello there."
    assert turns[2].said.startswith("one two three")
    assert turns[2].said.startswith(turns[2].heard)
    assert turns[2].heard.startswith("one")
    assert "ten" not in turns[2].heard


# --- the five situations


async def test_a_caller_who_hangs_up_in_silence_closes_the_model_at_once(house: House) -> None:
    phone, session = await house.talk()
    await phone.stop()
    assert await session.ends() == 1000
    assert await house.ended(phone) == "caller_gone"


@pytest.mark.parametrize("code", [1000, 1001, 1011, None])
async def test_when_the_model_dies_the_caller_is_handed_to_a_person(house: House, code: int | None) -> None:
    phone, session = await house.talk()
    await session.speak(speech(20), "Hello")
    await seen(phone, session)
    if code is None:
        session.drop()
    else:
        await session.close(code)
    [request] = await house.transfers(phone)
    assert request["destination"] == ""
    assert request["announce"] is True
    await phone.stop()
    assert await house.ended(phone) == "transferred"


async def test_late_marks_of_a_first_interruption_do_not_hide_a_second_one(house: House) -> None:
    phone, session = await house.talk()
    response = await session.respond()
    await response.speak(speech(1000), "first answer")
    await response.finish()
    first, *stale = [(await phone.until("mark"))["mark"]["name"] for _ in range(5)]
    await phone.mark_played(first)
    await seen(phone, session)
    await session.speech_started()
    await phone.until("clear")
    await session.eventually("conversation.item.truncate")
    second = await session.speech_stopped("go on")
    assert second is not None
    item_id = await second.speak(speech(1000), "second answer")
    await phone.until("mark")
    for name in stale:  # Twilio returns the marks of what was cleared only now
        await phone.mark_played(name)
    await seen(phone, session)
    await session.speech_started()
    await phone.until("clear")
    cut = await session.eventually("conversation.item.truncate")
    assert cut["item_id"] == item_id
    await phone.stop()


async def test_audio_in_flight_when_the_caller_interrupts_is_not_played_after_the_clear(house: House) -> None:
    phone, session = await house.talk()
    response = await session.respond()
    await response.speak(speech(400), "an answer that goes on", complete=False)
    await phone.until("mark")
    await session.speech_started()
    await phone.until("clear")
    late = speech(200)
    await response.late_delta(late)
    after = await session.speech_stopped("yes")
    assert after is not None
    answer = speech(200)
    await after.speak(answer, "another")
    await phone.hears(answer)
    assert late not in phone.heard
    await phone.stop()


async def test_of_two_queued_items_the_first_is_truncated_and_the_second_deleted(house: House) -> None:
    phone, session = await house.talk()
    response = await session.respond()
    first = await response.speak(speech(1200), "the first item")
    second = await response.speak(speech(400), "the second item")
    await response.finish()
    marks = [(await phone.until("mark"))["mark"]["name"] for _ in range(8)]
    await phone.mark_played(marks[1])
    await seen(phone, session)
    await session.speech_started()
    await phone.until("clear")
    cut = await session.eventually("conversation.item.truncate")
    assert cut["item_id"] == first
    assert 400 <= cut["audio_end_ms"] <= 600
    assert (await session.expect("conversation.item.delete"))["item_id"] == second
    await phone.stop()


# --- handing over


async def test_the_hand_over_waits_until_the_last_word_was_heard(house: House) -> None:
    phone, session = await house.talk()
    sentence = speech(800)
    response = await session.respond()
    await response.speak(sentence, "I am putting you through to Anna.")
    await response.call_tool("transfer_to_human", json.dumps({"destination": "front_desk", "reason": "asked"}))
    protected = await session.expect("session.update")
    detection = protected["session"]["audio"]["input"]["turn_detection"]
    assert (detection["create_response"], detection["interrupt_response"]) == (False, False)
    await response.finish()
    mark = await phone.hears(sentence)
    await session.speech_started()  # "okay": neither cuts the sentence nor is answered
    assert await session.speech_stopped("okay") is None
    await phone.media(frame := speech(20))
    await session.hears(frame)
    assert not [i for i in house.cloud.functions["transfer"].invocations if phone.call_sid in i.event]
    await phone.mark_played(mark)
    [request] = await house.transfers(phone)
    assert (request["destination"], request["reason"], request["announce"]) == ("front_desk", "asked", False)
    assert await session.ends() == 1000
    await phone.stop()
    assert await house.ended(phone) == "transferred"


async def test_a_call_of_the_tool_that_the_service_cancels_is_no_transfer(house: House) -> None:
    phone, session = await house.talk()
    response = await session.respond()
    await response.speak(speech(400), "I am putting you through")
    await response.call_tool("transfer_to_human", "{}", complete=False)
    await session.expect("session.update")
    # The caller had begun to speak before the service knew that the sentence was protected.
    await session.wire.send(
        {"type": "input_audio_buffer.speech_started", "audio_start_ms": 0, "item_id": "item_caller"}
    )
    await response.finish("cancelled", "turn_detected")
    restored = (await session.eventually("session.update"))["session"]["audio"]["input"]["turn_detection"]
    assert (restored["create_response"], restored["interrupt_response"]) == (True, True)
    await phone.until("clear")
    await seen(phone, session)
    assert not [i for i in house.cloud.functions["transfer"].invocations if phone.call_sid in i.event]
    await phone.stop()


async def test_without_a_sentence_one_is_asked_for_before_the_ring(house: House) -> None:
    phone, session = await house.talk()
    await session.call_tool("transfer_to_human", destination="front_desk", reason="asked", summary="")
    asked = await session.eventually("response.create")
    assert asked["response"]["tool_choice"] == "none"
    sentence = speech(200)
    await session.respond()
    announcement = await session.respond()
    await announcement.speak(sentence, "One moment please.")
    await announcement.finish()
    await phone.mark_played(await phone.hears(sentence))
    [request] = await house.transfers(phone)
    assert request["announce"] is False
    await phone.stop()


@pytest.mark.parametrize(("destination", "status"), [("night_desk", "closed"), ("broken_desk", "failed")])
async def test_a_transfer_that_fails_is_told_to_the_model_and_the_talk_goes_on(
    house: House, destination: str, status: str
) -> None:
    phone, session = await house.talk()
    sentence, answer = speech(200), speech(200)
    response = await session.respond()
    await response.speak(sentence, "One moment.")
    call_id = await response.call_tool("transfer_to_human", json.dumps({"destination": destination}))
    await response.finish()
    await phone.mark_played(await phone.hears(sentence))
    output = (await session.eventually("conversation.item.create"))["item"]
    assert output["call_id"] == call_id
    assert json.loads(output["output"])["status"] == status
    restored = (await session.expect("session.update"))["session"]["audio"]["input"]["turn_detection"]
    assert (restored["create_response"], restored["interrupt_response"]) == (True, True)
    await session.expect("response.create")
    await (await session.respond()).speak(answer, "Nobody is there.")
    await phone.hears(answer)
    await phone.stop()
    assert await house.ended(phone) == "caller_gone"


async def test_a_lone_0_asks_for_a_person_without_the_model(house: House) -> None:
    phone, session = await house.talk()
    response = await session.respond()
    await response.speak(speech(1000), "a long answer", complete=False)
    await phone.key("0")
    [request] = await house.transfers(phone)
    assert (request["destination"], request["announce"]) == ("", True)
    await session.eventually("response.cancel")
    await phone.until("clear")
    await phone.stop()
    assert await house.ended(phone) == "transferred"
