"""What a bad model does to the real server process: bad messages, refusals, errors, older names."""

import pytest

from sandbox.openai.faults import Faults
from sandbox.speech.voices.lines import line
from tests.socket_server.conftest import Build, ServerHarness

pytestmark = pytest.mark.asyncio(loop_scope="module")


BAD_MESSAGES = [
    "no JSON",
    "[]",
    '{"type": 7}',
    '{"type": "response.output_audio.delta"}',
    '{"type": "response.output_audio.delta", "response_id": "r", "item_id": "i", "delta": "AAA"}',
    '{"type": "response.output_audio.delta", "response_id": "r", "item_id": "i", "delta": 5}',
    '{"type": "response.done", "response": "r"}',
    '{"type": "response.done", "response": {"id": "r", "status": "completed", "output": [7]}}',
    '{"type": "error", "error": "text"}',
    '{"type": "conversation.item.nonsense"}',
    b"\x00\x01",
]


@pytest.mark.parametrize("message", BAD_MESSAGES, ids=range(len(BAD_MESSAGES)))
async def test_a_bad_message_of_the_model_is_dropped_and_the_call_goes_on(
    harness: ServerHarness, message: str | bytes
) -> None:
    phone, session = await harness.talk()
    await session.send_frame(message)
    await session.speak(bytes(320), "Hello")
    await phone.hears(bytes(320))
    await phone.stop()
    assert await harness.wait_for_end(phone) == "caller_gone"


async def test_a_model_that_sends_only_bad_messages_is_left_for_a_person(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    for _ in range(20):
        await session.send_frame("no JSON")
    await harness.wait_for_transfers(phone)
    await session.wait_for_end()
    await phone.stop()


@pytest.mark.parametrize("session_kind", ["pcm", "alaw", "nothing"])
async def test_a_session_of_another_format_is_never_heard(build: Build, session_kind: str) -> None:
    formats = {"pcm": {"type": "audio/pcm", "rate": 24000}, "alaw": {"type": "audio/pcma"}, "nothing": None}
    harness = await build({})
    harness.model.faults = Faults(echo={"audio": {"output": {"format": formats[session_kind]}}})
    phone = await harness.dial()
    session = await harness.model.wait_for_session()
    await phone.start()
    await harness.wait_for_transfers(phone)
    await session.wait_for_end()
    assert [m["type"] for m in session.received] == ["session.update", "response.create"]
    assert phone.heard == b""
    await phone.stop()


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
async def test_a_model_that_refuses_the_handshake_is_a_case_for_a_person(build: Build, status: int) -> None:
    harness = await build({})
    harness.model.faults = Faults(handshake_status=status)
    phone = await harness.dial()
    await phone.start()
    [request] = await harness.wait_for_transfers(phone)
    assert request["announce"] is True
    assert await harness.wait_for_log(f"model lost: HTTP {status}")
    await phone.stop()


async def test_a_fatal_error_of_the_service_hands_the_caller_over(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    await session.fail("insufficient_quota", "You exceeded your current quota.")
    await harness.wait_for_transfers(phone)
    await session.wait_for_end()
    await phone.stop()


async def test_another_error_of_the_service_changes_nothing(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    await session.fail("response_cancel_not_active", "Cancellation failed: no active response found")
    await session.speak(bytes(320), "Hello")
    await phone.hears(bytes(320))
    await phone.stop()
    assert await harness.wait_for_end(phone) == "caller_gone"


async def test_the_older_event_names_are_understood(build: Build) -> None:
    harness = await build({})
    harness.model.beta_names = True
    phone, session = await harness.talk()
    await session.speak(bytes(range(160)), "Hello")
    mark = await phone.hears(bytes(range(160)))
    await phone.mark_played(mark)
    await phone.stop()
    turns = await harness.wait_for_turns(phone, 1)
    assert [turn.said for turn in turns] == ["Hello"]


async def test_a_server_that_promises_mu_law_and_sends_pcm16_is_left_for_a_person(build: Build) -> None:
    harness = await build({})
    harness.model.faults = Faults(speaks="audio/pcm")
    phone, session = await harness.talk()
    await session.speak(line("greeting").audio, line("greeting").text)
    [request] = await harness.wait_for_transfers(phone)
    assert request["announce"] is True
    await session.wait_for_end()
    said = await harness.wait_for_log("model lost: expected mu-law audio, as its session says, got 16-bit PCM")
    assert '"level":"ERROR"' in said
    await phone.stop()
    assert await harness.wait_for_end(phone) == "transferred"
    assert len(phone.heard) < 8000 / 4
