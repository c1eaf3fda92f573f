"""OpenAI Realtime: the caller's audio, and the items of a conversation."""

import base64

import pytest

from sandbox.speech.mulaw import silence
from tests.contract.realtime import Message, Session

QUIET = base64.b64encode(silence(300)).decode()
SAID: Message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello."}]}
UNKNOWN = "item_contract_unknown"


async def test_audio_that_is_appended_is_not_acknowledged_and_can_be_committed(session: Session) -> None:
    await session.send("input_audio_buffer.append", audio=QUIET)
    await session.send("input_audio_buffer.commit")

    events = await session.receive_until("conversation.item.added")

    assert [event["type"] for event in events] == ["input_audio_buffer.committed", "conversation.item.added"]
    assert events[0]["item_id"] == events[1]["item"]["id"]
    assert events[1]["item"]["role"] == "user"


# What the container relies on when the service does not see the end of a turn: never tried on a live session.
async def test_audio_whose_end_the_turn_detection_has_not_seen_can_be_committed(session: Session) -> None:
    detection = {"type": "server_vad", "create_response": False, "silence_duration_ms": 5000}
    formats = {"format": {"type": "audio/pcmu"}}
    await session.configure(audio={"input": {**formats, "turn_detection": detection}, "output": formats})

    await session.send("input_audio_buffer.append", audio=QUIET)

    assert (await session.ask("input_audio_buffer.commit", "input_audio_buffer.committed"))["item_id"]


async def test_a_buffer_without_audio_cannot_be_committed(session: Session) -> None:
    error = await session.expect_error("input_audio_buffer.commit")

    assert error["code"] == "input_audio_buffer_commit_empty"


async def test_a_buffer_that_was_cleared_has_no_audio(session: Session) -> None:
    await session.send("input_audio_buffer.append", audio=QUIET)
    await session.ask("input_audio_buffer.clear", "input_audio_buffer.cleared")

    assert (await session.expect_error("input_audio_buffer.commit"))["code"] == "input_audio_buffer_commit_empty"


async def test_audio_that_is_no_base64_is_refused(session: Session) -> None:
    assert (await session.expect_error("input_audio_buffer.append", audio="%%%"))["type"] == "invalid_request_error"


async def test_an_item_is_added_and_then_done(session: Session) -> None:
    await session.send("conversation.item.create", item=SAID)

    added, done = await session.receive_until("conversation.item.done")

    assert (added["type"], added["item"]["id"]) == ("conversation.item.added", done["item"]["id"])


async def test_an_item_can_be_put_first(session: Session) -> None:
    await session.ask("conversation.item.create", "conversation.item.done", item=SAID)

    added = await session.ask("conversation.item.create", "conversation.item.added", item=SAID, previous_item_id="root")

    assert added["previous_item_id"] is None


async def test_an_item_is_retrieved_and_deleted(session: Session) -> None:
    item_id = (await session.ask("conversation.item.create", "conversation.item.done", item=SAID))["item"]["id"]

    retrieved = await session.ask("conversation.item.retrieve", "conversation.item.retrieved", item_id=item_id)
    deleted = await session.ask("conversation.item.delete", "conversation.item.deleted", item_id=item_id)

    assert (retrieved["item"]["id"], deleted["item_id"]) == (item_id, item_id)
    error = await session.expect_error("conversation.item.retrieve", item_id=item_id)
    assert error["type"] == "invalid_request_error"


async def test_speech_of_the_model_cannot_be_inserted(session: Session) -> None:
    item = {"type": "message", "role": "assistant", "content": [{"type": "output_audio", "audio": QUIET}]}

    assert (await session.expect_error("conversation.item.create", item=item))["type"] == "invalid_request_error"


async def test_only_speech_of_the_model_can_be_truncated(session: Session) -> None:
    item_id = (await session.ask("conversation.item.create", "conversation.item.done", item=SAID))["item"]["id"]

    error = await session.expect_error("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=0)

    assert (error["code"], "Only model output audio messages can be truncated" in error["message"]) == (
        "unsupported_content_type",
        True,
    )


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("conversation.item.retrieve", {}),
        ("conversation.item.delete", {}),
        ("conversation.item.truncate", {"content_index": 0, "audio_end_ms": 0}),
    ],
)
async def test_an_unknown_item_is_an_error_and_the_session_goes_on(
    session: Session, kind: str, fields: dict[str, object]
) -> None:
    assert (await session.expect_error(kind, item_id=UNKNOWN, **fields))["type"] == "invalid_request_error"
    assert await session.configure()


async def test_a_tool_s_output_without_its_call_is_refused(session: Session) -> None:
    item = {"type": "function_call_output", "call_id": "call_unknown", "output": "{}"}

    assert (await session.expect_error("conversation.item.create", item=item))["type"] == "invalid_request_error"
