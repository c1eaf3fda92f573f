"""A caller whose line sends no frames, or not all, or not in time, is answered like any other.

The model really listens here, but for the last test: what ends the caller's turn is the audio that it gets, and nothing
else.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from sandbox.environment import Environment, run_environment
from sandbox.installation import InstallationOptions
from sandbox.openai.scripted_voice import ScriptedVoice
from sandbox.openai.server import ModelServer
from sandbox.speech.mulaw import SILENT_FRAME, frames
from sandbox.speech.voices.lines import line
from sandbox.twilio.calls import Call
from sandbox.twilio.faults import FrameFaults
from socket_server.call.frame_gaps import LATE_MS
from tests.calls.conftest import CallHarness, make_speech, wait_until_heard

pytestmark = pytest.mark.asyncio(loop_scope="module")

AGENT = Path(__file__).parents[2] / "sandbox" / "demo" / "agent.toml"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bicycles() -> AsyncIterator[Environment]:
    """The shop of the demo."""
    async with (
        ModelServer(ScriptedVoice()) as model,
        run_environment(
            InstallationOptions(realtime_url=model.url, settings={"AGENT_FILE": str(AGENT)})
        ) as environment,
    ):
        yield environment


async def greet(environment: Environment) -> Call:
    call = await environment.call(lambda phone: phone.stay())
    await wait_until_heard(call.phone, line("greeting").audio)
    return call


async def test_a_caller_whose_line_sends_nothing_in_silence_is_answered(bicycles: Environment) -> None:
    bicycles.carrier.faults.frames = FrameFaults(skip_silence=True)
    call = await greet(bicycles)
    await call.phone.say(line("ask_hours").audio)
    await wait_until_heard(call.phone, line("hours").audio[:8000])
    call.hang_up("party")
    await call.wait_for_end()


async def test_a_caller_whose_line_goes_dead_in_mid_sentence_is_answered(bicycles: Environment) -> None:
    bicycles.carrier.faults.frames = FrameFaults()
    call = await greet(bicycles)
    talking = asyncio.create_task(call.phone.say(line("ask_order").audio))
    await call.phone.wait(1500)
    call.frames = FrameFaults(lost=1.0)
    await wait_until_heard(call.phone, line("not_understood").audio[:8000])
    await talking
    call.hang_up("party")
    await call.wait_for_end()


async def test_frames_that_are_late_or_out_of_order_are_all_heard_and_filled_at_most_for_a_while(
    harness: CallHarness,
) -> None:
    harness.environment.carrier.faults.frames = FrameFaults(delayed=0.02, delay_ms=600, reordered=0.05)
    call, session = await harness.talk()
    words = make_speech(6000)
    await call.phone.say(words)
    call.frames = FrameFaults()
    await call.phone.wait(1000)  # what was held up is here
    await call.phone.say(last := make_speech(200))
    await session.wait_for_audio(last)
    numbers = {frame: number for number, frame in enumerate(frames(words + last))}
    heard = [numbers[frame] for frame in frames(bytes(session.audio)) if frame != SILENT_FRAME]
    assert sorted(heard) == list(range(len(numbers)))
    assert len(session.audio) // 8 < call.phone.heard_ms + LATE_MS + 600
    await harness.hang_up(call)
