"""Where the model is dialled."""

import pytest

from socket_server.openai.url import make_realtime_url, read_model, strip_model


@pytest.mark.parametrize(
    ("base", "expected", "model"),
    [
        ("wss://api.openai.com/v1/realtime", "wss://api.openai.com/v1/realtime?model=gpt", "gpt"),
        ("wss://host/realtime?deployment=x", "wss://host/realtime?deployment=x&model=gpt", "gpt"),
        ("wss://host/realtime?model=other", "wss://host/realtime?model=other", "other"),
    ],
)
def test_the_model_is_named_in_the_url_unless_it_is_already(base: str, expected: str, model: str) -> None:
    assert make_realtime_url(base, "gpt") == expected
    assert read_model(expected) == model


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("wss://host/v1/realtime?model=gpt", "wss://host/v1/realtime"),
        ("wss://host/realtime?deployment=x&model=gpt&a=%20b", "wss://host/realtime?deployment=x&a=+b"),
        ("wss://host/", "wss://host/"),
    ],
)
def test_a_url_loses_its_model_and_nothing_else(url: str, expected: str) -> None:
    assert strip_model(url) == expected
