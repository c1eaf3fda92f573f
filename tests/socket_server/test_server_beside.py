"""What runs beside the audio in the real server process, and what reaches its log."""

import json
import os

import pytest

from sandbox.aws.faults import Fails, Silent, Slow, Throttles
from sandbox.openai.faults import Faults
from tests.socket_server.conftest import Build, House
from tests.socket_server.phone import AUTH_TOKEN, TOKEN_SECRET

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_audio_flows_while_the_transfer_function_is_slow_and_the_table_silent(build: Build) -> None:
    house = await build({})
    phone, session = await house.talk()
    house.cloud.functions["transfer"].fault = Slow(3)
    house.cloud.dynamodb.fault = Silent()
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
    assert not [i for i in house.cloud.functions["transfer"].invocations if phone.call_sid in i.event]
    await house.transfers(phone)
    await session.wait_for_end()
    await phone.stop()
    house.cloud.dynamodb.fault = None


@pytest.mark.parametrize("fault", [Fails(), Throttles()], ids=["fails", "throttles"])
async def test_a_transfer_function_that_does_not_work_is_told_to_the_model(build: Build, fault: Fails) -> None:
    house = await build({})
    phone, session = await house.talk()
    house.cloud.functions["transfer"].fault = fault
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
    house = await build({})
    phone, _ = await house.talk()
    house.cloud.functions["transfer"].fault = Throttles(once=True)
    await phone.key("0")
    await house.logged("transfer is asked again: TooManyRequestsException")
    [request] = await house.transfers(phone)
    assert request["action"] == "transfer"
    await phone.stop()
    assert await house.wait_for_end(phone) == "transferred"


async def test_why_the_transfer_function_fails_is_in_the_log(build: Build) -> None:
    house = await build({})
    phone, _ = await house.talk()
    house.cloud.functions["transfer"].fault = Fails("the directory is gone")
    await phone.key("0")
    line = json.loads(await house.logged("FunctionFailedError"))
    assert line["message"] == "transfer function: FunctionFailedError: RuntimeError: the directory is gone"
    assert line["call_sid"] == phone.call_sid
    await phone.stop()


async def test_a_dead_model_and_a_dead_transfer_function_leave_the_call_to_after_stream(build: Build) -> None:
    house = await build({})
    phone, session = await house.talk()
    house.cloud.functions["transfer"].fault = Fails()
    house.model.faults = Faults(handshake_status=503)
    await session.close(1011)
    assert await phone.closed() == 1000
    assert await house.wait_for_end(phone) == "model_failed"


async def test_a_server_without_its_transfer_function_offers_a_person_all_the_same(build: Build) -> None:
    house = await build({"TRANSFER_FUNCTION": "no-such-function"})
    phone = await house.dial()
    session = await house.model.wait_for_session()
    await phone.start()
    offered = (await session.expect("session.update"))["session"]["tools"]
    transfer = next(tool for tool in offered if tool["name"] == "transfer_to_human")
    assert "enum" not in transfer["parameters"]["properties"]["destination"]
    await phone.stop()


async def test_a_second_stream_of_a_call_begins_where_the_first_one_stopped(house: House) -> None:
    phone, session = await house.talk()
    await session.speak(b"\xff" * 1600, "Hello, this is the workshop.")
    await phone.mark_played(await phone.hears(b"\xff" * 1600))
    await house.turns(phone, 1)  # speaking takes time: two turns never begin in the same millisecond
    await session.start_speech()
    await session.stop_speech("My bicycle is broken.")
    await house.turns(phone, 2)
    phone.abort()
    await house.wait_for_end(phone)
    again = await house.dial()
    again.call_sid = phone.call_sid
    resumed = await house.model.wait_for_session()
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
    house = await build({})
    house.cloud.dynamodb.fault = Slow(0.2)
    phone = await house.dial()
    session = await house.model.wait_for_session()
    await phone.start()
    await phone.stop()
    assert await session.wait_for_end() == 1000
    assert session.received == []
    house.cloud.dynamodb.fault = None
    assert await house.wait_for_end(phone) == "caller_gone"


async def test_the_log_tells_what_was_asked_for_and_no_words_audio_or_secrets(build: Build) -> None:
    house = await build({"LOG_EVENT_TYPES": "response.done, response.output_audio.delta", "SHOW_TIMING_MATH": "1"})
    phone, session = await house.talk()
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
    await house.logged("model event response.done")
    await house.logged("model event response.output_audio.delta")
    assert "200 ms proved by marks + " in await house.logged("ms heard of 1000 ms sent")
    await phone.stop()
    await house.logged("stream ended: caller_gone")
    log = "\n".join(house.server.log)
    for secret in ("confidential", "VVVVVV", AUTH_TOKEN, TOKEN_SECRET, "sandbox-key", "Bearer"):
        assert secret not in log
    own = [json.loads(line) for line in house.server.log if "model event" in line or '"message":"stream' in line]
    assert {line["call_sid"] for line in own} == {phone.call_sid}
