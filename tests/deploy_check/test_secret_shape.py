"""What is a good secret, and what is said of a bad one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secret_shape import validate_openai, validate_twilio

GOOD = {"TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "TWILIO_AUTH_TOKEN": "a" * 32, "STREAM_TOKEN_SECRET": "b" * 32}
PAIR = {"TWILIO_API_KEY_SID": "SK" + "1" * 32, "TWILIO_API_KEY_SECRET": "s3cret"}


def validate(**changes: object) -> list[str]:
    return validate_twilio(json.dumps(GOOD | changes))


@pytest.mark.parametrize("changes", [{}, PAIR, {"more": 1}, {"TWILIO_API_KEY_SID": "", "TWILIO_API_KEY_SECRET": None}])
def test_a_good_secret_has_no_fault(changes: dict[str, object]) -> None:
    assert validate(**changes) == []


@pytest.mark.parametrize("value", [None, "", "c" * 32])
@pytest.mark.parametrize("name", ["TWILIO_AUTH_TOKEN_NEXT", "STREAM_TOKEN_SECRET_NEXT"])
def test_a_next_key_may_be_there(name: str, value: str | None) -> None:
    assert validate(**{name: value}) == []


def test_a_next_key_that_is_bad_is_a_fault() -> None:
    assert validate(TWILIO_AUTH_TOKEN_NEXT=7) == [
        "TWILIO_AUTH_TOKEN_NEXT: expected 32 hexadecimal digits, got a number",
    ]


def test_an_empty_object_lacks_every_key() -> None:
    assert validate_twilio("{}") == [
        "TWILIO_ACCOUNT_SID: expected AC and 32 hexadecimal digits, got nothing",
        "TWILIO_AUTH_TOKEN: expected 32 hexadecimal digits, got nothing",
        "STREAM_TOKEN_SECRET: expected at least 32 bytes of printable text without a space at an end, got nothing",
    ]
    assert validate_openai("{}") == ["OPENAI_API_KEY: expected printable ASCII without spaces, got nothing"]


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("", "empty text"),
        ("x", "1 character"),
        ("a" * 31, "31 characters"),
        ("a" * 32 + " ", "33 characters, with spaces at an end"),
        ("a" * 32 + "\n", "33 characters, with spaces at an end"),
        ("SK" + "0" * 32, "34 characters that begin with SK"),
        (None, "nothing"),
        (True, "true or false"),
        (12, "a number"),
        (["a" * 32], "a list"),
        ({"a": 32}, "an object"),
    ],
)
def test_what_came_is_told_without_the_value(value: object, seen: str) -> None:
    assert validate(TWILIO_AUTH_TOKEN=value) == [f"TWILIO_AUTH_TOKEN: expected 32 hexadecimal digits, got {seen}"]


@pytest.mark.parametrize("value", ["b" * 31, "ä" * 15, " " * 40, "b" * 32 + " ", "b\ud800" * 32, "b\x00" * 32])
def test_a_weak_or_broken_stream_secret_is_a_fault(value: str) -> None:
    assert "STREAM_TOKEN_SECRET" in "".join(validate(STREAM_TOKEN_SECRET=value))


def test_bytes_count_and_not_characters() -> None:
    assert validate(STREAM_TOKEN_SECRET="ä" * 16) == []


@pytest.mark.parametrize("name", PAIR)
def test_half_an_api_key_is_a_fault(name: str) -> None:
    (fault,) = validate(**{name: PAIR[name]})

    (other,) = set(PAIR) - {name}
    assert fault.startswith(f"{other}: expected")


def test_an_account_is_no_api_key() -> None:
    (fault,) = validate(**PAIR | {"TWILIO_API_KEY_SID": GOOD["TWILIO_ACCOUNT_SID"]})

    assert fault.endswith("got 34 characters that begin with AC")


@pytest.mark.parametrize("value", ["two words", "clé", "sk-\n", ""])
def test_a_key_that_no_header_can_carry_is_a_fault(value: str) -> None:
    (fault,) = validate_openai(json.dumps({"OPENAI_API_KEY": value}))

    assert fault.startswith("OPENAI_API_KEY: expected printable ASCII without spaces")


@pytest.mark.parametrize("text", ["sk-proj-secret", "{", "[" * 60_000, '{"OPENAI_API_KEY": sk-secret}'])
def test_what_is_no_json_is_not_quoted(text: str) -> None:
    assert validate_openai(text) == [f"expected a JSON object, got {len(text)} characters that are no JSON"]


@pytest.mark.parametrize(
    ("text", "kind"), [("[]", "a list"), ('"sk-secret"', "text"), ("null", "nothing"), ("7", "a number")]
)
def test_what_is_no_object_is_a_fault(text: str, kind: str) -> None:
    assert validate_openai(text) == [f"expected a JSON object, got {kind}"]


@given(st.text(min_size=3).filter(lambda value: value[:2] not in ("AC", "SK")))
def test_no_sentence_tells_a_value(value: str) -> None:
    marked = f"\u2603{value}"
    parts = dict.fromkeys([*GOOD, *PAIR, "OPENAI_API_KEY"], marked) | {"STREAM_TOKEN_SECRET": "\u2603"}

    faults = validate_twilio(json.dumps(parts)) + validate_openai(json.dumps(parts)) + validate_openai(marked)

    assert len(faults) == 7
    assert not any("\u2603" in fault for fault in faults)
