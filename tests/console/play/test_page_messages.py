"""console.play.page_messages: whatever a page sends is a command, 20 ms of sound, or told to be neither."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.play.page_messages import (
    Command,
    HangUp,
    PageError,
    PlaceCall,
    PressKey,
    SayText,
    decode_audio,
    decode_command,
    encode_audio,
    encode_error,
    mask_address,
)

COMMANDS: dict[str, Command] = {
    '{"command": "call", "telephone": 0}': PlaceCall(0),
    '{"telephone": 255, "command": "hang_up"}': HangUp(255),
    '{"command": "key", "telephone": 1, "key": "#"}': PressKey(1, "#"),
    '{"command": "say", "telephone": 0, "text": "<script>"}': SayText(0, "<script>"),
}


@pytest.mark.parametrize("text", COMMANDS)
def test_a_command_is_read(text: str) -> None:
    assert decode_command(text) == COMMANDS[text]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "\ud800",
        '{"telephone": 0}',
        '{"command": "call", "telephone": 256}',
        '{"command": "call", "telephone": 1e400}',
        '{"command": "call", "telephone": true}',
        '{"command": "key", "telephone": 0, "key": ""}',
        '{"command": "key", "telephone": 0, "key": "12"}',
        '{"command": "say", "telephone": 0, "text": ""}',
        json.dumps({"command": "say", "telephone": 0, "text": "a" * 301}),
        '{"deep": ' + "[" * 4000 + "]" * 4000 + ', "command": "call", "telephone": 0}',
    ],
)
def test_what_is_no_command_is_told(text: str) -> None:
    with pytest.raises(PageError, match="is no command"):
        decode_command(text)


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_nothing_else_is_raised_for_text(text: str) -> None:
    with contextlib.suppress(PageError):
        decode_command(text)


@given(st.binary(max_size=400))
def test_nothing_else_is_raised_for_bytes(message: bytes) -> None:
    if len(message) == 161:
        assert encode_audio(*decode_audio(message)) == message
    else:
        with pytest.raises(PageError, match=f"{len(message)} bytes"):
            decode_audio(message)


def test_an_error_has_no_number_and_no_key_and_may_have_half_a_character() -> None:
    error = json.loads(encode_error("Nobody answers at +15550100002; sk-0123456789abcdefghij \ud800", 1))

    assert error == {"event": "error", "text": "Nobody answers at …0002; … \ud800", "telephone": 1}


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("+15550100002", "…0002"),
        ("client:anna", "client:anna"),
        ("sip:anna@example.com", "sip:anna@example.com"),
        ("sip:+15550100002@example.com", "sip:…0002@example.com"),
        ("", ""),
    ],
)
def test_a_number_is_shown_by_its_last_digits(address: str, shown: str) -> None:
    assert mask_address(address) == shown
