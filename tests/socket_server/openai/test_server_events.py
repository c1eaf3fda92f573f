"""What the model's service says."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from socket_server.core.errors import ProtocolError
from socket_server.core.events import (
    AudioFinished,
    CallerTranscribed,
    CallStarted,
    ErrorKind,
    FunctionCall,
    ModelError,
    ResponseCreated,
    ResponseDone,
    SessionReady,
    SpeechStarted,
    SpeechStopped,
    TranscriptGrew,
)
from socket_server.core.usage import Usage
from socket_server.openai.errors import ERROR_KINDS
from socket_server.openai.server_events import AudioDelta, decode, kind
from tests.socket_server.bad_messages import broken, escapes

PUBLISHED: dict[str, dict[str, Any]] = {
    message["type"]: message
    for message in json.loads((Path(__file__).parents[2] / "events/realtime_published_examples.json").read_text())[
        "server"
    ]
}
NEEDED = {
    "session.updated": SessionReady("the session is audio/pcm in, audio/pcm out, not audio/pcmu"),
    "input_audio_buffer.speech_started": SpeechStarted("msg_003"),
    "input_audio_buffer.speech_stopped": SpeechStopped("msg_003"),
    "conversation.item.input_audio_transcription.completed": CallerTranscribed(
        "item_CCXGQ4e1ht4cOraEYcuR2", "Hey, can you hear me?", Usage(audio_in=13, text_out=9)
    ),
    "response.created": ResponseCreated("resp_C9G8p7IH2WxLbkgPNouYL"),
    "response.output_item.added": None,  # the example's item is a message
    "response.output_audio_transcript.delta": TranscriptGrew("resp_001", "msg_008", "Hello, how can I a"),
    "response.output_audio.done": AudioFinished("resp_001", "msg_008"),
    "response.done": ResponseDone(
        "resp_CCXHw0UJld10EzIUXQCNh",
        "completed",
        message_ids=("item_CCXHwGjjDUfOXbiySlK7i",),
        usage=Usage(text_in=55, text_cached=64, text_out=30, audio_in=13, audio_out=91),
    ),
    "error": ModelError(code="invalid_event"),
}
CALL = {"type": "function_call", "id": "i2", "status": "completed", "call_id": "c1", "name": "end_call"}

EXPIRED = ErrorKind.SESSION_EXPIRED


def said(message: dict[str, Any]) -> object:
    return decode(json.dumps(message).encode())


def done(**fields: Any) -> ResponseDone:
    event = said({"type": "response.done", "response": {"id": "r1", "status": "completed"} | fields})
    assert isinstance(event, ResponseDone)
    return event


# --- what the service has published


@pytest.mark.parametrize("name", NEEDED)
def test_a_published_message_is_understood(name: str) -> None:
    assert said(PUBLISHED[name]) == NEEDED[name]


@pytest.mark.parametrize("name", sorted(PUBLISHED.keys() - NEEDED.keys() - {"response.output_audio.delta"}))
def test_a_message_that_the_core_does_not_need_is_ignored(name: str) -> None:
    assert said(PUBLISHED[name]) is None


def test_a_message_of_a_later_protocol_is_ignored() -> None:
    assert said({"type": "response.applause", "response_id": 7}) is None


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_message_broken_in_any_field_is_refused_or_understood(name: str) -> None:
    assert escapes(decode, broken(PUBLISHED[name])) == []


# --- audio


@pytest.mark.parametrize("name", ["response.output_audio.delta", "response.audio.delta"])
def test_audio_is_handed_on_unopened(name: str) -> None:
    audio = said(PUBLISHED["response.output_audio.delta"] | {"type": name})

    assert isinstance(audio, AudioDelta)
    assert (audio.response_id, audio.item_id) == ("resp_001", "msg_008")
    assert audio.payload == Raw(b'"Base64EncodedAudioDelta"')


@pytest.mark.parametrize(
    ("beta", "now"),
    [
        ("response.audio.done", "response.output_audio.done"),
        ("response.audio_transcript.delta", "response.output_audio_transcript.delta"),
    ],
)
def test_a_name_of_the_beta_means_the_same(beta: str, now: str) -> None:
    assert said(PUBLISHED[now] | {"type": beta}) == NEEDED[now]


# --- the session


@pytest.mark.parametrize(
    "session",
    [
        {"audio": {"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": {"type": "audio/pcmu"}}}},
        {"input_audio_format": "g711_ulaw", "output_audio_format": "g711_ulaw"},
    ],
)
def test_a_session_in_mu_law_can_be_used(session: dict[str, Any]) -> None:
    assert said({"type": "session.updated", "session": session}) == SessionReady()


@pytest.mark.parametrize(
    ("session", "formats"),
    [
        ({"audio": {"input": {"format": {"type": "audio/pcmu"}}}}, "audio/pcmu in, None out"),
        ({"audio": {"input": {"format": None}, "output": {}}}, "None in, None out"),
        ({"audio": None}, "None in, None out"),
        ({}, "None in, None out"),
        ({"input_audio_format": "g711_ulaw", "output_audio_format": "g711_alaw"}, "audio/pcmu in, audio/pcma out"),
        ({"input_audio_format": "pcm16", "output_audio_format": "opus"}, "audio/pcm in, opus out"),
    ],
)
def test_a_session_in_another_format_is_told_as_a_fault(session: dict[str, Any], formats: str) -> None:
    ready = said({"type": "session.updated", "session": session})

    assert ready == SessionReady(f"the session is {formats}, not audio/pcmu")


def test_the_caller_s_item_may_be_unnamed() -> None:
    assert said({"type": "input_audio_buffer.speech_started"}) == SpeechStarted("")
    assert said({"type": "input_audio_buffer.speech_stopped"}) == SpeechStopped("")


# --- responses


@pytest.mark.parametrize(("item", "name"), [(CALL, "end_call"), ({"type": "function_call"}, "")])
def test_a_function_call_is_told_when_it_appears(item: dict[str, str], name: str) -> None:
    message = {"type": "response.output_item.added", "response_id": "r1", "item": item}

    assert said(message) == CallStarted("r1", name)


@pytest.mark.parametrize(
    ("item", "calls"),
    [
        (CALL | {"arguments": "{}"}, (FunctionCall("c1", "end_call", "{}"),)),
        ({"type": "function_call", "status": "completed", "call_id": "c1"}, (FunctionCall("c1", "", "null"),)),
        (CALL | {"arguments": None}, (FunctionCall("c1", "end_call", "null"),)),
        (CALL | {"arguments": {"a": 1}}, (FunctionCall("c1", "end_call", '{"a":1}'),)),
        (CALL | {"call_id": 7, "name": 8, "arguments": "{}"}, (FunctionCall("7", "8", "{}"),)),
        (CALL | {"status": "incomplete"}, ()),
        (CALL | {"status": None}, ()),
        (CALL | {"call_id": ""}, ()),
        (CALL | {"call_id": None}, ()),
    ],
)
def test_only_completed_function_calls_are_taken(item: dict[str, str], calls: tuple[FunctionCall, ...]) -> None:
    assert done(output=[item]).calls == calls


def test_items_of_speech_are_told_in_their_order() -> None:
    output = [{"type": "message", "id": "i1"}, CALL, {"type": "message", "id": "i3"}, {"type": "message"}]

    assert done(output=output).message_ids == ("i1", "i3")


@pytest.mark.parametrize(
    ("details", "error"),
    [
        (None, None),
        ({}, None),
        ({"type": "cancelled", "reason": "turn_detected"}, ModelError(code="turn_detected")),
        (
            {"type": "failed", "error": {"type": "server_error", "code": None}},
            ModelError(ErrorKind.SERVER, "server_error"),
        ),
        (
            {"type": "failed", "error": {"type": "invalid_request_error", "code": "rate_limited"}},
            ModelError(code="rate_limited"),
        ),
    ],
)
def test_why_a_response_failed_is_told_as_precisely_as_it_came(
    details: dict[str, Any] | None, error: ModelError | None
) -> None:
    assert done(status="failed", status_details=details, output=None).error == error


@pytest.mark.parametrize(
    ("problem", "event"),
    [
        ({"type": "server_error", "code": None, "message": None}, ModelError(ErrorKind.SERVER, "server_error")),
        ({}, ModelError()),
        ({"type": "t", "code": "session_expired", "message": "m"}, ModelError(EXPIRED, "session_expired")),
        ({"type": "t", "code": "no_such_code", "message": "m"}, ModelError(ErrorKind.OTHER, "no_such_code")),
    ],
)
def test_an_error_is_named_by_its_code(problem: dict[str, Any], event: ModelError) -> None:
    assert said({"type": "error", "error": problem}) == event


@pytest.mark.parametrize(("code", "kind"), ERROR_KINDS.items())
def test_a_known_code_says_what_it_means_for_the_call(code: str, kind: ErrorKind) -> None:
    assert said({"type": "error", "error": {"code": code}}) == ModelError(kind, code)
    failed = done(status="failed", status_details={"type": "failed", "error": {"code": code}})
    assert failed.error == ModelError(kind, code)


# --- what decides nothing may be anything

ODD = st.none() | st.booleans() | st.integers() | st.lists(st.integers()) | st.dictionaries(st.text(), st.integers())


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (
            {"type": "conversation.item.input_audio_transcription.completed", "item_id": "i1", "transcript": None},
            CallerTranscribed("i1", ""),
        ),
        ({"type": "input_audio_buffer.speech_started", "item_id": 7}, SpeechStarted("7")),
        ({"type": "response.output_audio_transcript.delta", "response_id": None, "item_id": "i1", "delta": None}, None),
        ({"type": "response.output_item.added", "response_id": "r1", "item": None}, None),
        ({"type": "error", "error": {"code": 429, "message": []}}, ModelError(code="429")),
        ({"type": "error", "error": None}, ModelError()),
        ({"type": "session.updated", "session": []}, SessionReady("the session is None in, None out, not audio/pcmu")),
    ],
)
def test_a_side_field_of_another_type_changes_nothing(message: dict[str, Any], event: object) -> None:
    assert said(message) == event


@given(ODD, ODD, ODD, ODD)
def test_a_response_is_done_whatever_stands_beside_its_status(output: Any, details: Any, usage: Any, item: Any) -> None:
    assert done(output=output, status_details=details, usage=usage).status == "completed"
    assert done(output=[item, CALL]).calls == (FunctionCall("c1", "end_call", "null"),)


@pytest.mark.parametrize(
    ("message", "retry_after_ms"),
    [
        ("Rate limit reached. Please try again in 1.2s. Visit …", 1200),
        ("Please try again in 20ms.", 20),
        ("Please try again in 3 minutes.", None),
        (None, None),
        (7, None),
    ],
)
def test_when_the_service_may_be_asked_again_is_read_off_its_words(message: object, retry_after_ms: int | None) -> None:
    details = {"type": "failed", "error": {"code": "rate_limit_exceeded", "message": message}}

    event = done(status="failed", status_details=details)

    assert event.error == ModelError(ErrorKind.RATE_LIMIT, "rate_limit_exceeded", retry_after_ms=retry_after_ms)


# --- messages that make no sense


@pytest.mark.parametrize("text", [b"", b"null", b"[]", b"{}", b'{"type":1}', b'{"type":"error"', b"\xff", b"["])
def test_text_that_is_no_message_is_refused(text: bytes) -> None:
    with pytest.raises(ProtocolError, match=f"expected a JSON object with a type, got {len(text)} bytes"):
        decode(text)


def test_text_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(ProtocolError, match="recursion"):
        decode(b'{"type":"error","error":{},"more":' + b"[" * 30_000 + b"]" * 30_000 + b"}")


def test_a_needed_message_of_the_wrong_shape_is_refused_by_name() -> None:
    with pytest.raises(ProtocolError, match=r"model: bad response\.created message: .*`response`"):
        decode(b'{"type":"response.created"}')


@given(st.binary(max_size=300))
def test_no_bytes_break_the_decoder(text: bytes) -> None:
    assert escapes(decode, iter([text])) == []


def test_the_type_of_a_frame_is_told_without_reading_the_rest() -> None:
    assert kind(b'{"type":"rate_limits.updated","rate_limits":7}') == "rate_limits.updated"


@pytest.mark.parametrize(
    ("param", "name"),
    [
        ("session.audio.output.voice", "invalid_value (session.audio.output.voice)"),
        ("session.tools[0].name", "invalid_value (session.tools[0].name)"),
        (None, "invalid_value"),
        ("my secret words", "invalid_value"),
        ("x" * 101, "invalid_value"),
        ([], "invalid_value"),
    ],
)
def test_an_error_names_the_field_that_was_refused_and_quotes_nobody(param: object, name: str) -> None:
    error = said({"type": "error", "error": {"code": "invalid_value", "message": "words", "param": param}})

    assert isinstance(error, ModelError)
    assert error.name == name
