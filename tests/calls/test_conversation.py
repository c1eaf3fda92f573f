"""A caller and the model, over everything that lies between them."""

import pytest

from sandbox.speech import mulaw
from sandbox.twilio.events import AudioCleared, StreamStarted
from sandbox.twilio.faults import FrameFaults
from tests.calls.conftest import CallHarness, make_speech, wait_until_heard

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_frame_of_the_caller_reaches_the_model_once_unchanged_in_order(harness: CallHarness) -> None:
    call, session = await harness.talk()
    words = make_speech(1000)
    await call.phone.say(words)
    await session.wait_for_audio(words)
    await harness.hang_up(call)
    assert session.audio.count(words[:160]) == 1


async def test_a_goodbye_is_heard_to_its_end_before_the_call_is_hung_up(harness: CallHarness) -> None:
    call, session = await harness.talk()
    goodbye = make_speech(600)
    response = await session.respond()
    await response.speak(goodbye, "Goodbye!")
    await response.call_tool("end_call", "{}")
    await response.finish()
    record = await harness.wait_for_end(call)
    assert goodbye in call.phone.heard
    assert call.outcome.ended_by == "document"
    await harness.expect_end_reasons(call, "goodbye")
    assert [(turn.speaker, turn.said, turn.heard) for turn in record.turns] == [
        ("model", "Hello, how can I help?", "Hello, how can I help?"),
        ("model", "Goodbye!", "Goodbye!"),
    ]


@pytest.mark.parametrize("line", [FrameFaults(), FrameFaults(skip_silence=True)], ids=["whole", "without silence"])
async def test_an_interrupted_answer_stops_in_the_callers_ear(harness: CallHarness, line: FrameFaults) -> None:
    harness.environment.carrier.faults.frames = line
    call, session = await harness.talk()
    answer = make_speech(3000)
    response = await session.respond()
    item_id = await response.speak(answer, "one two three four five six seven eight nine ten")
    await wait_until_heard(call.phone, answer[: 800 * 8])
    events = harness.environment.carrier.events
    [stream] = events.of(StreamStarted, call.sid)
    await session.start_speech()
    await events.wait_for(AudioCleared, lambda cleared: cleared.stream_sid == stream.stream_sid)
    silent_from = len(call.phone.heard) + mulaw.FRAME_BYTES
    await call.phone.wait(500)
    after = call.phone.heard[silent_from:]
    assert after == mulaw.SILENT_FRAME * (len(after) // mulaw.FRAME_BYTES)
    cut = await session.wait_for("conversation.item.truncate")
    assert cut["item_id"] == item_id
    assert cut["audio_end_ms"] >= 600  # the last mark came back at most 200 ms before the 800 that were heard
    certain_ms = cut["audio_end_ms"] - 200  # what the clock adds to the marks may be on its way to the ear
    assert answer[: certain_ms * 8] in call.phone.heard
    record = await harness.hang_up(call)
    assert record.turns[-1].heard.startswith("one two")
    assert "ten" not in record.turns[-1].heard


async def test_a_caller_who_hangs_up_while_the_model_is_silent_closes_its_socket(harness: CallHarness) -> None:
    call, session = await harness.talk()
    await harness.hang_up(call)
    assert await session.wait_for_end() == 1000
    await harness.expect_end_reasons(call, "caller_gone")
