"""sandbox.twilio.media_messages: Twilio's own messages letter for letter, and what it takes from a server."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.twilio import errors
from sandbox.twilio.errors import StreamError
from sandbox.twilio.media_messages import ClearSent, MarkSent, MediaSent, Sender, decode

SID = "MZ" + "1" * 32
MESSAGES: list[dict[str, object]] = [
    {"event": "connected", "protocol": "Call", "version": "1.0.0"},
    {
        "event": "start",
        "sequenceNumber": "1",
        "start": {
            "accountSid": "AC1",
            "streamSid": SID,
            "callSid": "CA1",
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {"token": "t"},
        },
        "streamSid": SID,
    },
    {
        "event": "media",
        "sequenceNumber": "2",
        "media": {"track": "inbound", "chunk": "1", "timestamp": "0", "payload": "//8="},
        "streamSid": SID,
    },
    {
        "event": "media",
        "sequenceNumber": "3",
        "media": {"track": "inbound", "chunk": "2", "timestamp": "20", "payload": "AA=="},
        "streamSid": SID,
    },
    {
        "event": "dtmf",
        "sequenceNumber": "4",
        "dtmf": {"track": "inbound_track", "digit": "5"},
        "streamSid": SID,
    },
    {"event": "mark", "sequenceNumber": "5", "mark": {"name": "end"}, "streamSid": SID},
    {
        "event": "stop",
        "sequenceNumber": "6",
        "stop": {"accountSid": "AC1", "callSid": "CA1"},
        "streamSid": SID,
    },
]


def test_messages_are_numbered_with_strings() -> None:
    sender = Sender("AC1", "CA1", SID)

    texts = [
        sender.connected(),
        sender.start({"token": "t"}),
        sender.media(b"\xff\xff", 0),
        sender.media(b"\x00", 20),
        sender.dtmf("5"),
        sender.mark("end"),
        sender.stop(),
    ]

    assert [json.loads(text) for text in texts] == MESSAGES


def test_a_servers_messages_are_understood_with_keys_in_any_order() -> None:
    media = decode(f'{{"media":{{"payload":"//8="}},"streamSid":"{SID}","event":"media"}}', SID)
    mark = decode(f'{{"event":"mark","streamSid":"{SID}","mark":{{"name":"end"}}}}', SID)
    clear = decode(f'{{"event":"clear","streamSid":"{SID}"}}', SID)

    assert isinstance(media, MediaSent)
    assert media.audio == b"\xff\xff"
    assert isinstance(mark, MarkSent)
    assert mark.mark.name == "end"
    assert isinstance(clear, ClearSent)


def test_keys_that_twilio_does_not_ask_for_are_ignored() -> None:
    media = {"payload": "//8=", "track": "outbound", "timestamp": "0", "chunk": "1"}

    message = decode(json.dumps({"event": "media", "streamSid": SID, "sequenceNumber": "1", "media": media}), SID)

    assert isinstance(message, MediaSent)
    assert message.audio == b"\xff\xff"
    assert isinstance(decode(f'{{"event":"clear","streamSid":"{SID}","now":true}}', SID), ClearSent)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "null",
        "[]",
        "{",
        "{}",
        '{"event":"media"}',
        '{"event":"connected","streamSid":"MZ"}',
        '{"event":"start","streamSid":"MZ"}',
        '{"event":7,"streamSid":"MZ"}',
        '{"event":"clear"}',
        '{"event":"clear","streamSid":"MZ2"}',
        '{"event":"clear","streamSid":7}',
        '{"event":"mark","streamSid":"MZ"}',
        '{"event":"mark","streamSid":"MZ","mark":{}}',
        '{"event":"mark","streamSid":"MZ","mark":{"name":""}}',
        '{"event":"mark","streamSid":"MZ","mark":{"name":7}}',
        '{"event":"media","streamSid":"MZ","media":"//8="}',
        '{"event":"media","streamSid":"MZ","media":{}}',
        '{"event":"media","streamSid":"MZ","media":{"payload":""}}',
        '{"event":"media","streamSid":"MZ","media":{"payload":null}}',
        b"\x00\x01",
        '{"event":"clear","streamSid":"\ud800"}',
    ],
)
def test_anything_else_is_a_protocol_error(message: str | bytes) -> None:
    text = message.replace('"MZ"', f'"{SID}"') if isinstance(message, str) else message

    with pytest.raises(StreamError) as refused:
        decode(text, SID)

    assert refused.value.code == errors.STREAM_PROTOCOL


@pytest.mark.parametrize("payload", ["not base64!", "abc", "//8"])
def test_audio_that_is_no_base64_is_a_protocol_error(payload: str) -> None:
    message = decode(json.dumps({"event": "media", "streamSid": SID, "media": {"payload": payload}}), SID)

    assert isinstance(message, MediaSent)
    with pytest.raises(StreamError) as refused:
        _ = message.audio

    assert refused.value.code == errors.STREAM_PROTOCOL


@given(st.one_of(st.text(), st.binary(), st.recursive(st.none() | st.text(), st.lists).map(json.dumps)))
def test_nothing_that_can_arrive_raises_anything_else(text: str | bytes) -> None:
    with pytest.raises(StreamError):
        decode(text, SID)


def test_nesting_without_end_is_a_protocol_error() -> None:
    with pytest.raises(StreamError):
        decode('{"media":' + "[" * 100_000, SID)
