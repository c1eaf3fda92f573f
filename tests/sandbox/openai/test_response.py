"""The events of one response, in the service's order."""

import base64

import pytest

from sandbox.openai.output_items import Pace
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.speech.mulaw import tone
from tests.sandbox.openai.client import Message, list_kinds, open_client

HELLO = tone(450, 440)
SPOKEN_ANSWER = [
    "response.created",
    "response.output_item.added",
    "conversation.item.added",
    "response.content_part.added",
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
    "response.output_audio_transcript.delta",
    "response.output_audio.delta",
    "response.output_audio.done",
    "response.output_audio_transcript.done",
    "response.content_part.done",
    "conversation.item.done",
    "response.output_item.done",
    "response.done",
    "rate_limits.updated",
]


def join_audio(messages: list[Message]) -> bytes:
    deltas = [m["delta"] for m in messages if m["type"] == "response.output_audio.delta"]
    return b"".join(base64.b64decode(delta) for delta in deltas)


async def test_a_spoken_answer_is_the_whole_sequence_of_events() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.update()
        await client.send("response.create")
        await session.wait_for("response.create")

        await session.speak(HELLO, "Hello and welcome.")

        messages = await client.read_until("rate_limits.updated")
        assert list_kinds(messages) == SPOKEN_ANSWER
        assert join_audio(messages) == HELLO
        done = messages[-2]["response"]
        assert done["status"] == "completed"
        assert done["output"][0]["content"] == [{"type": "output_audio", "transcript": "Hello and welcome."}]
        assert done["usage"]["output_token_details"]["audio_tokens"] == 9


async def test_the_length_of_a_delta_is_chosen_by_the_pace() -> None:
    async with ModelServer(Scripted(), pace=Pace(delta_ms=20)) as model, open_client(model) as client:
        await client.update()
        await (await model.wait_for_session()).speak(HELLO, "Hello.")
        messages = await client.read_until("response.done")
        assert list_kinds(messages).count("response.output_audio.delta") == 23
        assert join_audio(messages) == HELLO


async def test_a_paced_answer_takes_its_share_of_real_time_and_loses_nothing() -> None:
    pace = Pace(delta_ms=100, times_real_time=20)
    async with ModelServer(Scripted(), pace=pace) as model, open_client(model) as client:
        await client.update()
        await (await model.wait_for_session()).speak(HELLO, "Hello.")
        assert join_audio(await client.read_until("response.done")) == HELLO


async def test_a_response_may_hold_speech_and_the_call_of_a_tool() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.update()
        response = await session.respond()

        item_id = await response.speak(HELLO, "One moment.")
        call_id = await response.call_tool("opening_hours", '{"day": "today"}')
        await response.finish()

        messages = await client.read_until("response.done")
        speech, call = messages[-1]["response"]["output"]
        assert speech["id"] == item_id
        assert (call["call_id"], call["arguments"], call["status"]) == (
            call_id,
            '{"day": "today"}',
            "completed",
        )
        written = [m["delta"] for m in messages if m["type"] == "response.function_call_arguments.delta"]
        assert "".join(written) == '{"day": "today"}'
        assert [m["output_index"] for m in messages if m["type"] == "response.output_item.done"] == [0, 1]


async def test_a_response_may_hold_several_spoken_items() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.update()
        response = await session.respond()
        items = [await response.speak(HELLO, "One."), await response.speak(HELLO, "Two.")]
        await response.finish()
        messages = await client.read_until("response.done")
        deltas = [m["item_id"] for m in messages if m["type"] == "response.output_audio.delta"]
        assert deltas == [items[0]] * 3 + [items[1]] * 3


async def test_the_caller_cuts_an_open_answer_and_its_item_stays_incomplete() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.update()
        response = await session.respond()
        await response.speak(HELLO, "Hello and welcome.", complete=False)

        await session.start_speech()

        assert not response.open
        messages = await client.read_until("response.done")
        started = list_kinds(messages).index("input_audio_buffer.speech_started")
        assert list_kinds(messages)[started:] == [
            "input_audio_buffer.speech_started",
            "response.output_audio.done",
            "response.output_audio_transcript.done",
            "response.content_part.done",
            "conversation.item.done",
            "response.output_item.done",
            "response.done",
        ]
        done = messages[-1]["response"]
        assert done["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
        assert done["output"][0]["status"] == "incomplete"


async def test_a_cut_call_ends_with_part_of_its_arguments_and_incomplete() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.update()
        response = await session.respond()
        await response.call_tool("transfer_to_human", '{"destination": "front', complete=False)
        await session.start_speech()
        call = (await client.read_until("response.done"))[-1]["response"]["output"][0]
        assert (call["status"], call["arguments"]) == ("incomplete", '{"destination": "front')


async def test_late_audio_of_a_cut_answer_can_be_sent() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.update()
        response = await session.respond()
        item_id = await response.speak(HELLO, "Hello.", complete=False)
        await session.start_speech()
        await client.read_until("rate_limits.updated")

        await response.send_late_delta(HELLO[:160])

        late = await client.next()
        assert (late["type"], late["item_id"]) == ("response.output_audio.delta", item_id)


async def test_a_failed_response_names_its_error() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        response = await (await model.wait_for_session()).respond()
        await response.finish("failed", error="inference_rate_limit_exceeded")
        done = (await client.read_until("response.done"))[-1]["response"]
        assert done["status"] == "failed"
        assert done["status_details"]["error"]["code"] == "inference_rate_limit_exceeded"


async def test_a_response_ends_once() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        response = await session.respond()
        await response.finish()
        await response.finish("cancelled", "client_cancelled")
        await session.fail("marker")
        messages = await client.read_until("error")
        assert list_kinds(messages).count("response.done") == 1


async def test_no_tool_is_called_when_the_response_was_told_to_call_none() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.send("response.create", response={"tool_choice": "none", "instructions": "Announce Anna."})
        await session.expect("response.create")
        response = await session.respond()
        assert response.options["instructions"] == "Announce Anna."
        with pytest.raises(AssertionError, match="tool_choice none"):
            await response.call_tool("end_call", "{}")
