"""Twilio asks twice: the caller talks with one model, whichever answer came through."""

import asyncio

import pytest

from sandbox.twilio import events
from sandbox.twilio.calls import Call
from tests.calls.conftest import WAIT_TIMEOUT_S, CallHarness, make_speech

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def speak_until_heard(harness: CallHarness, call: Call) -> None:
    """The caller speaks until some model hears them."""
    words = make_speech(200)
    async with asyncio.timeout(WAIT_TIMEOUT_S):
        while not any(words in session.audio for session in harness.model.sessions):
            await call.phone.say(words)


async def test_a_first_answer_that_is_lost_is_given_again(harness: CallHarness) -> None:
    harness.environment.carrier.faults.lose_first_answer = True
    call = await harness.dial()
    await speak_until_heard(harness, call)
    answered = harness.environment.carrier.events.of(events.WebhookAnswered, call.sid)
    answers = [answer.body for answer in answered if answer.url.endswith("/voice/incoming")]
    record = await harness.hang_up(call)
    assert len(answers) == 2
    assert answers[0] == answers[1]
    assert len(record.streams) == 1


async def test_a_caller_whose_two_answers_are_both_executed_talks(harness: CallHarness) -> None:
    harness.environment.carrier.faults.execute_both_answers = True
    call = await harness.dial()
    await speak_until_heard(harness, call)
    seen = harness.environment.carrier.events
    first, second, *_ = seen.of(events.StreamStarted, call.sid)
    ended = seen.of(events.StreamEnded, call.sid)[0]
    assert first.parameters == second.parameters  # the same answer, executed twice
    assert (ended.stream_sid, ended.code) == (first.stream_sid, None)  # by Twilio, when the second began
    await harness.hang_up(call)
    await harness.expect_end_reasons(call, "caller_gone", "caller_gone")
