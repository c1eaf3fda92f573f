"""Client events of OpenAI's Realtime protocol: the core's actions as text frames (GA interface).

Source: https://platform.openai.com/docs/api-reference/realtime-client-events.
"""

from collections.abc import Sequence
from typing import assert_never

from msgspec import to_builtins
from msgspec.json import encode

from socket_server.core.actions import (
    AddMessage,
    CancelResponse,
    CommitAudio,
    CreateResponse,
    DeleteItem,
    ModelAction,
    SendToolOutput,
    SetTurnTaking,
    TruncateItem,
)
from socket_server.core.tool_offers import Json, ToolOffer
from socket_server.openai.agent import OpenAIAgent
from socket_server.openai.server_events import FORMAT, OUR_METADATA, REQUEST_ID

_APPEND = b'{"type":"input_audio_buffer.append","audio":'
_FORMAT: Json = {"type": FORMAT}  # no rate: the service refuses one here


def append(payload: bytes) -> bytes:
    """The caller's audio; `payload` is the raw JSON string of its base64 text."""
    return b"".join((_APPEND, payload, b"}"))


def encode_session_update(agent: OpenAIAgent, tools: Sequence[ToolOffer]) -> bytes:
    """The whole session, first of all frames."""
    noise: Json = None if agent.noise_reduction == "off" else {"type": agent.noise_reduction}
    transcription: dict[str, Json] = {"model": agent.transcription.model}
    if agent.transcription.languages:
        transcription["languages"] = list(agent.transcription.languages)
    session: dict[str, Json] = {
        "type": "realtime",
        "output_modalities": ["audio"],
        "instructions": agent.instructions,
        "audio": {
            "input": {
                "format": _FORMAT,
                "turn_detection": _turn_detection(agent, enabled=True),
                "transcription": transcription,
                "noise_reduction": noise,
            },
            "output": {"format": _FORMAT, "voice": agent.voice},
        },
        "tools": [
            {"type": "function", "name": tool.name, "description": tool.description, "parameters": tool.parameters}
            for tool in tools
        ],
        "tool_choice": "auto",
        "max_output_tokens": agent.limits.max_output_tokens,
    }
    return encode({"type": "session.update", "session": session})


def encode_action(action: ModelAction, agent: OpenAIAgent) -> bytes:
    """One action of the core."""
    return encode(_make_message(action, agent))


def _make_message(action: ModelAction, agent: OpenAIAgent) -> dict[str, Json]:
    match action:
        case CommitAudio():
            return {"type": "input_audio_buffer.commit"}
        case SetTurnTaking(enabled):
            detection = _turn_detection(agent, enabled=enabled)
            return {
                "type": "session.update",
                "session": {"type": "realtime", "audio": {"input": {"turn_detection": detection}}},
            }
        case CreateResponse():
            return {"type": "response.create", "event_id": REQUEST_ID, "response": _make_response(action)}
        case CancelResponse(response_id):
            return {"type": "response.cancel", "response_id": response_id}
        case TruncateItem(item_id, audio_end_ms=audio_end_ms):
            cut: dict[str, Json] = {"item_id": item_id, "content_index": 0, "audio_end_ms": audio_end_ms}
            return {"type": "conversation.item.truncate", **cut}
        case DeleteItem(item_id):
            return {"type": "conversation.item.delete", "item_id": item_id}
        case AddMessage():
            where: dict[str, Json] = {"previous_item_id": "root"} if action.first else {}
            return {"type": "conversation.item.create", **where, "item": _make_message_item(action)}
        case SendToolOutput(call_id, output):
            item: Json = {"type": "function_call_output", "call_id": call_id, "output": output}
            return {"type": "conversation.item.create", "item": item}
        case _:
            assert_never(action)


def _make_response(action: CreateResponse) -> dict[str, Json]:
    response: dict[str, Json] = {"metadata": {**OUR_METADATA}}
    if action.instructions is not None:
        response["instructions"] = action.instructions
    if not action.tools_allowed:
        response["tool_choice"] = "none"
    return response


def _make_message_item(action: AddMessage) -> dict[str, Json]:
    content: Json = [{"type": "output_text" if action.role == "assistant" else "input_text", "text": action.text}]
    item: dict[str, Json] = {"type": "message", "role": action.role, "content": content}
    if action.item_id:
        item["id"] = action.item_id
    return item


def _turn_detection(agent: OpenAIAgent, *, enabled: bool) -> Json:
    """Always the whole object: a partial one would reset what it does not name."""
    shape: dict[str, Json] = {k: v for k, v in to_builtins(agent.turn_detection).items() if v is not None}
    return shape | {"create_response": enabled, "interrupt_response": enabled}
