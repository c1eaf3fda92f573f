"""OpenAI Realtime: responses, how they are cut, what is remembered of them, and the call of a tool."""

import base64
import json

import pytest

from tests.contract.realtime import LONG, Message, Session
from tests.sandbox.openai.client import SERVER_EVENT, list_kinds

one_response = pytest.mark.costs(responses=1)
two_responses = pytest.mark.costs(responses=2)
TOOL: Message = {
    "type": "function",
    "name": "transfer_call",
    "description": "Put the caller through.",
    "parameters": {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]},
}


@one_response
async def test_a_response_is_mu_law_from_its_beginning_to_its_only_end(session: Session) -> None:
    events = await session.receive_response()

    for event in events:
        SERVER_EVENT.validate_python(event)
    assert list_kinds(events)[0] == "response.created"
    assert list_kinds(events).count("response.done") == 1
    item_id = find_item_id(events)
    spoken = b"".join(base64.b64decode(event["delta"]) for event in select_deltas(events))
    assert {event["item_id"] for event in select_deltas(events)} == {item_id}
    # Eight bytes are a millisecond of mu-law. The word takes a tenth of a second at least and less than ten: 24 kHz PCM
    # would be six times as many bytes.
    assert 800 <= len(spoken) <= 80_000
    done = events[-1]["response"]
    assert (done["status"], [item["id"] for item in done["output"]]) == ("completed", [item_id])
    assert done["usage"]["output_token_details"]["audio_tokens"] > 0


@one_response
async def test_metadata_comes_back(session: Session) -> None:
    events = await session.receive_response(metadata={"asked_by": "contract"})

    told = [event["response"]["metadata"] for event in events if "response" in event]
    assert told == [{"asked_by": "contract"}] * 2  # as it begins and as it ends


@one_response
async def test_a_second_response_is_refused_while_one_is_open(session: Session) -> None:
    await session.request_response(LONG)
    await session.receive_until("response.created")

    error = await session.expect_error("response.create")
    done = await session.ask("response.cancel", "response.done")

    assert error["code"] == "conversation_already_has_active_response"
    assert done["response"]["status"] == "cancelled"


@one_response
async def test_a_response_that_is_cancelled_says_so(session: Session) -> None:
    await session.request_response(LONG)
    await session.receive_until("response.output_audio.delta")

    done = await session.ask("response.cancel", "response.done")

    response = done["response"]
    assert (response["status"], response["status_details"]["reason"]) == ("cancelled", "client_cancelled")


async def test_nothing_can_be_cancelled_where_nothing_is_said(session: Session) -> None:
    assert (await session.expect_error("response.cancel"))["code"] == "response_cancel_not_active"


@one_response
async def test_what_was_said_is_truncated_to_what_was_heard(session: Session) -> None:
    item_id = find_item_id(await session.receive_response())
    where = {"item_id": item_id, "content_index": 0, "audio_end_ms": 100}

    truncated = await session.ask("conversation.item.truncate", "conversation.item.truncated", **where)

    assert {name: truncated[name] for name in where} == where


@one_response
async def test_nothing_is_truncated_to_more_than_was_said_nor_to_a_part_of_a_millisecond(session: Session) -> None:
    item_id = find_item_id(await session.receive_response())

    longer = await session.expect_error(
        "conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=3_600_000
    )
    part = await session.expect_error("conversation.item.truncate", item_id=item_id, content_index=0, audio_end_ms=10.5)

    assert "is already shorter than" in longer["message"]
    assert part["type"] == "invalid_request_error"


# Never tried on a live session: the container deletes what was generated of a response and not heard at all.
@one_response
async def test_an_item_of_a_response_that_was_just_cut_can_be_deleted(session: Session) -> None:
    await session.request_response(LONG)
    item_id = find_item_id(await session.receive_until("response.output_audio.delta"))

    await session.ask("response.cancel", "response.done")

    assert (await session.ask("conversation.item.delete", "conversation.item.deleted", item_id=item_id))["item_id"]


@one_response
async def test_the_voice_does_not_change_once_it_was_heard(session: Session) -> None:
    await session.receive_response()
    change = {"type": "realtime", "audio": {"output": {"voice": "cedar"}}}

    assert (await session.expect_error("session.update", session=change))["type"] == "invalid_request_error"


@two_responses
async def test_a_tool_is_called_and_answered(session: Session) -> None:
    await session.configure(tools=[TOOL])
    asked = await session.receive_response(
        "Call the tool for front_desk.", tool_choice={"type": "function", "name": TOOL["name"]}
    )
    (call,) = (item for item in asked[-1]["response"]["output"] if item["type"] == "function_call")
    (arguments,) = (event for event in asked if event["type"] == "response.function_call_arguments.done")

    output = {"type": "function_call_output", "call_id": call["call_id"], "output": '{"status": "moved"}'}
    added = await session.ask("conversation.item.create", "conversation.item.added", item=output)
    answered = await session.receive_response(tool_choice="none")

    assert (call["name"], call["status"]) == ("transfer_call", "completed")
    assert (arguments["call_id"], arguments["arguments"]) == (call["call_id"], call["arguments"])
    assert set(json.loads(call["arguments"])) == {"name"}
    assert added["item"]["call_id"] == call["call_id"]
    assert answered[-1]["response"]["status"] == "completed"


@one_response
async def test_events_of_one_session_never_name_playback(session: Session) -> None:
    assert not [
        kind for kind in list_kinds(await session.receive_response()) if kind.startswith("output_audio_buffer.")
    ]


def select_deltas(events: list[Message]) -> list[Message]:
    return [event for event in events if event["type"] == "response.output_audio.delta"]


def find_item_id(events: list[Message]) -> str:
    """The id of the first item that is spoken."""
    return str(next(event["item_id"] for event in select_deltas(events)))
