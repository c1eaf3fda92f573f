"""The stand-in's events, against the types that OpenAI publishes: a peer that checks an event's shape takes them."""

import pytest
from openai.types.realtime.realtime_server_event import RealtimeServerEvent
from pydantic import TypeAdapter, ValidationError

from bench.wire import delta, response, said, says

SPOKEN = {"response_id": "resp_1", "item_id": "item_1", "output_index": 0, "content_index": 0}
EVENTS = TypeAdapter[RealtimeServerEvent](RealtimeServerEvent)


@pytest.mark.parametrize(
    "text",
    [
        says("session.created", session={"type": "realtime"}),
        says("session.updated", session={"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcmu"}}}}),
        says("response.created", response=response(1, "in_progress", metadata=None)),
        delta(1, 1, b"/w=="),
        says("response.output_audio.done", **SPOKEN),
        says("response.done", response=response(1, "completed", output=[said("item_1")])),
        says("response.done", response=response(1, "cancelled", status_details={"reason": "turn_detected"})),
        says("input_audio_buffer.speech_started", item_id="heard_1", audio_start_ms=0),
        says("input_audio_buffer.speech_stopped", item_id="heard_1", audio_end_ms=0),
    ],
)
def test_an_event_has_the_services_shape(text: bytes) -> None:
    EVENTS.validate_json(text)


def test_an_event_that_lacks_a_field_would_show() -> None:
    with pytest.raises(ValidationError):
        EVENTS.validate_json(says("response.output_audio.done", response_id="resp_1"))
