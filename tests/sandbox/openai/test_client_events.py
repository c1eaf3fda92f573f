"""What the model refuses before it looks at the session: every field that the protocol does not have."""

import json
from pathlib import Path
from typing import Annotated, Any

import pytest
from openai.types.realtime import RealtimeClientEvent
from pydantic import Field, TypeAdapter

from sandbox.openai.client_events import check
from sandbox.openai.errors import RefusedError

EXAMPLES = json.loads((Path(__file__).parents[2] / "events/realtime_published_examples.json").read_text())
CLIENT_EVENT: TypeAdapter[Any] = TypeAdapter(Annotated[RealtimeClientEvent, Field(discriminator="type")])

SESSION = {
    "type": "realtime",
    "model": "gpt-realtime-2.1",
    "output_modalities": ["audio"],
    "instructions": "Be brief.",
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
                "idle_timeout_ms": 6000,
            },
            "transcription": {"model": "gpt-live-transcribe", "languages": ["en"], "prompt": "bicycles"},
            "noise_reduction": {"type": "near_field"},
        },
        "output": {"format": {"type": "audio/pcmu"}, "voice": "marin", "speed": 1.0},
    },
    "tools": [
        {
            "type": "function",
            "name": "end_call",
            "description": "End it.",
            "parameters": {"type": "object", "properties": {}},
        }
    ],
    "tool_choice": {"type": "function", "name": "end_call"},
    "max_output_tokens": 4096,
    "truncation": {
        "type": "retention_ratio",
        "retention_ratio": 0.8,
        "token_limits": {"post_instructions": 8000},
    },
    "reasoning": {"effort": "low"},
    "parallel_tool_calls": False,
    "tracing": "auto",
    "include": ["item.input_audio_transcription.logprobs"],
}
ITEMS = [
    {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "The caller is back."}]},
    {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Key 2"}]},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello."}]},
    {"type": "function_call", "name": "end_call", "arguments": "{}", "call_id": "call_1"},
    {"type": "function_call_output", "call_id": "call_1", "output": "done"},
]


def change_field(path: str, value: object) -> dict[str, Any]:
    """Return the session with the field at `path` set to `value`."""
    session: dict[str, Any] = json.loads(json.dumps(SESSION))
    *parents, name = path.split(".")
    place = session
    for parent in parents:
        place = place[parent]
    place[name] = value
    return {"type": "session.update", "session": session}


def read_refusal(message: dict[str, Any]) -> tuple[str, str | None]:
    """Return code and parameter of the refusal."""
    with pytest.raises(RefusedError) as refused:
        check(message)
    return refused.value.code, refused.value.param


def test_a_session_with_every_field_is_accepted_here_and_by_openais_types() -> None:
    message = {"type": "session.update", "session": SESSION}
    check(message)
    CLIENT_EVENT.validate_python(message)


def test_tracing_is_switched_off_by_null() -> None:
    check(change_field("tracing", None))


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: f"{item['type']} {item.get('role', '')}")
def test_an_item_is_accepted_here_and_by_openais_types(item: dict[str, Any]) -> None:
    message = {"type": "conversation.item.create", "item": item, "previous_item_id": "root", "event_id": "e1"}
    check(message)
    CLIENT_EVENT.validate_python(message)


@pytest.mark.parametrize("message", EXAMPLES["client"], ids=lambda message: message["type"])
def test_the_published_examples_are_accepted(message: dict[str, Any]) -> None:
    check(message)


@pytest.mark.parametrize(
    ("path", "value", "code", "param"),
    [
        ("modalities", ["audio"], "unknown_parameter", "session.modalities"),
        ("voice", "marin", "unknown_parameter", "session.voice"),
        ("input_audio_format", "g711_ulaw", "unknown_parameter", "session.input_audio_format"),
        ("turn_detection", {"type": "server_vad"}, "unknown_parameter", "session.turn_detection"),
        ("temperature", 0.8, "unknown_parameter", "session.temperature"),
        (
            "audio.input.format",
            {"type": "audio/pcmu", "rate": 8000},
            "unknown_parameter",
            "session.audio.input.format.rate",
        ),
        ("audio.output.format", {"type": "g711_ulaw"}, "invalid_value", "session.audio.output.format.type"),
        (
            "audio.input.format",
            {"type": "audio/pcm", "rate": 8000},
            "invalid_value",
            "session.audio.input.format.rate",
        ),
        ("audio.input.format", {}, "missing_required_parameter", "session.audio.input.format.type"),
        ("audio.output.voice", "bob", "invalid_value", "session.audio.output.voice"),
        ("audio.output.speed", 1.6, "decimal_above_max_value", "session.audio.output.speed"),
        (
            "audio.input.turn_detection.idle_timeout_ms",
            4999,
            "integer_below_min_value",
            "session.audio.input.turn_detection.idle_timeout_ms",
        ),
        (
            "audio.input.turn_detection.idle_timeout_ms",
            30001,
            "integer_above_max_value",
            "session.audio.input.turn_detection.idle_timeout_ms",
        ),
        (
            "audio.input.turn_detection",
            {"type": "semantic_vad", "idle_timeout_ms": 6000},
            "unknown_parameter",
            "session.audio.input.turn_detection.idle_timeout_ms",
        ),
        (
            "audio.input.turn_detection.create_response",
            "yes",
            "invalid_type",
            "session.audio.input.turn_detection.create_response",
        ),
        (
            "audio.input.transcription",
            {"model": "x"},
            "invalid_value",
            "session.audio.input.transcription.model",
        ),
        ("tools", [{"type": "function"}], "missing_required_parameter", "session.tools[0].name"),
        (
            "tools",
            [{"type": "function", "name": "a", "meta": None}],
            "unknown_parameter",
            "session.tools[0].meta",
        ),
        ("tools", [{"type": "function", "name": "no spaces"}], "invalid_value", "session.tools[0].name"),
        ("tool_choice", "always", "invalid_value", "session.tool_choice"),
        ("max_output_tokens", 0, "integer_below_min_value", "session.max_output_tokens"),
        ("instructions", None, "invalid_type", "session.instructions"),
        ("tracing", "off", "invalid_type", "session.tracing"),
        ("reasoning", {"effort": "much"}, "invalid_value", "session.reasoning.effort"),
        ("type", "translation", "invalid_value", "session.type"),
    ],
)
def test_a_session_with_one_wrong_field_is_refused_by_name(path: str, value: object, code: str, param: str) -> None:
    assert read_refusal(change_field(path, value)) == (code, param)


def test_a_session_without_its_type_is_refused_before_its_unknown_fields() -> None:
    message = {"type": "session.update", "session": {"voice": "marin", "instructions": "Hi"}}
    assert read_refusal(message) == ("missing_required_parameter", "session.type")


@pytest.mark.parametrize(
    ("message", "code", "param"),
    [
        ({}, "invalid_event", None),
        ({"type": 7}, "invalid_value", "type"),
        ({"type": "session.update"}, "missing_required_parameter", "session"),
        ({"type": "session.update", "session": []}, "invalid_type", "session"),
        ({"type": "input_audio_buffer.append"}, "missing_required_parameter", "audio"),
        ({"type": "input_audio_buffer.append", "audio": 1}, "invalid_type", "audio"),
        ({"type": "conversation.item.delete", "item_id": None}, "invalid_type", "item_id"),
        (
            {"type": "response.create", "response": {"temperature": 1}},
            "unknown_parameter",
            "response.temperature",
        ),
        ({"type": "conversation.item.create", "item": {}}, "missing_required_parameter", "item.type"),
        ({"type": "conversation.item.create", "item": {"type": "call"}}, "invalid_value", "item.type"),
    ],
)
def test_an_event_of_the_wrong_shape_is_refused(message: dict[str, Any], code: str, param: str | None) -> None:
    assert read_refusal(message) == (code, param)


@pytest.mark.parametrize("audio_end_ms", [12.5, True, "12", -1])
def test_a_truncation_counts_in_whole_milliseconds(audio_end_ms: object) -> None:
    message = {
        "type": "conversation.item.truncate",
        "item_id": "i",
        "content_index": 0,
        "audio_end_ms": audio_end_ms,
    }
    assert read_refusal(message)[1] == "audio_end_ms"


def test_speech_of_the_model_cannot_be_inserted() -> None:
    item = {"type": "message", "role": "assistant", "content": [{"type": "output_audio", "audio": "AAAA"}]}
    assert read_refusal({"type": "conversation.item.create", "item": item}) == (
        "invalid_value",
        "item.content[0].type",
    )
