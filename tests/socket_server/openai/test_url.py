"""Where the model is dialled."""

import pytest

from socket_server.openai.url import make_realtime_url, read_model


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
