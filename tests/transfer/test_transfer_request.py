"""What the transfer function is asked: what is a request, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer_request import ACTIONS, MAX_WORDS, Request, RequestError, clean_words, read

CALL = "CA" + "1" * 32
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=5,
)


def test_a_request_is_read_and_unknown_keys_are_ignored() -> None:
    event = {
        "action": "transfer",
        "call_sid": CALL,
        "request_id": "call_1",
        "destination": "desk",
        "colour": "red",
    }

    assert read(event) == Request("transfer", CALL, "desk", request_id="call_1")


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (None, "expected an object with an action, got NoneType"),
        ([1], "expected an object with an action, got list"),
        ({}, "missing required field `action`"),
        (
            {"action": "dial"},
            "expected one of destinations, transfer, next, notify, end, connect, cancel, ring_on; got 'dial'",
        ),
        ({"action": "x" * 5000}, r"\(5000 characters\)$"),
        ({"action": "next"}, "call_sid: expected CA and 32 hexadecimal digits, got ''"),
        ({"action": "next", "call_sid": "CA1"}, "call_sid: expected CA"),
        ({"action": "next", "call_sid": CALL + "\n"}, "call_sid: expected CA"),
        ({"action": "next", "call_sid": 7}, r"Expected `str`, got `int` - at `\$.call_sid`"),
        (
            {"action": "transfer", "call_sid": CALL},
            "request_id: expected the id of the model's call, got nothing",
        ),
        ({"action": "transfer", "call_sid": CALL, "request_id": ""}, "request_id: expected the id"),
        ({"action": "transfer", "call_sid": CALL, "request_id": "a b"}, "without spaces, got 'a b'"),
        ({"action": "next", "call_sid": CALL, "request_id": "x" * 129}, r"\(129 characters\)$"),
        ({"action": "next", "call_sid": CALL, "destination": ["desk"]}, r"at `\$.destination`"),
        (
            {"action": "next", "call_sid": CALL, "dry_run": "yes"},
            r"Expected `bool`, got `str` - at `\$.dry_run`",
        ),
    ],
)
def test_garbage_is_refused_with_what_was_expected_and_what_came(event: object, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        read(event)


@given(JSON | st.dictionaries(st.sampled_from(Request.__struct_fields__), JSON | st.sampled_from(ACTIONS)))
def test_anything_is_a_request_or_refused_in_a_short_line(event: object) -> None:
    try:
        action = read(event).action
    except RequestError as refused:
        action, length = "refused", len(str(refused))
        assert 0 < length < 400
    assert action in (*ACTIONS, "refused")


@given(st.text() | st.none())
def test_words_can_always_be_stored(text: str | None) -> None:
    clean_words(text).encode()


def test_long_words_are_cut() -> None:
    assert clean_words("x" * 5000) == "x" * MAX_WORDS
    assert clean_words("\ud800") == "?"
