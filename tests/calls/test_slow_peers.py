"""A side that is too slow for a call: our own process, for which Twilio throws audio away (31930), or the model.

Ten times as fast as life, because the networks hold much of a voice before anybody notices.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from sandbox.environment import run_environment
from sandbox.installation import InstallationOptions
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.openai.session import Session
from sandbox.program import Program
from sandbox.speech.mulaw import FRAME_MS, SILENT_FRAME, frames
from sandbox.twilio import errors
from sandbox.twilio.calls import Call
from sandbox.twilio.events import ErrorLogged
from sandbox.twilio.phones import Phone
from tests.calls.conftest import (
    AGENT,
    DIRECTORY,
    WAIT_TIMEOUT_S,
    CallHarness,
    make_closed_hours,
    make_speech,
    wait_until_heard,
)
from tests.peak_memory import PeakMemory

pytestmark = pytest.mark.asyncio(loop_scope="module")

PACE = 10.0
SENTENCE_MS = 1000
SENTENCES = 60  # the network to the model takes some 30 of them before it is full
ON_THE_WAY_FRAMES = 1500  # while we do not read: after as many, and some less, Twilio has thrown audio away
KEPT_BYTES = 2**20  # more than the networks hold of a call, which may come in one piece


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[CallHarness]:
    directory = DIRECTORY.replace("HOURS", make_closed_hours())
    async with (
        ModelServer(Scripted(), narrow=True) as model,
        run_environment(
            InstallationOptions(realtime_url=model.url, settings={"AGENT_FILE": str(AGENT)}, directory=directory),
            pace=PACE,
        ) as environment,
    ):
        yield CallHarness(environment, model)


class Caller:
    """A caller who talks without a pause, in sentences of which each is another one."""

    def __init__(self, phone: Phone) -> None:
        self.said: list[bytes] = []
        self._phone = phone

    @property
    def frames(self) -> int:
        """How many were said so far."""
        return len(self.said) * SENTENCE_MS // FRAME_MS

    async def sentence(self) -> bytes:
        self.said.append(make_speech(SENTENCE_MS))
        await self._phone.say(self.said[-1])
        return self.said[-1]

    @contextlib.asynccontextmanager
    async def talking(self) -> AsyncIterator[None]:
        """On and on for the time of the block, and to the end of the last sentence."""
        done = asyncio.Event()

        async def talk() -> None:
            while not done.is_set():
                await self.sentence()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(talk())
            try:
                yield
            finally:
                done.set()

    async def is_heard(self, session: Session, *, from_: int) -> None:
        """Wait until the model has heard a whole sentence, this one or one after it."""
        async with asyncio.timeout(WAIT_TIMEOUT_S):
            while not any(sentence in session.audio for sentence in self.said[from_:]):
                await self._phone.wait(FRAME_MS)

    def heard(self, session: Session) -> list[int]:
        """The numbers of the frames that the model has heard, silence left out."""
        numbers = {frame: number for number, frame in enumerate(frames(b"".join(self.said)))}
        return [numbers[frame] for frame in frames(bytes(session.audio)) if frame != SILENT_FRAME]


def count_overflows(harness: CallHarness, call: Call) -> int:
    """How often Twilio has begun to throw the caller's audio away."""
    logged = harness.environment.carrier.events.of(ErrorLogged, call.sid)
    return [error.code for error in logged].count(errors.STREAM_OVERFLOW)


def count_dropped_frames(container: Program, call: Call) -> int:
    """How many frames our server says it has not passed on, of a call that is over."""
    [line] = [line for line in container.log if call.sid in line and "frames of the caller were dropped" in line]
    return int(json.loads(line)["message"].split()[0])


async def test_a_process_that_stands_still_costs_audio_and_not_the_call(harness: CallHarness) -> None:
    call, session = await harness.talk()
    container, caller = harness.environment.installation.container, Caller(call.phone)
    peak = PeakMemory(container.pid)
    async with caller.talking():
        with container.freeze():
            await harness.environment.carrier.events.wait_for(
                ErrorLogged, lambda error: error.code == errors.STREAM_OVERFLOW
            )
            await call.phone.wait(SENTENCE_MS)
        await caller.is_heard(session, from_=len(caller.said))
    await session.wait_for_audio(await caller.sentence())
    answer = make_speech(200)
    await session.speak(answer, "I am still here.")
    await wait_until_heard(call.phone, answer)
    heard = caller.heard(session)
    assert heard == sorted(set(heard))
    assert len(heard) < caller.frames
    assert call.phone.heard.count(answer) == 1
    assert peak.grown_bytes < KEPT_BYTES
    await harness.hang_up(call)


async def test_a_model_that_does_not_read_costs_nothing_on_the_phones_side_and_is_replaced(
    harness: CallHarness,
) -> None:
    call, session = await harness.talk()
    container, caller = harness.environment.installation.container, Caller(call.phone)
    peak = PeakMemory(container.pid)
    with session.pause_reading():
        for _ in range(SENTENCES):
            await caller.sentence()
            await session.pong()
        assert count_overflows(harness, call) == 0
        grown_bytes = peak.grown_bytes
        second, answer = await harness.wait_for_next_session(), make_speech(400)
        await second.speak(answer, "I am back.")
        await wait_until_heard(call.phone, answer)
        await harness.hang_up(call)
    await harness.expect_end_reasons(call, "caller_gone")
    assert await container.wait_for_log("model lost: nothing came for")
    assert await container.wait_for_log("stream ended: caller_gone")
    assert count_dropped_frames(container, call) > ON_THE_WAY_FRAMES
    assert count_overflows(harness, call) == 0
    assert grown_bytes < KEPT_BYTES
