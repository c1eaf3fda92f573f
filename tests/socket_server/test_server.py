"""The real server process when it is asked to end."""

import asyncio
import logging
import signal
from contextvars import copy_context

import httpx
import pytest
import uvicorn
from websockets.exceptions import InvalidStatus

from sandbox.aws.faults import Silent
from sandbox.openai.session import Session
from socket_server.aws import log_context
from socket_server.server import Server
from tests.socket_server.conftest import Build, ServerHarness
from tests.socket_server.phone import Phone
from tests.socket_server.steps import seen, speech
from tests.socket_server.test_admission_control import make_admission_control

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENT = {"DRAIN_SECONDS": "100"}


class Lines(logging.Handler):
    """Each line, with the call that it is written in."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append((log_context.get_sid(), record.getMessage()))


async def speaks(phone: Phone, session: Session) -> str:
    """The model speaks a sentence that has left for the phone and was not heard yet; the mark at its end."""
    sentence = speech(200)
    await session.speak(sentence, "One two three")
    return await phone.hears(sentence)


async def wait_until_healthy(harness: ServerHarness) -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"http://127.0.0.1:{harness.port}/healthz")).status_code


async def test_a_signal_in_the_middle_of_a_call_is_not_logged_as_the_call_s(caplog: pytest.LogCaptureFixture) -> None:
    log, lines = logging.getLogger("socket_server.server"), Lines()
    caplog.set_level(logging.INFO, log.name)
    log.addHandler(lines)

    def in_a_call(server: Server) -> None:
        log_context.begin()
        log_context.name("CA1")
        server.handle_exit(signal.SIGTERM, None)

    copy_context().run(in_a_call, Server(uvicorn.Config("nowhere"), make_admission_control(), 100))
    await asyncio.sleep(0)  # the loop does the rest
    log.removeHandler(lines)
    assert lines.seen == [(log_context.OUTSIDE, "SIGTERM: draining, 0 calls have 100 s to end, or until asked again")]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_a_process_without_calls_ends_with_status_0(build: Build, how: signal.Signals) -> None:
    harness = await build(PATIENT)
    harness.server.ask_to_end(how)
    assert await harness.wait_for_exit() == 0
    assert await harness.wait_for_log(f"{how.name}: draining, 0 calls have 100 s to end")
    assert await harness.wait_for_log("Application shutdown complete")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
async def test_calls_go_on_until_they_end_by_themselves_and_nobody_else_is_let_in(
    build: Build, how: signal.Signals
) -> None:
    harness = await build(PATIENT)
    first, second = await harness.talk(), await harness.talk()
    harness.server.ask_to_end(how)
    await harness.wait_for_log("draining, 2 calls have 100 s to end")

    assert await wait_until_healthy(harness) == 200
    with pytest.raises(InvalidStatus) as refused:
        await harness.dial()
    assert refused.value.response.status_code == 503
    for phone, session in (first, second):
        await phone.mark_played(await speaks(phone, session))
        await seen(phone, session)
        await phone.stop()
        assert await harness.wait_for_end(phone) == "caller_gone"

    assert await harness.wait_for_exit() == 0


async def test_when_the_time_is_up_a_silent_call_is_recorded_and_closed(build: Build) -> None:
    harness = await build({})
    phone, session = await harness.talk()
    await phone.mark_played(await speaks(phone, session))
    harness.server.ask_to_end()
    assert await phone.closed() == 1000
    assert await harness.wait_for_end(phone) == "draining"
    assert await harness.wait_for_exit() == 0


async def test_a_sentence_is_heard_to_its_end_before_the_call_is_closed(build: Build) -> None:
    harness = await build({})
    phone, session = await harness.talk()
    mark = await speaks(phone, session)
    harness.server.ask_to_end()
    await harness.wait_for_log("draining, 1 calls have 0 s to end")
    await seen(phone, session)
    await phone.mark_played(mark)
    assert await phone.closed() == 1000
    assert await harness.wait_for_end(phone) == "draining"
    [turn] = await harness.wait_for_turns(phone, 1)
    assert (turn.said, turn.heard) == ("One two three", "One two three")
    assert await harness.wait_for_exit() == 0


async def test_a_sentence_that_does_not_end_is_cut_at_last(build: Build) -> None:
    harness = await build({})
    phone, session = await harness.talk()
    await speaks(phone, session)
    harness.server.ask_to_end()
    assert await phone.closed() == 1000
    assert await harness.wait_for_end(phone) == "draining"
    assert await harness.wait_for_exit() == 0


@pytest.mark.parametrize("again", [signal.SIGTERM, signal.SIGINT])
async def test_a_second_signal_ends_the_calls_at_once_and_records_them(build: Build, again: signal.Signals) -> None:
    harness = await build(PATIENT)
    phone, session = await harness.talk()
    await speaks(phone, session)
    harness.server.ask_to_end()
    await harness.wait_for_log("SIGTERM: draining")
    harness.server.ask_to_end(again)
    assert await phone.closed() == 1000
    assert await harness.wait_for_end(phone) == "draining"
    assert [turn.said for turn in await harness.wait_for_turns(phone, 1)] == ["One two three"]
    assert await harness.wait_for_exit() == 0
    assert await harness.wait_for_log(f"{again.name} again: 1 calls go on elsewhere at once")


async def test_a_phone_that_does_not_read_does_not_keep_the_process(build: Build) -> None:
    harness = await build({})
    phone, session = await harness.talk()
    phone.deafen()
    response = await session.respond()
    for _ in range(10):
        await response.speak(bytes(8 * 60_000), "more than the network takes")
    harness.server.ask_to_end()
    await harness.wait_for_log("draining, 1 calls")
    harness.server.ask_to_end()
    assert await harness.wait_for_exit() == 0
    assert await harness.wait_for_end(phone) == "draining"
    phone.abort()


async def test_a_stream_that_never_starts_does_not_keep_the_process(build: Build) -> None:
    harness = await build({})
    phone = await harness.dial()
    await harness.model.wait_for_session()
    harness.server.ask_to_end()
    assert await phone.closed() == 1008
    assert await harness.wait_for_exit() == 0


async def test_a_silent_table_keeps_neither_a_call_nor_the_process(build: Build) -> None:
    harness = await build({})
    phone, session = await harness.talk()
    await phone.mark_played(await speaks(phone, session))
    harness.cloud.dynamodb.fault = Silent()
    harness.server.ask_to_end()
    assert await phone.closed() == 1000
    assert await harness.wait_for_exit() == 0
    assert await harness.wait_for_log("the record is not complete after 1.0 s")
    assert await harness.wait_for_log("rows not written: TimeoutError")
    harness.cloud.dynamodb.fault = None
