"""What happens to a call in the real server process before its core begins: while the token is being looked at.

The agent of these tests gives the model a minute to answer: whoever is helped sooner was helped for the right reason.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from websockets.utils import accept_key

from sandbox.aws.faults import Silent, Slow
from tests.socket_server.conftest import ROOT, Build, ServerHarness

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def patient(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings with an agent that waits for its model."""
    text = (ROOT / "tests" / "agent.toml").read_text()
    path = tmp_path_factory.mktemp("agent") / "agent.toml"
    path.write_text(text.replace("answer_seconds = 40", "answer_seconds = 60"))
    return {"AGENT_FILE": str(path)}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def slow(build: Build, patient: dict[str, str]) -> AsyncIterator[ServerHarness]:
    """A harness whose table does not answer: a stream is admitted after half a second."""
    harness = await build(patient)
    harness.cloud.dynamodb.fault = Silent()
    yield harness
    harness.cloud.dynamodb.fault = None


async def test_a_caller_who_hangs_up_at_once_closes_the_model(harness: ServerHarness) -> None:
    harness.cloud.dynamodb.fault = Slow(0.4)  # so that they are gone before the stream is admitted
    phone = await harness.dial()
    session = await harness.model.wait_for_session()
    await phone.start()
    await phone.stop()
    assert await session.wait_for_end() == 1000
    assert await harness.wait_for_end(phone) == "caller_gone"
    harness.cloud.dynamodb.fault = None
    assert session.received == []
    assert not [i for i in harness.cloud.functions["transfer"].invocations if phone.call_sid in i.event]


async def test_a_connection_that_is_lost_at_once_closes_the_model(slow: ServerHarness) -> None:
    phone = await slow.dial()
    session = await slow.model.wait_for_session()
    await phone.start()
    await phone.close()
    await session.wait_for_end()
    assert session.received == []


async def test_a_key_0_that_comes_early_asks_for_a_person(slow: ServerHarness) -> None:
    phone = await slow.dial()
    session = await slow.model.wait_for_session()
    await phone.start()
    await phone.key("0")
    [request] = await slow.wait_for_transfers(phone)
    assert request["reason"] == "the caller pressed 0"
    await phone.stop()
    await session.wait_for_end()


async def test_a_phone_that_sends_bad_messages_early_is_closed(slow: ServerHarness) -> None:
    phone = await slow.dial()
    session = await slow.model.wait_for_session()
    await phone.start()
    for _ in range(20):
        await phone.send("no JSON")
    assert await phone.closed() == 1000
    await session.wait_for_end()
    assert session.received == []


@pytest.mark.parametrize("code", ["insufficient_quota", "something_else"])
async def test_a_model_that_fails_early_hands_the_caller_over_once_they_are_admitted(
    slow: ServerHarness, code: str
) -> None:
    phone = await slow.dial()
    session = await slow.model.wait_for_session()
    await session.fail(code)
    await phone.start()
    await slow.wait_for_transfers(phone)
    assert session.received == []
    assert await slow.wait_for_log(f"model error: {code}")
    await phone.stop()


async def test_a_model_that_is_lost_early_is_tried_once_more_when_the_caller_is_admitted(slow: ServerHarness) -> None:
    phone = await slow.dial()
    session = await slow.model.wait_for_session()
    session.drop()
    await phone.start()
    second = await slow.model.wait_for_session()
    await second.expect("session.update")
    second.drop()
    await slow.wait_for_transfers(phone)
    await phone.stop()


@asynccontextmanager
async def model_that_leaves() -> AsyncIterator[str]:
    """A service that accepts, sends an error and closes in one piece; its URL."""
    error = b'{"type":"error","error":{"code":"insufficient_quota","message":"You exceeded your quota"}}'

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = next(line.split(": ")[1] for line in head.splitlines() if line.lower().startswith("sec-websocket-key"))
        writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + f"Sec-WebSocket-Accept: {accept_key(key)}\r\n\r\n".encode()
            + b"\x81" + bytes([len(error)]) + error
            + b"\x88\x02\x03\xe8"
        )  # fmt: skip
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/realtime"


async def test_a_model_that_opens_and_closes_in_one_read_hands_the_caller_over(
    build: Build, patient: dict[str, str]
) -> None:
    async with model_that_leaves() as url:
        harness = await build(patient | {"REALTIME_URL": url})
        phone = await harness.dial()
        await harness.wait_for_log("model lost: closed with 1000")
        await phone.start()
        [request] = await harness.wait_for_transfers(phone)
        assert request["announce"] is True
        await phone.stop()


async def test_a_process_that_has_to_go_early_goes(build: Build) -> None:
    harness = await build({})
    harness.cloud.dynamodb.fault = Silent()
    phone = await harness.dial()
    session = await harness.model.wait_for_session()
    await phone.start()
    await phone.media(bytes(160))
    stopping = asyncio.create_task(harness.server.stop())
    await session.wait_for_end()
    assert await stopping == 0
    assert await harness.wait_for_log("stream ended: draining")
    harness.cloud.dynamodb.fault = None


async def test_a_phone_that_does_not_read_gives_its_place_free(build: Build) -> None:
    harness = await build({})
    phone, session = await harness.talk()
    phone.deafen()
    response = await session.respond()
    for _ in range(10):
        await response.speak(bytes(8 * 60_000), "more than the network takes")
    for _ in range(20):
        await phone.send("no JSON")
    assert await harness.wait_for_log("stream ended: stream_lost")
    assert await harness.wait_for_log("calls in progress: 0")
    phone.abort()


async def test_a_session_that_the_service_refuses_names_the_field_in_the_log(build: Build, tmp_path: Path) -> None:
    agent = tmp_path / "agent.toml"
    agent.write_text('instructions = "Be brief."\ngreeting = "Greet."\nvoice = "marinn"\n')
    harness = await build({"AGENT_FILE": str(agent)})
    phone = await harness.dial()
    await phone.start()
    await harness.wait_for_transfers(phone)
    assert await harness.wait_for_log("model error: invalid_value (session.audio.output.voice)")
    await phone.stop()
