"""What runs beside the audio in the real server process, and what reaches its log."""

import json
import os

import pytest

from sandbox.aws.faults import Fails, Silent, Slow, Throttles
from sandbox.openai.faults import Faults
from tests.socket_server.conftest import Build, ServerHarness
from tests.socket_server.phone import AUTH_TOKEN, TOKEN_SECRET

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_audio_flows_while_the_transfer_function_is_slow_and_the_table_silent(build: Build) -> None:
    harness = await build({})
    phone, session = await harness.talk()
    harness.cloud.functions["transfer"].fault = Slow(3)
    harness.cloud.dynamodb.fault = Silent()
    sentence = os.urandom(1600)
    response = await session.respond()
    await response.speak(sentence, "One moment.")
    await response.call_tool("transfer_to_human", json.dumps({"destination": "front_desk"}))
    await response.finish()
    await phone.mark_played(await phone.hears(sentence))
    frames = [os.urandom(160) for _ in range(20)]
    for frame in frames:  # while the function is being waited for
        await phone.media(frame)
    await session.wait_for_audio(b"".join(frames))
    assert not [i for i in harness.cloud.functions["transfer"].invocations if phone.call_sid in i.event]
    await harness.wait_for_transfers(phone)
    await session.wait_for_end()
    await phone.stop()
    harness.cloud.dynamodb.fault = None


@pytest.mark.parametrize("fault", [Fails(), Throttles()], ids=["fails", "throttles"])
async def test_a_transfer_function_that_does_not_work_is_told_to_the_model(build: Build, fault: Fails) -> None:
    harness = await build({})
    phone, session = await harness.talk()
    harness.cloud.functions["transfer"].fault = fault
    sentence = os.urandom(1600)
    response = await session.respond()
    await response.speak(sentence, "One moment.")
    await response.call_tool("transfer_to_human", json.dumps({"destination": "front_desk"}))
    await response.finish()
    await phone.mark_played(await phone.hears(sentence))
    output = (await session.wait_for("conversation.item.create"))["item"]
    assert json.loads(output["output"])["status"] == "failed"
    await session.wait_for("response.create")
    await phone.stop()


async def test_a_transfer_that_is_throttled_is_asked_for_again_and_the_caller_moved(build: Build) -> None:
    harness = await build({})
    phone, _ = await harness.talk()
    harness.cloud.functions["transfer"].fault = Throttles(once=True)
    await phone.key("0")
    await harness.wait_for_log("transfer is asked again: TooManyRequestsException")
    [request] = await harness.wait_for_transfers(phone)
    assert request["action"] == "transfer"
    await phone.stop()
    assert await harness.wait_for_end(phone) == "transferred"


async def test_why_the_transfer_function_fails_is_in_the_log(build: Build) -> None:
    harness = await build({})
    phone, _ = await harness.talk()
    harness.cloud.functions["transfer"].fault = Fails("the directory is gone")
    await phone.key("0")
    line = json.loads(await harness.wait_for_log("FunctionFailedError"))
    assert line["message"] == "transfer function: FunctionFailedError: RuntimeError: the directory is gone"
    assert line["call_sid"] == phone.call_sid
    await phone.stop()


async def test_a_dead_model_and_a_dead_transfer_function_leave_the_call_to_after_stream(build: Build) -> None:
    harness = await build({})
    phone, session = await harness.talk()
    harness.cloud.functions["transfer"].fault = Fails()
    harness.model.faults = Faults(handshake_status=503)
    await session.close(1011)
    assert await phone.closed() == 1000
    assert await harness.wait_for_end(phone) == "model_failed"


async def test_a_server_without_its_transfer_function_offers_a_person_all_the_same(build: Build) -> None:
    harness = await build({"TRANSFER_FUNCTION": "no-such-function"})
    phone = await harness.dial()
    session = await harness.model.wait_for_session()
    await phone.start()
    offered = (await session.expect("session.update"))["session"]["tools"]
    transfer = next(tool for tool in offered if tool["name"] == "transfer_to_human")
    assert "enum" not in transfer["parameters"]["properties"]["destination"]
    await phone.stop()


async def test_a_second_stream_of_a_call_begins_where_the_first_one_stopped(harness: ServerHarness) -> None:
    phone, session = await harness.talk()
    await session.speak(b"\xff" * 1600, "Hello, this is the workshop.")
    await phone.mark_played(await phone.hears(b"\xff" * 1600))
    await harness.wait_for_turns(phone, 1)  # speaking takes time: two turns never begin in the same millisecond
    await session.start_speech()
    await session.stop_speech("My bicycle is broken.")
    await harness.wait_for_turns(phone, 2)
    phone.abort()
    await harness.wait_for_end(phone)
    again = await harness.dial()
    again.call_sid = phone.call_sid
    resumed = await harness.model.wait_for_session()
    await again.start(again=True)
    await resumed.expect("session.update")
    items = [(await resumed.expect("conversation.item.create"))["item"] for _ in range(3)]
    texts = [(item["role"], item["content"][0]["text"]) for item in items]
    assert texts[:2] == [("assistant", "Hello, this is the workshop."), ("user", "My bicycle is broken.")]
    assert texts[2][0] == "system"
    assert "interrupted" in texts[2][1]
    asked = await resumed.expect("response.create")
    assert "back" in asked["response"]["instructions"]
    await again.stop()


async def test_a_caller_who_leaves_while_the_stream_is_being_admitted_leaves_nothing_behind(build: Build) -> None:
    harness = await build({})
    harness.cloud.dynamodb.fault = Slow(0.2)
    phone = await harness.dial()
    session = await harness.model.wait_for_session()
    await phone.start()
    await phone.stop()
    assert await session.wait_for_end() == 1000
    assert session.received == []
    harness.cloud.dynamodb.fault = None
    assert await harness.wait_for_end(phone) == "caller_gone"


async def test_the_log_tells_what_was_asked_for_and_no_words_audio_or_secrets(build: Build) -> None:
    harness = await build({"LOG_EVENT_TYPES": "response.done, response.output_audio.delta", "SHOW_TIMING_MATH": "1"})
    phone, session = await harness.talk()
    response = await session.respond()
    await response.speak(b"\x55" * 8000, "confidential words of the model", complete=False)
    mark = (await phone.until("mark"))["mark"]["name"]
    await phone.mark_played(mark)
    await phone.media(b"\x55" * 160)
    await session.wait_for_audio_ms(20)
    await session.start_speech()
    await phone.until("clear")
    await session.wait_for("conversation.item.truncate")
    await session.stop_speech("confidential words of the caller")
    await harness.wait_for_log("model event response.done")
    await harness.wait_for_log("model event response.output_audio.delta")
    assert "200 ms proved by marks + " in await harness.wait_for_log("ms heard of 1000 ms sent")
    await phone.stop()
    await harness.wait_for_log("stream ended: caller_gone")
    log = "\n".join(harness.server.log)
    for secret in ("confidential", "VVVVVV", AUTH_TOKEN, TOKEN_SECRET, "sandbox-key", "Bearer"):
        assert secret not in log
    own = [json.loads(line) for line in harness.server.log if "model event" in line or '"message":"stream' in line]
    assert {line["call_sid"] for line in own} == {phone.call_sid}
