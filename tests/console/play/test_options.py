"""console.play.options: which model, which port."""

import pytest

from console.options import OPENAI_URL
from console.play.options import OptionError, Options, read_options

KEY = {"OPENAI_API_KEY": "sk-1"}
SERVER = "ws://127.0.0.1:9/v1/realtime"

CHOICES = {
    "nothing": ([], {}, ""),
    "a key": ([], KEY, OPENAI_URL),
    "openai": (["--model", "openai"], KEY, OPENAI_URL),
    "sandbox": (["--model", "sandbox"], KEY, ""),
    "a server": (["--model", SERVER], {}, SERVER),
    "a server, and a key": (["--model", SERVER], KEY, SERVER),
}


@pytest.mark.parametrize("choice", CHOICES)
def test_the_model_is_the_one_that_was_chosen_else_a_key_decides(choice: str) -> None:
    arguments, environment, url = CHOICES[choice]

    assert read_options(arguments, environment).model_url == url


@pytest.mark.parametrize("given", ["gpt", "http://127.0.0.1", "ws://", "ws://a b"])
def test_another_model_is_refused_with_what_is_expected(given: str) -> None:
    with pytest.raises(OptionError, match="expected sandbox, openai, or the ws:// or wss:// address"):
        read_options(["--model", given], {})


def test_openai_without_a_key_is_refused() -> None:
    with pytest.raises(OptionError, match="OPENAI_API_KEY is not set"):
        read_options(["--model", "openai"], {"OPENAI_API_KEY": " "})


@pytest.mark.parametrize("given", ["x", "65536", "-1", "", "٣"])
def test_a_port_that_is_none_is_refused(given: str) -> None:
    with pytest.raises(OptionError, match="PORT: expected 0 to 65535"):
        read_options([f"--port={given}"], {})


def test_the_key_is_not_shown() -> None:
    assert "sk-1" not in repr(read_options([], KEY))


def test_a_server_without_a_key_gets_some_key() -> None:
    assert read_options(["--model", SERVER, "--port", "5099"], {}) == Options(5099, SERVER, "sandbox")
