"""Messages of the model's wire are read as far as a timeline needs them, whatever comes."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.local.model_messages import ModelMessage, ToolCall, Usage, read_message

USAGE = {
    "total_tokens": 253,
    "input_token_details": {
        "text_tokens": 119,
        "audio_tokens": 13,
        "cached_tokens_details": {"text_tokens": 64, "audio_tokens": 3},
    },
    "output_token_details": {"text_tokens": 30, "audio_tokens": 91},
}
RESPONSE = {
    "id": "resp_1",
    "status": "completed",
    "output": [
        {"type": "message", "content": [{"type": "output_audio", "transcript": "Of course."}]},
        {"type": "function_call", "call_id": "call_1", "name": "transfer_to_human", "arguments": '{"a": 1}'},
    ],
    "usage": USAGE,
}


def read(message: object) -> ModelMessage:
    return read_message("type", json.dumps(message))


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            {"response": RESPONSE},
            ModelMessage(
                type="type",
                response_id="resp_1",
                status="completed",
                text="Of course.",
                tools=(ToolCall("call_1", "transfer_to_human", '{"a": 1}'),),
                usage=Usage(253, 55, 64, 30, 10, 3, 91),
            ),
        ),
        (
            {"response": {"id": "r", "status": "cancelled", "status_details": {"reason": "turn_detected"}}},
            ModelMessage(type="type", response_id="r", status="cancelled", reason="turn_detected"),
        ),
        (
            {"item": {"type": "function_call_output", "call_id": "call_1", "output": '{"status": "ok"}'}},
            ModelMessage(type="type", call_id="call_1", text='{"status": "ok"}'),
        ),
        (
            {"item": {"id": "i", "role": "system", "content": [{"type": "input_text", "text": "They are back."}]}},
            ModelMessage(type="type", item_id="i", role="system", text="They are back."),
        ),
        ({"item_id": "i", "audio_end_ms": 1200}, ModelMessage(type="type", item_id="i", audio_end_ms=1200)),
        (
            {"item_id": "i", "transcript": "My bike!", "usage": {"type": "duration", "seconds": 1.5}},
            ModelMessage(type="type", item_id="i", text="My bike!", usage=Usage(0, seconds=1.5)),
        ),
        (
            {"transcript": "", "usage": {"input_token_details": {"audio_tokens": 20}, "output_tokens": 5}},
            ModelMessage(type="type", usage=Usage(25, text_out=5, audio_in=20)),
        ),
        (
            {"error": {"code": "session_expired", "message": "Your session has expired."}},
            ModelMessage(type="type", text="Your session has expired.", reason="session_expired"),
        ),
        (
            {"session": {"audio": {"input": {"transcription": {"model": "gpt-4o-mini-transcribe"}}}}},
            ModelMessage(type="type", transcription_model="gpt-4o-mini-transcribe"),
        ),
    ],
)
def test_what_a_message_says_is_read(message: object, expected: ModelMessage) -> None:
    assert read(message) == expected


NAMES = st.sampled_from(
    ["response", "item", "error", "output", "content", "usage", "status_details", "transcript", "id"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_any_json_is_read_as_nothing_in_particular(message: object) -> None:
    made = read(message)

    assert all(isinstance(each, str) for each in (made.text, made.reason, made.response_id, made.status))
    assert made.usage is None or made.usage.total >= 0


@pytest.mark.parametrize("text", ["", "no JSON", '{"a"', "\ud800"])
def test_what_is_no_json_says_nothing(text: str) -> None:
    assert read_message("type", text) == ModelMessage(type="type")
