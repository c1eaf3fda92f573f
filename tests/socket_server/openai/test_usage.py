"""What was used, as the service tells it."""

from typing import Any

import pytest
from msgspec import Raw
from msgspec.json import encode

from socket_server.core.usage import Usage
from socket_server.openai.usage import NOTHING, read_usage
from tests.socket_server.bad_messages import broken, escapes

RESPONSE: dict[str, Any] = {
    "total_tokens": 253,
    "input_tokens": 132,
    "output_tokens": 121,
    "input_token_details": {
        "text_tokens": 119,
        "audio_tokens": 13,
        "image_tokens": 0,
        "cached_tokens": 66,
        "cached_tokens_details": {"text_tokens": 64, "audio_tokens": 2, "image_tokens": 0},
    },
    "output_token_details": {"text_tokens": 30, "audio_tokens": 91},
}


def read(usage: object) -> Usage | None:
    return read_usage(Raw(encode(usage)))


def test_tokens_of_a_response_are_counted_by_kind_and_none_twice() -> None:
    assert read(RESPONSE) == Usage(
        text_in=55, text_cached=64, text_out=30, audio_in=11, audio_cached=2, audio_out=91, seconds=None
    )


def test_tokens_of_a_transcription_are_counted() -> None:
    usage = {
        "type": "tokens",
        "input_tokens": 13,
        "input_token_details": {"text_tokens": 0, "audio_tokens": 13},
        "output_tokens": 9,
    }
    assert read(usage) == Usage(audio_in=13, text_out=9)


def test_seconds_of_a_transcription_are_counted() -> None:
    assert read({"type": "duration", "seconds": 1.5}) == Usage(seconds=1.5)
    assert read({"type": "duration", "seconds": 0}) == Usage(seconds=0)


def test_without_the_kinds_of_what_was_cached_nothing_counts_as_cached() -> None:
    details = {"text_tokens": 119, "audio_tokens": 13, "cached_tokens": 64, "cached_tokens_details": None}
    assert read({"input_token_details": details}) == Usage(text_in=119, audio_in=13)


def test_no_more_is_cached_than_came_in() -> None:
    details = {"text_tokens": 1, "cached_tokens_details": {"text_tokens": 5, "audio_tokens": 5}}
    assert read({"input_token_details": details}) == Usage(text_cached=1)


@pytest.mark.parametrize("usage", [None, {}, {"total_tokens": 7}, {"input_token_details": None}, 7, "?", [], [[]]])
def test_what_was_not_counted_by_kind_is_nothing(usage: object) -> None:
    assert read(usage) is None


@pytest.mark.parametrize(
    "usage",
    [
        {"seconds": -1},
        {"seconds": "1"},
        {"seconds": 1e300},
        {"input_token_details": {"text_tokens": -1}},
        {"input_token_details": {"text_tokens": 10**30}},
        {"input_token_details": {"text_tokens": 1.5}},
    ],
)
def test_counts_that_cannot_be_are_nothing(usage: object) -> None:
    assert read(usage) is None


def test_a_message_without_a_usage_used_nothing() -> None:
    assert read_usage(NOTHING) is None


def test_nothing_that_is_broken_raises() -> None:
    assert escapes(lambda text: read_usage(Raw(text)), broken(RESPONSE)) == []
