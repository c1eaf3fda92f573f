"""How long a caller hears nothing when the model is lost: less than two seconds of what they heard.

The figure is a promise to the caller, so it is read off the call: what was heard is recorded with 20 ms a tick,
whatever the machine does. What it takes to start a function for the first time is no part of it: a call before has
started them. Nor is the time that Twilio takes to carry out what it was told, of which the sandbox's carrier takes
none.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from sandbox.demo.measure import find_first_sound_after
from sandbox.openai.session import Session
from sandbox.twilio.phones import Phone, answers
from tests.calls.conftest import WAIT_TIMEOUT_S, CallHarness, make_speech

pytestmark = pytest.mark.asyncio(loop_scope="module")

PROMISED_MS = 2000


async def drop(session: Session) -> None:
    session.drop()


async def break_down(session: Session) -> None:
    await session.close(1011, "internal error")


async def find_first_sound(phone: Phone, after_ms: int) -> int:
    """When the ear hears something again."""
    async with asyncio.timeout(WAIT_TIMEOUT_S):
        while (begins_ms := find_first_sound_after(phone.heard, after_ms)) is None:
            await phone.wait(20)
    return begins_ms


async def measure_silence_ms(harness: CallHarness, lose: Callable[[Session], Awaitable[None]]) -> int:
    """A call whose model is lost for good: how long until its caller hears a voice or a ringing tone."""
    call, session = await harness.talk()
    await lose(session)
    second = await harness.wait_for_next_session()
    lost_ms = call.phone.heard_ms
    await lose(second)
    heard_again_ms = await find_first_sound(call.phone, lost_ms)
    await harness.hang_up(call)
    return heard_again_ms - lost_ms


@pytest.mark.parametrize("lose", [drop, break_down])
async def test_a_caller_whose_model_is_lost_hears_something_within_two_seconds(
    harness: CallHarness, anna: str, lose: Callable[[Session], Awaitable[None]]
) -> None:
    async def talk(phone: Phone) -> None:
        await phone.say(make_speech(400))

    harness.environment.carrier.people[anna] = answers(talk, after_ms=4000, key="1")
    await measure_silence_ms(harness, lose)
    assert await measure_silence_ms(harness, lose) < PROMISED_MS
