import pytest

from console.options import OPENAI_URL
from console.tunnel.settings import SettingsError, read_settings

ENVIRONMENT = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "1" * 32,
    "OPENAI_API_KEY": "sk-secret",
}
URL = ["--url", "https://example.ngrok.app/"]


def test_the_least_that_is_needed() -> None:
    settings = read_settings(URL, ENVIRONMENT)

    assert (settings.origin, settings.host, settings.port) == ("https://example.ngrok.app", "example.ngrok.app", 5060)
    assert (settings.number, settings.confirmed, settings.model_url) == (None, False, OPENAI_URL)
    assert settings.twilio == {name: ENVIRONMENT[name] for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")}


def test_no_secret_is_shown() -> None:
    shown = repr(read_settings(URL, ENVIRONMENT))

    assert "sk-secret" not in shown
    assert "1" * 32 not in shown


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "URL: expected the https address of your tunnel"),
        (["--url", "http://example.ngrok.app"], "URL: expected the https address"),
        (["--url", "https://example.ngrok.app/voice"], "got 'https://example.ngrok.app/voice'"),
        (["--url", "https://user:word@example.ngrok.app"], "URL: "),
        (["--url", "https://"], "URL: "),
        (["--url", "https://["], "URL: expected the https address of your tunnel"),
        (["--url", "https://example.ngrok.app#x"], "URL: "),
        ([*URL, "--port", "99999"], "PORT: expected 0 to 65535, got '99999'"),
        ([*URL, "--port", "²"], "PORT: "),
        ([*URL, "--number", "0123"], "NUMBER: expected E.164"),
        ([*URL, "--model", "wss://["], "MODEL: expected the ws:// or wss:// address"),
        ([*URL, "--model", "wss://127.0.0.1:x/"], "MODEL: expected the ws:// or wss:// address"),
        ([*URL, "--model", "gpt-realtime"], "MODEL: expected the ws:// or wss:// address"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(arguments: list[str], named: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings(arguments, ENVIRONMENT)

    assert named in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"TWILIO_ACCOUNT_SID": ""}, "TWILIO_ACCOUNT_SID: expected in the environment: AC and 32 hexadecimal digits"),
        ({"TWILIO_AUTH_TOKEN": "secret"}, "TWILIO_AUTH_TOKEN: expected 32 hexadecimal digits"),
        ({"OPENAI_API_KEY": ""}, "OPENAI_API_KEY: expected in the environment"),
        ({"TWILIO_API_KEY_SID": "SK" + "0" * 32}, "expected both or neither"),
        ({"TWILIO_API_URL": "https://api.twilio.com.example.org"}, "TWILIO_API_URL: expected"),
    ],
)
def test_what_the_environment_lacks_is_named(changed: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as raised:
        read_settings(URL, ENVIRONMENT | changed)

    assert "secret" not in str(raised.value)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings([], {})

    assert [line.partition(":")[0] for line in str(raised.value).splitlines()] == [
        "URL",
        "TWILIO_ACCOUNT_SID",
        "TWILIO_AUTH_TOKEN",
        "OPENAI_API_KEY",
    ]
