"""What bad messages of a peer do to the real server process: at most one call ends."""

import asyncio
import json
from typing import Any

import pytest
import pytest_asyncio

from tests.socket_server.conftest import Build, ServerHarness
from tests.socket_server.steps import alive, speech

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def another(build: Build) -> ServerHarness:
    """Opens sessions for streams that are refused: ten of them a minute, see `places.EARLY_SESSIONS`."""
    return await build({})


BAD_MESSAGES = [
    "",
    "no JSON",
    "[]",
    "{}",
    "null",
    '{"event": 7}',
    '{"event": "start"}',
    '{"event": "media"}',
    '{"event": "media", "media": {"payload": 7}}',
    '{"event": "media", "media": {"payload": "not base64!"}}',
    '{"event": "media", "media": {"payload": ""}}',
    '{"event": "mark", "mark": {"name": {}}}',
    '{"event": "mark", "mark": {"name": "never sent"}}',
    '{"event": "dtmf", "dtmf": {"digit": "seven"}}',
    '{"event": "something new", "streamSid": "MZ"}',
    "[" * 10_000,
    b"\x00\xff",
]


@pytest.mark.parametrize("message", BAD_MESSAGES, ids=range(len(BAD_MESSAGES)))
async def test_a_bad_message_in_a_call_is_dropped_and_the_call_goes_on(
    harness: ServerHarness, message: str | bytes
) -> None:
    phone, session = await harness.talk()
    await phone.send(message)
    await phone.media(frame := bytes(range(160)))
    await session.wait_for_audio(frame)
    await phone.stop()
    assert await harness.wait_for_end(phone) == "caller_gone"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("no JSON", "expected a JSON object with an event, got 7 bytes"),
        ("{}", "expected a JSON object with an event, got 2 bytes"),
        ('{"event": "start"}', "bad start message: Object missing required field"),
        (b"\x00", "expected text, got a binary message of 1 bytes"),
    ],
)
async def test_a_bad_message_instead_of_a_start_is_refused_with_a_reason_in_the_log(
    harness: ServerHarness, message: str | bytes, reason: str
) -> None:
    phone = await harness.dial()
    session = await harness.model.wait_for_session()
    await phone.send(message)
    assert await phone.closed() == 1008
    await session.wait_for_end()
    assert session.received == []
    assert await harness.wait_for_log(f"stream refused: phone: {reason}")


@pytest.mark.parametrize(
    "changed",
    [
        {"mediaFormat": {"encoding": "audio/x-l16", "sampleRate": 16000, "channels": 1}},
        {"mediaFormat": None},
        {"callSid": 7},
        {"callSid": "CA\r\nInjected: yes"},
        {"callSid": "C" * 5000},
        {"streamSid": None},
        {"customParameters": {"token": {"nested": 1}}},
        {"customParameters": None},
    ],
    ids=["l16", "no-format", "number", "line-break", "long", "no-stream", "nested", "no-parameters"],
)
async def test_a_start_of_the_wrong_shape_is_refused(another: ServerHarness, changed: dict[str, Any]) -> None:
    phone = await another.dial()
    session = await another.model.wait_for_session()
    await phone.start(**changed)
    assert await phone.closed() == 1008
    await session.wait_for_end()


async def test_a_peer_that_sends_only_bad_messages_is_closed(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    for _ in range(20):
        await phone.send("no JSON")
    assert await phone.closed() == 1000
    await session.wait_for_end()
    assert await harness.wait_for_end(phone) == "stream_lost"


async def test_a_peer_whose_audio_comes_between_is_kept_whatever_else_it_sends(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    await phone.media(first := speech(20))
    await session.wait_for_audio(first)
    for _ in range(15):
        await phone.media(speech(20))
        await asyncio.sleep(0.11)  # the server looks for audio ten times a second
        await phone.send("no JSON")
    await phone.media(last := speech(20))
    await session.wait_for_audio(last)
    await phone.stop()
    assert await harness.wait_for_end(phone) == "caller_gone"


async def test_a_model_that_makes_sense_between_is_kept_whatever_else_it_sends(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    for number in range(15):
        await session.send({"type": "response.created", "response": number})
        await session.send({"type": "input_audio_buffer.speech_stopped", "item_id": "x", "audio_end_ms": 0})
    await session.speak(answer := speech(200), "Hello")
    await phone.hears(answer)
    await phone.stop()
    assert await harness.wait_for_end(phone) == "caller_gone"


async def test_a_huge_message_ends_only_its_call(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    await phone.send(json.dumps({"event": "media", "media": {"payload": "A" * 200_000}}))
    assert await phone.closed() == 1009
    await session.wait_for_end()
    await alive(harness)


async def test_a_connection_lost_without_a_word_closes_the_model(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    phone.abort()
    await session.wait_for_end()
    assert await harness.wait_for_end(phone) == "stream_lost"
