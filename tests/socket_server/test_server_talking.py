"""Talking against the real server process: audio both ways, tools, keys, goodbye, the record."""

import json

import pytest

from tests.socket_server.conftest import ServerHarness
from tests.socket_server.steps import next_turn, seen, speech, spoken

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_greeting_is_heard_and_its_last_audio_is_followed_by_a_mark(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    greeting = speech(1000)
    await session.speak(greeting, "Hello, how can I help?")
    await phone.hears(greeting)
    assert phone.heard == greeting
    await phone.stop()
    assert await session.wait_for_end() == 1000


async def test_every_frame_of_the_caller_reaches_the_model_once_unchanged_in_order(harness: ServerHarness) -> None:
    phone = await harness.dial()
    session = await harness.model.wait_for_session()
    frames = [speech(20) for _ in range(200)]
    for frame in frames[:100]:  # before `start`, and while the session is being prepared: held
        await phone.media(frame)
    await phone.start()
    for frame in frames[100:]:
        await phone.media(frame)
    await session.wait_for_audio(frames[-1])
    assert spoken(session) == b"".join(frames)
    await phone.stop()


async def test_a_tool_runs_and_its_output_is_answered_aloud(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    call_id = await session.call_tool("opening_hours")
    output = (await session.expect("conversation.item.create"))["item"]
    assert output["call_id"] == call_id
    assert json.loads(output["output"]) == {"opening_hours": "Always."}
    await session.expect("response.create")
    answer = speech(200)
    await session.respond()  # the one of the call
    await (await session.respond()).speak(answer, "From nine to six.")
    await phone.hears(answer)
    await phone.stop()


@pytest.mark.parametrize(
    ("name", "arguments", "error"),
    [
        ("no_such_tool", "{}", "there is no tool"),
        ("transfer_to_human", '{"destination": 7}', "bad arguments"),
        ("transfer_to_human", '{"destination": "+15551234567"}', "unknown destination"),
    ],
)
async def test_a_bad_call_of_a_tool_is_answered_with_what_was_wrong(
    harness: ServerHarness, name: str, arguments: str, error: str
) -> None:
    phone, session = await harness.talk()
    response = await session.respond()
    await response.call_tool(name, arguments)
    await response.finish()
    output = (await session.wait_for("conversation.item.create"))["item"]
    assert error in json.loads(output["output"])["error"]
    await session.wait_for("response.create")
    await phone.stop()


async def test_keys_reach_the_model_as_text_and_are_answered(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    await session.speak(speech(20), "Hello")
    for digit in "1024":
        await phone.key(digit)
    item = (await session.expect("conversation.item.create"))["item"]
    assert "1024" in item["content"][0]["text"]
    await session.expect("response.create")
    await phone.stop()


async def test_goodbye_is_heard_before_the_stream_is_closed(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    goodbye = speech(400)
    response = await session.respond()
    await response.speak(goodbye, "Goodbye!")
    await response.call_tool("end_call", "{}")
    await response.finish()
    mark = await phone.hears(goodbye)
    await phone.mark_played(mark)
    assert await phone.closed() == 1000
    assert await harness.wait_for_end(phone) == "goodbye"
    assert await session.wait_for_end() == 1000


async def test_what_was_said_and_heard_is_recorded(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    greeting, answer = speech(200), speech(1000)
    await session.speak(greeting, "Hello there.")
    await phone.mark_played(await phone.hears(greeting))
    await seen(phone, session)
    response = await next_turn(phone, session)
    await response.speak(answer, "one two three four five six seven eight nine ten", complete=False)
    mark = (await phone.until("mark"))["mark"]["name"]
    await phone.mark_played(mark)
    await seen(phone, session)
    await session.start_speech()
    await phone.until("clear")
    await phone.stop()
    turns = [turn for turn in await harness.wait_for_turns(phone, 4) if turn.speaker != "keys"]
    assert [(turn.speaker, turn.said) for turn in turns[:2]] == [("model", "Hello there."), ("caller", "something")]
    assert turns[0].heard == "Hello there."
    assert turns[2].said.startswith("one two three")
    assert turns[2].said.startswith(turns[2].heard)
    assert turns[2].heard.startswith("one")
    assert "ten" not in turns[2].heard
