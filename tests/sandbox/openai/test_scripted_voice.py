"""The demo's model hears real speech and answers aloud: whole conversations over a socket, faster than real time."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.exceptions import ConnectionClosed

from sandbox.openai.output_items import Pace
from sandbox.openai.scripted_voice import ScriptedVoice
from sandbox.openai.server import ModelServer
from sandbox.speech.mulaw import FRAME_BYTES, frames, silence
from sandbox.speech.voices.lines import Line, line
from tests.sandbox.openai.client import PHONE, Client, Message, open_client

DESTINATION = {"type": "string", "enum": ["workshop", "front_desk"]}
TEXT = {"type": "string"}
TOOLS = [
    {"type": "function", "name": "opening_hours", "parameters": {"type": "object", "properties": {}}},
    {
        "type": "function",
        "name": "transfer_to_human",
        "parameters": {
            "type": "object",
            "properties": {"destination": DESTINATION, "reason": TEXT, "summary": TEXT},
        },
    },
    {"type": "function", "name": "end_call", "parameters": {"type": "object", "properties": {}}},
]
AUDIO = {**PHONE["audio"], "input": {**PHONE["audio"]["input"], "transcription": {"model": "gpt-live-transcribe"}}}
SESSION: Message = {**PHONE, "instructions": "You answer for Spoke and Wheel.", "tools": TOOLS, "audio": AUDIO}


class Caller(Client):
    """A client whose caller speaks the lines of the demo."""

    async def says(self, name: str) -> None:
        await self.sounds(line(name).audio + silence(700))

    async def sounds(self, audio: bytes) -> None:
        for frame in frames(audio):
            assert len(frame) == FRAME_BYTES
            await self.send("input_audio_buffer.append", audio=base64.b64encode(frame).decode())

    async def wait_for_answer(self) -> Message:
        """Return the next response when it is done."""
        response: Message = (await self.read_until("response.done"))[-1]["response"]
        return response

    async def told(self, role: str, text: str) -> None:
        content = [{"type": "input_text", "text": text}]
        item = {"type": "message", "role": role, "content": content}
        await self.send("conversation.item.create", item=item)

    async def gives(self, call: Message, output: str) -> None:
        """Answer a function call and let the model go on."""
        item = {"type": "function_call_output", "call_id": call["call_id"], "output": output}
        await self.send("conversation.item.create", item=item)
        await self.send("response.create")


def list_spoken(response: Message) -> list[str]:
    """Return the words of a response."""
    return [item["content"][0]["transcript"] for item in response["output"] if item["type"] == "message"]


def list_called(response: Message) -> list[str]:
    """Return the names of the tools that a response calls."""
    return [item["name"] for item in response["output"] if item["type"] == "function_call"]


@asynccontextmanager
async def make_caller(model: ModelServer) -> AsyncIterator[Caller]:
    async with open_client(model) as client:
        caller = Caller(client.socket)
        await caller.send("session.update", session=SESSION)
        await caller.read_until("session.updated")
        yield caller


@asynccontextmanager
async def make_greeted_caller(pace: Pace | None = None) -> AsyncIterator[Caller]:
    async with ModelServer(ScriptedVoice(), pace=pace) as model, make_caller(model) as caller:
        await caller.send("response.create", response={"instructions": "Greet the caller."})
        assert list_spoken(await caller.wait_for_answer()) == [line("greeting").text]
        yield caller


async def test_a_question_is_answered_with_a_tool_and_then_aloud() -> None:
    async with make_greeted_caller() as caller:
        await caller.says("ask_hours")
        messages = await caller.read_until("response.done")
        transcripts = [m["transcript"] for m in messages if m["type"].endswith("input_audio_transcription.completed")]
        assert transcripts == [line("ask_hours").text]
        response = messages[-1]["response"]
        assert list_called(response) == ["opening_hours"]

        await caller.gives(response["output"][0], '{"opening_hours": "nine to six"}')

        assert list_spoken(await caller.wait_for_answer()) == [line("hours").text]


async def test_a_frustrated_caller_is_handed_over_with_a_sentence_and_a_call_in_one_response() -> None:
    async with make_greeted_caller() as caller:
        for heard, says in (("ask_order", "not_found"), ("repeat_number", "still_not_found")):
            await caller.says(heard)
            assert list_spoken(await caller.wait_for_answer()) == [line(says).text]
        await caller.says("frustrated")
        response = await caller.wait_for_answer()
        assert list_spoken(response) == [line("hand_over").text]
        assert list_called(response) == ["transfer_to_human"]
        arguments = json.loads(response["output"][1]["arguments"])
        assert arguments["destination"] == "front_desk"
        assert arguments["reason"] == "The caller is frustrated."
        assert "four seven one one" in arguments["summary"]


async def test_another_line_of_the_caller_changes_the_call() -> None:
    async with make_greeted_caller() as caller:
        await caller.says("ask_person")
        response = await caller.wait_for_answer()
        assert (list_spoken(response), list_called(response)) == ([line("hand_over_asked").text], ["transfer_to_human"])


async def test_speech_that_is_no_known_phrase_is_not_understood() -> None:
    async with make_greeted_caller() as caller:
        await caller.says("anna")
        assert list_spoken(await caller.wait_for_answer()) == [line("not_understood").text]


async def test_silence_is_not_answered() -> None:
    async with make_greeted_caller() as caller:
        await caller.sounds(silence(5000))
        await caller.send("input_audio_buffer.clear")
        messages = await caller.read_until("input_audio_buffer.cleared")
        assert [m["type"] for m in messages if m["type"] != "rate_limits.updated"] == ["input_audio_buffer.cleared"]


async def test_an_answer_stops_when_the_caller_talks_and_the_next_one_is_about_what_they_said() -> None:
    async with make_greeted_caller(Pace(delta_ms=100, times_real_time=20)) as caller:
        await caller.says("ask_hours")
        call = (await caller.wait_for_answer())["output"][0]
        await caller.gives(call, '{"opening_hours": "nine to six"}')
        await caller.read_until("response.output_audio.delta")

        await caller.says("ask_order")

        cut = await caller.wait_for_answer()
        assert cut["status_details"] == {"type": "cancelled", "reason": "turn_detected"}
        assert list_spoken(cut)[0] in line("hours").text
        assert list_spoken(await caller.wait_for_answer()) == [line("not_found").text]


@pytest.mark.parametrize(("answer", "says"), [("want_call_back", "call_back"), ("no_thanks", "no_call_back")])
async def test_a_caller_who_comes_back_from_nobody_is_told_so_and_sees_the_call_end(answer: str, says: str) -> None:
    async with ModelServer(ScriptedVoice()) as model, make_caller(model) as caller:
        await caller.told("user", "This is not helping at all.")
        await caller.told("system", "The caller was put through to front_desk: nobody answered. They are back.")
        await caller.send("response.create", response={"instructions": "Tell the caller what happened."})
        assert list_spoken(await caller.wait_for_answer()) == [line("no_answer").text]

        await caller.says(answer)

        response = await caller.wait_for_answer()
        assert (list_spoken(response), list_called(response)) == ([line(says).text], ["end_call"])


async def test_a_transfer_that_failed_is_told() -> None:
    async with make_greeted_caller() as caller:
        await caller.says("ask_person")
        call = (await caller.wait_for_answer())["output"][1]
        await caller.gives(call, '{"status": "closed"}')
        assert list_spoken(await caller.wait_for_answer()) == [line("closed").text]


async def test_a_message_of_the_system_in_the_middle_of_the_call_is_told() -> None:
    async with make_greeted_caller() as caller:
        await caller.told("system", 'The caller pressed 0 for a person. The outcome: {"status": "closed"}')
        await caller.send("response.create")
        assert list_spoken(await caller.wait_for_answer()) == [line("closed").text]


@pytest.mark.parametrize(
    ("instructions", "says"),
    [("Tell the caller that you are putting them through.", "hand_over"), ("Say goodbye.", "goodbye")],
)
async def test_an_announcement_is_one_line_and_no_call(instructions: str, says: str) -> None:
    async with make_greeted_caller() as caller:
        options = {"instructions": instructions, "tool_choice": "none"}
        await caller.send("response.create", response=options)
        response = await caller.wait_for_answer()
        assert (list_spoken(response), list_called(response)) == ([line(says).text], [])


async def test_it_does_not_answer_while_the_session_asks_for_no_answers() -> None:
    async with make_greeted_caller() as caller:
        quiet = {"type": "server_vad", "create_response": False, "interrupt_response": False}
        await caller.send("session.update", session={"type": "realtime", "audio": {"input": {"turn_detection": quiet}}})
        await caller.says("frustrated")
        messages = await caller.read_until("conversation.item.input_audio_transcription.completed")
        assert messages[-1]["transcript"] == line("frustrated").text
        await caller.send("input_audio_buffer.clear")
        assert (await caller.next())["type"] == "input_audio_buffer.cleared"


async def play(changes: Message) -> None:
    async with ModelServer(ScriptedVoice()) as model, open_client(model) as client:
        await client.send("session.update", session={**SESSION, **changes})
        await client.read_until("session.updated")
        await client.send("response.create")
        with pytest.raises(ConnectionClosed):
            await client.read_until("response.done")


@pytest.mark.parametrize("missing", ["opening_hours", "transfer_to_human", "end_call"])
async def test_a_session_without_a_tool_that_is_needed_is_not_played(missing: str) -> None:
    with pytest.raises(ExceptionGroup) as refused:
        await play({"tools": [tool for tool in TOOLS if tool["name"] != missing]})
    assert refused.group_contains(LookupError, match=f"offers no {missing}")


async def test_a_session_with_somebody_elses_instructions_is_not_played() -> None:
    with pytest.raises(ExceptionGroup) as refused:
        await play({"instructions": "You sell shoes."})
    assert refused.group_contains(LookupError, match="Spoke and Wheel")


async def test_who_overhears_the_model_learns_each_line_that_it_begins_to_say() -> None:
    overheard: list[Line] = []
    async with ModelServer(ScriptedVoice(overheard.append)) as model, make_caller(model) as caller:
        await caller.send("response.create")
        await caller.wait_for_answer()
    assert overheard == [line("greeting")]
