"""What the service answers to client events, given what happened in the session before."""

import base64

import pytest

from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.speech.mulaw import silence, tone
from tests.sandbox.openai.client import PHONE, Message, list_kinds, open_client

HELLO = tone(500, 440)


def make_text_item(text: str, **fields: str) -> Message:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}], **fields}


async def test_an_update_is_answered_with_the_whole_configuration() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await client.update(instructions="Be brief.")
        assert session["instructions"] == "Be brief."
        assert session["audio"]["input"]["format"] == {"type": "audio/pcmu"}
        assert session["audio"]["output"]["voice"] == "alloy"
        assert session["max_output_tokens"] == "inf"


async def test_a_refused_update_leaves_the_session_at_24_khz_pcm() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        error = await client.expect_refusal("session.update", session={**PHONE, "temperature": 0.8})
        assert error["param"] == "session.temperature"
        await client.send("session.update", session={"type": "realtime"})
        session = (await client.next())["session"]
        assert session["audio"]["output"]["format"] == {"type": "audio/pcm", "rate": 24000}


async def test_text_and_audio_at_once_are_refused() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        both = ["text", "audio"]
        error = await client.expect_refusal("session.update", session={**PHONE, "output_modalities": both})
        assert error["param"] == "session.output_modalities"
        error = await client.expect_refusal("response.create", response={"output_modalities": both})
        assert error["param"] == "response.output_modalities"


async def test_no_response_can_be_longer_than_its_model_says() -> None:
    async with ModelServer(Scripted()) as model, open_client(model, "gpt-realtime-1.5") as client:
        error = await client.expect_refusal("response.create", response={"max_output_tokens": 4097})
        assert (error["code"], error["param"]) == ("integer_above_max_value", "response.max_output_tokens")


async def test_audio_that_is_no_base64_is_refused() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        assert (await client.expect_refusal("input_audio_buffer.append", audio="§"))["code"] == "invalid_value"


@pytest.mark.parametrize(
    ("options", "param"),
    [
        ({"tools": [{"type": "function", "name": "end_call"}] * 2}, "response.tools"),
        ({"tool_choice": {"type": "function", "name": "end_call"}}, "response.tool_choice"),
    ],
)
async def test_a_response_with_impossible_tools_is_refused(options: dict[str, object], param: str) -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        error = await client.expect_refusal("response.create", response=options)
        assert (error["code"], error["param"]) == ("invalid_value", param)


async def test_a_commit_makes_an_item_of_the_buffer() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        await client.update()
        await client.send("input_audio_buffer.append", audio=base64.b64encode(silence(100)).decode())
        await client.send("input_audio_buffer.commit")
        messages = await client.read_until("conversation.item.done")
        assert list_kinds(messages) == [
            "input_audio_buffer.committed",
            "conversation.item.added",
            "conversation.item.done",
        ]
        assert messages[0]["item_id"] == messages[1]["item"]["id"]


async def test_a_commit_of_less_than_100_ms_is_refused() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        await client.update()
        await client.send("input_audio_buffer.append", audio=base64.b64encode(silence(200)).decode())
        await client.send("input_audio_buffer.clear")
        await client.read_until("input_audio_buffer.cleared")
        error = await client.expect_refusal("input_audio_buffer.commit")
        assert error["code"] == "input_audio_buffer_commit_empty"


async def test_items_are_created_in_the_asked_order() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.send("conversation.item.create", item=make_text_item("second", id="b"))
        await client.send("conversation.item.create", item=make_text_item("first", id="a"), previous_item_id="root")
        await client.send("conversation.item.create", item=make_text_item("third", id="c"), previous_item_id="b")
        for _ in range(3):
            messages = await client.read_until("conversation.item.done")
        assert list_kinds(messages) == ["conversation.item.added", "conversation.item.done"]
        assert messages[0]["previous_item_id"] == "b"
        assert [item.item_id for item in session.conversation.items] == ["a", "b", "c"]


async def test_an_id_is_used_once() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        await client.send("conversation.item.create", item=make_text_item("one", id="a"))
        await client.read_until("conversation.item.done")
        error = await client.expect_refusal("conversation.item.create", item=make_text_item("two", id="a"))
        assert error["code"] == "item_create_duplicate_id"


async def test_an_item_can_be_retrieved_until_it_is_deleted() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        await client.send("conversation.item.create", item=make_text_item("hi", id="a"))
        await client.read_until("conversation.item.done")
        await client.send("conversation.item.retrieve", item_id="a")
        assert (await client.next())["item"]["content"] == [{"type": "input_text", "text": "hi"}]
        await client.send("conversation.item.delete", item_id="a")
        assert (await client.next())["type"] == "conversation.item.deleted"
        error = await client.expect_refusal("conversation.item.retrieve", item_id="a")
        assert error["code"] == "item_retrieve_invalid_item_id"


async def test_a_truncated_item_forgets_its_transcript() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.update()
        await session.speak(HELLO, "Hello and welcome.")
        item_id = (await client.read_until("rate_limits.updated"))[-2]["response"]["output"][0]["id"]
        await client.send("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=300)
        assert (await client.next())["audio_end_ms"] == 300
        await client.send("conversation.item.retrieve", item_id=item_id)
        assert (await client.next())["item"]["content"] == [{"type": "output_audio"}]


async def test_a_truncation_beyond_the_audio_is_refused_in_the_services_words() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.update()
        await session.speak(HELLO, "Hello.")
        item_id = (await client.read_until("rate_limits.updated"))[-2]["response"]["output"][0]["id"]
        error = await client.expect_refusal(
            "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=501
        )
        assert error["message"] == "Audio content of 500ms is already shorter than 501ms"


async def test_what_the_model_did_not_speak_cannot_be_truncated() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.update()
        await (await session.respond()).speak(b"", "", complete=False)
        item_id = (await client.read_until("response.content_part.added"))[-1]["item_id"]
        await client.send("conversation.item.create", item=make_text_item("hi", id="mine"))
        await client.read_until("conversation.item.done")
        for unspoken in (item_id, "mine"):
            error = await client.expect_refusal(
                "conversation.item.truncate", item_id=unspoken, content_index=0, audio_end_ms=0
            )
            assert error["code"] == "unsupported_content_type"
            assert error["message"] == "Only model output audio messages can be truncated"


async def test_a_second_response_is_refused_while_one_is_open() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        await client.send("response.create")
        created = (await client.next())["response"]
        error = await client.expect_refusal("response.create")
        assert error["code"] == "conversation_already_has_active_response"
        assert created["id"] in error["message"]
        await (await session.respond()).finish()
        await client.read_until("rate_limits.updated")
        await client.send("response.create")
        assert (await client.next())["type"] == "response.created"


async def test_the_client_cancels_the_open_response_and_no_other() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        await client.send("response.create")
        response_id = (await client.next())["response"]["id"]
        other = await client.expect_refusal("response.cancel", response_id="resp_other")
        assert other["code"] == "response_cancel_not_active"
        await client.send("response.cancel", response_id=response_id)
        done = (await client.read_until("rate_limits.updated"))[-2]["response"]
        assert done["status_details"] == {"type": "cancelled", "reason": "client_cancelled"}
        again = await client.expect_refusal("response.cancel")
        assert again["code"] == "response_cancel_not_active"


async def test_the_output_of_a_tool_must_answer_a_call() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        session = await model.wait_for_session()
        call_id = await session.call_tool("opening_hours")
        await client.read_until("rate_limits.updated")
        output = {"type": "function_call_output", "call_id": call_id, "output": "9 to 5"}
        await client.send("conversation.item.create", item=output)
        assert (await client.next())["item"]["output"] == "9 to 5"
        await client.next()
        error = await client.expect_refusal("conversation.item.create", item={**output, "call_id": "call_unknown"})
        assert error["code"] == "invalid_tool_call_id"


async def test_a_call_from_the_history_gets_an_id_and_can_be_answered() -> None:
    async with ModelServer(Scripted()) as model, open_client(model) as client:
        call = {"type": "function_call", "name": "opening_hours", "arguments": "{}"}
        await client.send("conversation.item.create", item=call)
        call_id = (await client.read_until("conversation.item.done"))[-1]["item"]["call_id"]
        output = {"type": "function_call_output", "call_id": call_id, "output": "9 to 5"}
        await client.send("conversation.item.create", item=output)
        assert (await client.next())["type"] == "conversation.item.added"
