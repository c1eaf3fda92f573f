"""What is noted of a message: not its sound, not a key."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.local.wire_notes import WireNote, make_note

KEY = "sk-0123456789abcdef"
FRAME = base64.b64encode(bytes(160)).decode()


def note(message: object, at_ms: int = 5) -> WireNote:
    return make_note(json.dumps(message).encode(), at_ms, KEY, to_model=True)


@pytest.mark.parametrize(
    ("type_", "field"),
    [
        ("input_audio_buffer.append", "audio"),
        ("response.output_audio.delta", "delta"),
        ("response.audio.delta", "delta"),
    ],
)
def test_audio_is_noted_by_its_length(type_: str, field: str) -> None:
    made = note({"type": type_, field: FRAME})

    assert (made.type, made.text, made.audio_ms, made.is_audio) == (type_, "", 20, True)


def test_a_run_of_audio_is_one_note() -> None:
    run = note({"type": "input_audio_buffer.append", "audio": FRAME})

    assert run.join(note({"type": "input_audio_buffer.append", "audio": FRAME}, at_ms=25))
    assert (run.at_ms, run.until_ms, run.audio_ms, run.messages) == (5, 25, 40, 2)
    assert not run.join(note({"type": "response.output_audio.delta", "delta": FRAME}))
    assert not run.join(note({"type": "response.create"}))
    assert not note({"type": "response.create"}).join(note({"type": "response.create"}))


def test_any_other_message_is_noted_as_it_was_sent() -> None:
    text = '{"type": "session.update",  "session": {"instructions": "Sei höflich."}}'

    assert make_note(text.encode(), 5, KEY, to_model=False) == WireNote(5, False, "session.update", text, until_ms=5)


def test_audio_within_another_message_is_noted_by_its_length() -> None:
    audio = base64.b64encode(bytes(range(256)) * 10).decode()

    assert json.loads(note({"type": "x", "item": {"audio": audio, "id": "1"}}).text)["item"] == {
        "audio": "(320 ms of audio)",
        "id": "1",
    }


def test_a_key_that_a_server_repeats_is_not_noted() -> None:
    assert KEY not in note({"type": "error", "error": {"message": f"Incorrect API key provided: {KEY}."}}).text


def test_a_word_that_is_used_as_a_key_stays() -> None:
    made = make_note(b'{"type": "error", "message": "the sandbox refuses"}', 5, "sandbox", to_model=False)

    assert "the sandbox refuses" in made.text


@given(
    st.one_of(
        st.binary(), st.text().map(str.encode), st.sampled_from([b"[]", b'{"type": 7}', b'{"audio": 1}', b"null"])
    )
)
def test_anything_may_come(payload: bytes) -> None:
    made = make_note(payload, 5, KEY, to_model=False)

    assert (made.type, made.audio_ms) == ("", 0) or made.type in payload.decode(errors="replace")
