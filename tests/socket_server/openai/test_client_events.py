"""What we say to the model's service, held against all that is known of what it takes."""

import json
from typing import Annotated, Any

import pytest
from msgspec import Raw
from openai.types.realtime import RealtimeClientEvent
from pydantic import BaseModel, Field, TypeAdapter

from sandbox.openai.client_events import check
from socket_server.call.tools import list_offers
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
from socket_server.core.tool_offers import Destination, ToolOffer
from socket_server.openai.agent import Limits, OpenAIAgent, SemanticVad, ServerVad, Transcription
from socket_server.openai.client_events import append, encode_action, encode_session_update

CLIENT_EVENT: TypeAdapter[Any] = TypeAdapter(Annotated[RealtimeClientEvent, Field(discriminator="type")])
PLAIN = OpenAIAgent("Be brief.", "Greet.")
AGENTS = {
    "plain": PLAIN,
    "with hours": OpenAIAgent("Be brief.", "Greet.", opening_hours="Always."),
    "patient": OpenAIAgent("Be brief.", "Greet.", turn_detection=SemanticVad("low"), noise_reduction="far_field"),
    "asking": OpenAIAgent("Be brief.", "Greet.", turn_detection=ServerVad(0, 0, 100, 5000), noise_reduction="off"),
    "other": OpenAIAgent(
        "Sei kurz.",
        "Grüße.",
        model="gpt-realtime-2.1-mini",
        voice="cedar",
        transcription=Transcription("gpt-transcribe", ("de",)),
    ),
    "terse": OpenAIAgent(
        "Be brief.", "Greet.", turn_detection=ServerVad(1, 5000, 10_000, 30_000), limits=Limits(max_output_tokens=1)
    ),
}
TOOLS = list_offers(AGENTS["with hours"], [Destination("sales", "New bicycles.", open=True)])
OURS = {"made_by": "warmline"}
ORDERS: dict[str, tuple[ModelAction, dict[str, Any]]] = {
    "response": (
        CreateResponse(),
        {"type": "response.create", "event_id": "response_create", "response": {"metadata": OURS}},
    ),
    "response as told": (
        CreateResponse("Greet.", tools_allowed=True),
        {
            "type": "response.create",
            "event_id": "response_create",
            "response": {"metadata": OURS, "instructions": "Greet."},
        },
    ),
    "announcement": (
        CreateResponse("Say it.", tools_allowed=False),
        {
            "type": "response.create",
            "event_id": "response_create",
            "response": {"metadata": OURS, "instructions": "Say it.", "tool_choice": "none"},
        },
    ),
    "response without tools": (
        CreateResponse(tools_allowed=False),
        {
            "type": "response.create",
            "event_id": "response_create",
            "response": {"metadata": OURS, "tool_choice": "none"},
        },
    ),
    "commit": (CommitAudio(), {"type": "input_audio_buffer.commit"}),
    "cancel": (CancelResponse("r1"), {"type": "response.cancel", "response_id": "r1"}),
    "truncate": (
        TruncateItem("i1", 650, by_marks_ms=400, sent_ms=1200),
        {"type": "conversation.item.truncate", "item_id": "i1", "content_index": 0, "audio_end_ms": 650},
    ),
    "delete": (DeleteItem("i1"), {"type": "conversation.item.delete", "item_id": "i1"}),
    "note": (
        AddMessage("system", "They are back."),
        {
            "type": "conversation.item.create",
            "item": {
                "type": "message",
                "role": "system",
                "content": [{"type": "input_text", "text": "They are back."}],
            },
        },
    ),
    "caller's words": (
        AddMessage("user", "Hello?"),
        {
            "type": "conversation.item.create",
            "item": {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hello?"}]},
        },
    ),
    "model's words": (
        AddMessage("assistant", "Hello!"),
        {
            "type": "conversation.item.create",
            "item": {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello!"}]},
        },
    ),
    "recorded greeting": (
        AddMessage("assistant", "Hello!", "recorded_greeting", first=True),
        {
            "type": "conversation.item.create",
            "previous_item_id": "root",
            "item": {
                "id": "recorded_greeting",
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "Hello!"}],
            },
        },
    ),
    "output": (
        SendToolOutput("c1", '{"a": 1}'),
        {
            "type": "conversation.item.create",
            "item": {"type": "function_call_output", "call_id": "c1", "output": '{"a": 1}'},
        },
    ),
}


def messages() -> dict[str, Any]:
    """Every message that can be sent: each session as each agent's, each order."""
    found = {name: json.loads(encode_action(action, PLAIN)) for name, (action, _) in ORDERS.items()}
    found["audio"] = json.loads(append(b'"no+J"'))
    for name, agent in AGENTS.items():
        found[f"session of {name}"] = json.loads(encode_session_update(agent, []))
        found[f"session of {name} with tools"] = json.loads(encode_session_update(agent, TOOLS))
        for enabled in (True, False):
            found[f"turn taking of {name}, {enabled}"] = json.loads(encode_action(SetTurnTaking(enabled), agent))
    return found


MESSAGES = messages()


def extras(value: object, path: str = "") -> list[str]:
    """Every field, at every level, that the package's models do not have."""
    if isinstance(value, BaseModel):
        return [f"{path}.{name}" for name in value.model_extra or ()] + [
            extra for name in type(value).model_fields for extra in extras(getattr(value, name), f"{path}.{name}")
        ]
    if isinstance(value, list):
        return [extra for number, child in enumerate(value) for extra in extras(child, f"{path}[{number}]")]
    return []


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_a_message_has_only_fields_that_the_openai_package_knows(message: dict[str, Any]) -> None:
    assert extras(CLIENT_EVENT.validate_python(message, strict=True)) == []


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_a_message_is_taken_by_the_strict_service_of_the_sandbox(message: dict[str, Any]) -> None:
    check(message)


@pytest.mark.parametrize("agent", AGENTS.values(), ids=AGENTS)
def test_a_session_obeys_the_rules_that_those_models_do_not_know(agent: OpenAIAgent) -> None:
    session = json.loads(encode_session_update(agent, TOOLS))["session"]
    sound_in, sound_out = session["audio"]["input"], session["audio"]["output"]
    detection = sound_in["turn_detection"]

    assert session["type"] == "realtime"
    assert session["output_modalities"] == ["audio"]
    assert sound_in["format"] == sound_out["format"] == {"type": "audio/pcmu"}  # a rate is refused
    assert session.keys() <= {
        "type",
        "output_modalities",
        "instructions",
        "audio",
        "tools",
        "tool_choice",
        "max_output_tokens",
    }  # among others no temperature, no voice, no model: it is in the URL
    assert None not in detection.values()
    assert detection["create_response"] is detection["interrupt_response"] is True
    assert type(session["max_output_tokens"]) is int


@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize(
    ("agent", "detection"),
    [
        (
            PLAIN,
            {"type": "server_vad", "threshold": 0.5, "prefix_padding_ms": 300, "silence_duration_ms": 500},
        ),
        (
            AGENTS["asking"],
            {
                "type": "server_vad",
                "threshold": 0,
                "prefix_padding_ms": 0,
                "silence_duration_ms": 100,
                "idle_timeout_ms": 5000,
            },
        ),
        (AGENTS["patient"], {"type": "semantic_vad", "eagerness": "low"}),
    ],
)
def test_turn_taking_is_set_with_the_whole_turn_detection(
    agent: OpenAIAgent, detection: dict[str, Any], enabled: bool
) -> None:
    whole = detection | {"create_response": enabled, "interrupt_response": enabled}

    assert json.loads(encode_action(SetTurnTaking(enabled), agent)) == {
        "type": "session.update",
        "session": {"type": "realtime", "audio": {"input": {"turn_detection": whole}}},
    }


@pytest.mark.parametrize(("agent", "noise"), [(PLAIN, {"type": "near_field"}), (AGENTS["asking"], None)])
def test_noise_reduction_is_named_or_turned_off(agent: OpenAIAgent, noise: dict[str, str] | None) -> None:
    assert json.loads(encode_session_update(agent, []))["session"]["audio"]["input"]["noise_reduction"] == noise


def test_a_session_says_all_that_the_agent_is() -> None:
    agent = AGENTS["other"]
    tool = ToolOffer("wave", "Wave.", {"type": "object", "properties": {}})

    assert json.loads(encode_session_update(agent, [tool]))["session"] == {
        "type": "realtime",
        "output_modalities": ["audio"],
        "instructions": "Sei kurz.",
        "audio": {
            "input": {
                "format": {"type": "audio/pcmu"},
                "turn_detection": {
                    "type": "server_vad",
                    "threshold": 0.5,
                    "prefix_padding_ms": 300,
                    "silence_duration_ms": 500,
                    "create_response": True,
                    "interrupt_response": True,
                },
                "transcription": {"model": "gpt-transcribe", "languages": ["de"]},
                "noise_reduction": {"type": "near_field"},
            },
            "output": {"format": {"type": "audio/pcmu"}, "voice": "cedar"},
        },
        "tools": [{"type": "function", "name": "wave", "description": "Wave.", "parameters": tool.parameters}],
        "tool_choice": "auto",
        "max_output_tokens": 4096,
    }


@pytest.mark.parametrize(("action", "message"), ORDERS.values(), ids=ORDERS)
def test_an_order_is_said_in_the_protocol_s_words(action: ModelAction, message: dict[str, Any]) -> None:
    assert json.loads(encode_action(action, PLAIN)) == message


def test_audio_is_said_as_it_came() -> None:
    assert append(Raw(b'"no+J\\/w=="')) == b'{"type":"input_audio_buffer.append","audio":"no+J\\/w=="}'
