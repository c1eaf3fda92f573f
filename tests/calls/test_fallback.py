"""A moved call still has a net: what it hears when `/voice/after-dial` cannot be had."""

import asyncio
from collections.abc import Callable

import pytest

from sandbox.aws.fallback_page import WORDS
from sandbox.aws.faults import Fails
from sandbox.twilio import events
from sandbox.twilio.audio_sources import render_mock_speech
from sandbox.twilio.calls import Call
from sandbox.twilio.phones import busy
from tests.calls.conftest import WAIT_TIMEOUT_S, CallHarness, make_speech
from tests.calls.test_transfer import hand_over, read_next_instructions

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def wait_for_event[T](
    harness: CallHarness, call: Call, kind: type[T], where: Callable[[T], bool] = lambda _: True
) -> None:
    """Wait until it has happened on this call."""
    async with asyncio.timeout(WAIT_TIMEOUT_S):
        async for event in harness.environment.carrier.events.watch():
            if event.call_sid == call.sid and isinstance(event.what, kind) and where(event.what):
                return


async def move_while_the_webhook_fails(harness: CallHarness, anna: str, caller: str) -> Call:
    """A call whose person is busy, and whose next question the function does not answer.

    Each has a caller of its own: who calls again before that was written down could be the dial come back.
    """
    harness.environment.carrier.people[anna] = busy(after_ms=200)
    call = await harness.environment.call(lambda phone: phone.stay(), from_=caller)
    session = await harness.greet(call)
    await hand_over(session, make_speech(200))
    await wait_for_event(harness, call, events.DialEnded)
    harness.environment.installation.cloud.functions["voice_webhook"].fault = Fails()
    return call


def is_failed(answer: events.WebhookAnswered) -> bool:
    return "/voice/after-dial" in answer.url and answer.status >= 500


async def test_a_webhook_that_fails_after_the_move_is_no_application_error(harness: CallHarness, anna: str) -> None:
    call = await move_while_the_webhook_fails(harness, anna, "+15550100091")

    await harness.wait_for_end(call)

    assert all(render_mock_speech(words) in call.phone.heard for words in WORDS)


@pytest.mark.parametrize("honoured", [True, False])
async def test_a_webhook_that_fails_once_is_asked_again(harness: CallHarness, anna: str, honoured: bool) -> None:
    harness.environment.carrier.faults.fallback_with_twiml = honoured
    call = await move_while_the_webhook_fails(harness, anna, f"+1555010009{2 + honoured}")
    await wait_for_event(harness, call, events.WebhookAnswered, is_failed)
    harness.environment.installation.cloud.functions["voice_webhook"].fault = None

    _, told = await read_next_instructions(harness)

    assert "the line was busy" in told
    await harness.hang_up(call)
