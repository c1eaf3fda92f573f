"""Twilio's media stream on the wire."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from socket_server.core.errors import ProtocolError
from socket_server.core.events import KeyPressed, MarkPlayed, PhoneStopped
from socket_server.twilio.media_stream import (
    MediaBody,
    MediaStreamWriter,
    StreamStarted,
    count_audio_bytes,
    decode,
    read_base64_text,
)
from tests.socket_server.bad_messages import broken, escapes

RECORDED: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "events/twilio_media_stream.json").read_text()
)["messages"]
STARTED = StreamStarted("MZexample", "CAexample", "a.b.c")


def start(**changes: Any) -> bytes:
    message = RECORDED["start"]
    return json.dumps(message | {"start": message["start"] | changes}).encode()


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("connected", None),
        ("start", STARTED),
        ("media", MediaBody(Raw(b'"no+JhoaJjpzSHxAKBgYJD4="'), 5)),
        ("dtmf", KeyPressed("1")),
        ("mark", MarkPlayed("my label")),
        ("stop", PhoneStopped()),
        ("unknown", None),
    ],
)
def test_a_recorded_message_is_understood(name: str, event: object) -> None:
    assert decode(json.dumps(RECORDED[name]).encode()) == event


@pytest.mark.parametrize(
    ("timestamp", "understood"),
    [("5", 5), (5, 5), (5.0, 5), ("-5", -5), (None, None)]
    + [(bad, None) for bad in ("", "soon", 5.5, True, [5], {"ms": 5})],
)
def test_a_frame_is_one_whatever_its_timestamp_is(timestamp: object, understood: int | None) -> None:
    message = {"event": "media", "media": {"timestamp": timestamp, "payload": "//8="}}
    assert decode(json.dumps(message).encode()) == MediaBody(Raw(b'"//8="'), understood)


def test_a_frame_may_have_no_timestamp() -> None:
    assert decode(b'{"event":"media","media":{"payload":"//8="}}') == MediaBody(Raw(b'"//8="'))


def test_other_parameters_of_a_start_may_be_anything() -> None:
    parameters = {"token": "a.b.c", "number": 5, "nothing": None, "list": []}
    assert decode(start(customParameters=parameters)) == STARTED


@pytest.mark.parametrize("parameters", [None, {}, {"other": "x"}])
def test_a_start_without_a_token_has_an_empty_one(parameters: dict[str, str] | None) -> None:
    assert decode(start(customParameters=parameters)) == StreamStarted("MZexample", "CAexample", "")


def test_a_start_without_custom_parameters_has_an_empty_token() -> None:
    message = json.loads(start())
    del message["start"]["customParameters"]

    assert decode(json.dumps(message).encode()) == StreamStarted("MZexample", "CAexample", "")


def test_numbers_may_come_as_strings() -> None:
    media = {"encoding": "audio/x-mulaw", "sampleRate": "8000", "channels": "1"}

    assert decode(start(mediaFormat=media)) == STARTED


@pytest.mark.parametrize(
    "media",
    [
        {"encoding": "audio/x-alaw", "sampleRate": 8000, "channels": 1},
        {"encoding": "audio/x-mulaw", "sampleRate": 16000, "channels": 1},
        {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 2},
    ],
)
def test_any_other_format_of_audio_is_refused(media: dict[str, object]) -> None:
    with pytest.raises(ProtocolError, match="expected audio/x-mulaw 8000 Hz 1 channel, got audio/x-"):
        decode(start(mediaFormat=media))


@pytest.mark.parametrize("sid", ["", "CA 1", "CA/1", 'CA"', "CA\n", "C" * 65])
def test_a_sid_of_other_characters_or_length_is_refused(sid: str) -> None:
    with pytest.raises(ProtocolError, match="bad start message"):
        decode(start(callSid=sid))


@pytest.mark.parametrize("digit", ["", "E", "a", "10", "1\n", "\u0661"])
def test_a_key_that_no_telephone_has_is_refused(digit: str) -> None:
    with pytest.raises(ProtocolError, match="bad dtmf message"):
        decode(json.dumps({"event": "dtmf", "dtmf": {"digit": digit}}).encode())


@pytest.mark.parametrize(
    "text",
    [b"", b"null", b"[]", b'"media"', b"{}", b'{"event":1}', b'{"event":"media"', b"\xff", b'{"event":"\xff"}', b"["],
)
def test_text_that_is_no_message_is_refused(text: bytes) -> None:
    with pytest.raises(ProtocolError, match=f"expected a JSON object with an event, got {len(text)} bytes"):
        decode(text)


def test_text_that_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(ProtocolError, match="recursion"):
        decode(b'{"event":"mark","mark":{"name":"1"},"more":' + b"[" * 30_000 + b"]" * 30_000 + b"}")


@pytest.mark.parametrize("name", RECORDED)
def test_a_message_broken_in_any_field_is_refused_or_understood(name: str) -> None:
    assert escapes(decode, broken(RECORDED[name])) == []


@given(st.binary(max_size=300))
def test_no_bytes_break_the_decoder(text: bytes) -> None:
    assert escapes(decode, iter([text])) == []


# --- payloads


@given(st.binary(max_size=1000))
def test_the_length_of_audio_is_told_without_opening_it(audio: bytes) -> None:
    payload = json.dumps(base64.b64encode(audio).decode()).encode()

    assert read_base64_text("phone", Raw(payload)) == payload
    assert count_audio_bytes(payload) == len(audio)


@given(st.binary(max_size=300))
def test_audio_with_the_escapes_of_json_is_the_same_audio(audio: bytes) -> None:
    payload = json.dumps(base64.b64encode(audio).decode()).encode()
    escaped = payload.replace(b"/", rb"\/").replace(b"+", rb"\u002b").replace(b"A", rb"\u0041")

    assert read_base64_text("model", Raw(escaped)) == payload


ESCAPED = (rb'"\u0041"', rb'"a\"b"', rb'"AA\"A"', rb'"AAA\n"', rb'"\ud800"', rb'["\\"]')


@pytest.mark.parametrize("payload", [b"", b'"', b'"abc"', b"12", b"[1,2,3]", b"null", b"[]", *ESCAPED])
def test_what_is_no_base64_text_is_refused_by_its_peers_name(payload: bytes) -> None:
    with pytest.raises(ProtocolError, match=f"model: expected audio as base64 text, got {len(payload)} bytes"):
        read_base64_text("model", Raw(payload))


# --- what we say


def test_audio_is_written_for_its_stream_as_it_came() -> None:
    text = MediaStreamWriter("MZ1").media(b'"no+J"')

    assert json.loads(text) == {"event": "media", "streamSid": "MZ1", "media": {"payload": "no+J"}}


def test_a_mark_and_a_clear_are_written_for_their_stream() -> None:
    writer = MediaStreamWriter("MZ1")

    assert json.loads(writer.mark("7")) == {"event": "mark", "streamSid": "MZ1", "mark": {"name": "7"}}
    assert json.loads(writer.clear()) == {"event": "clear", "streamSid": "MZ1"}
