import pytest

from console.carrier.settings import PUBLIC_URL, SettingsError, read_settings

URL = ["--url", "http://127.0.0.1:5050/incoming-call?x=1"]
SID, TOKEN = "AC" + "0" * 32, "secret-token"


def test_the_least_that_is_needed() -> None:
    settings = read_settings(URL, {})

    assert (settings.origin, settings.path, settings.port) == ("http://127.0.0.1:5050", "/incoming-call?x=1", 0)
    assert settings.voice_url == f"{PUBLIC_URL}/incoming-call?x=1"
    assert settings.routes == {
        "https://application.warmline.test": "http://127.0.0.1:5050",
        "wss://application.warmline.test": "ws://127.0.0.1:5050",
    }
    assert settings.made_up


def test_the_application_may_have_an_account_and_a_name_of_its_own() -> None:
    environment = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN}

    settings = read_settings([*URL, "--public-url", "https://me.ngrok.app/"], environment)

    assert (settings.account_sid, settings.auth_token, settings.made_up) == (SID, TOKEN, False)
    assert settings.voice_url == "https://me.ngrok.app/incoming-call?x=1"
    assert TOKEN not in repr(settings)


@pytest.mark.parametrize("url", ["http://localhost:5050", "http://[::1]:5050/"])
def test_every_name_of_this_machine_will_do(url: str) -> None:
    assert read_settings(["--url", url], {}).path == "/"


@pytest.mark.parametrize(
    ("arguments", "environment", "named"),
    [
        ([], {}, "URL: expected a webhook on this machine"),
        (["--url", "http://127.0.0.1/incoming-call"], {}, "URL: "),
        (["--url", "http://127.0.0.1:port/"], {}, "URL: "),
        (["--url", "https://127.0.0.1:5050/"], {}, "URL: "),
        (["--url", "http://192.0.2.1:5050/"], {}, "URL: "),
        (["--url", "http://127.0.0.1.example.org:5050/"], {}, "URL: "),
        (["--url", "http://me@127.0.0.1:5050/"], {}, "URL: "),
        (["--url", "http://[::1"], {}, "URL: "),
        ([*URL, "--public-url", "http://me.ngrok.app"], {}, "PUBLIC_URL: "),
        ([*URL, "--public-url", "https://me.ngrok.app/voice"], {}, "PUBLIC_URL: "),
        ([*URL, "--port", "-1"], {}, "PORT: "),
        (URL, {"TWILIO_ACCOUNT_SID": SID}, "expected both in the environment, or neither"),
        (URL, {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": TOKEN}, "got 3 characters"),
        (URL, {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": "a b"}, "TWILIO_AUTH_TOKEN: "),
    ],
)
def test_what_cannot_be_used_is_named(arguments: list[str], environment: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings(arguments, environment)

    assert named in str(raised.value)
    assert "\n" not in str(raised.value)
