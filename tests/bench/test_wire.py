"""The stand-in's events against the types that OpenAI publishes, because a peer may check the shape of an event."""

import pytest
from openai.types.realtime.realtime_server_event import RealtimeServerEvent
from pydantic import TypeAdapter, ValidationError

from bench.wire import encode_delta, encode_event, make_response, make_spoken_item

SPOKEN = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
EVENTS = TypeAdapter[RealtimeServerEvent](RealtimeServerEvent)


@pytest.mark.parametrize(
    "text",
    [
        encode_event("session.created", session={"type": "realtime"}),
        encode_event(
            "session.updated", session={"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcmu"}}}}
        ),
        encode_event("response.created", response=make_response(1, "in_progress", metadata=None)),
        encode_delta(1, 1, b"/w=="),
        encode_event("response.output_audio.done", **SPOKEN),
        encode_event("response.done", response=make_response(1, "completed", output=[make_spoken_item("item_1")])),
        encode_event(
            "response.done", response=make_response(1, "cancelled", status_details={"reason": "turn_detected"})
        ),
        encode_event("input_audio_buffer.speech_started", item_id="heard_1", audio_start_ms=0),
        encode_event("input_audio_buffer.speech_stopped", item_id="heard_1", audio_end_ms=0),
    ],
)
def test_an_event_has_the_shape_that_openai_publishes(text: bytes) -> None:
    EVENTS.validate_json(text)


def test_an_event_without_a_field_is_refused() -> None:
    with pytest.raises(ValidationError):
        EVENTS.validate_json(encode_event("response.output_audio.done", response_id="resp_1"))
