"""The settings of the transfer function: read once, refused by name."""

import json

import pytest

from environment import SettingsError
from signing_keys import BadSecretError
from transfer_settings import Credentials, Settings

GOOD = {"SECRET_ID": "warmline", "CALLS_TABLE": "calls", "VOICE_URL": "https://voice.example.com/prod"}
SECRET = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "token", "STREAM_TOKEN_SECRET": "other"}


def test_settings_are_read_and_twilio_is_the_real_one_by_default() -> None:
    assert Settings.read(GOOD) == Settings(
        "warmline", "calls", "https://voice.example.com/prod", "https://api.twilio.com"
    )


def test_twilio_may_be_somewhere_else() -> None:
    settings = Settings.read(GOOD | {"TWILIO_API_URL": "http://127.0.0.1:4000"})

    assert settings.twilio_api_url == "http://127.0.0.1:4000"


def test_a_moved_call_has_a_fallback_if_one_is_set() -> None:
    url = "https://stack.example.com/fallback"

    assert Settings.read(GOOD | {"FALLBACK_URL": url}).fallback_url == url
    assert Settings.read(GOOD | {"FALLBACK_URL": " "}).fallback_url is None


@pytest.mark.parametrize("value", ["stack.example.com", "https://", "wss://a/fallback"])
def test_a_fallback_that_is_no_url_is_named(value: str) -> None:
    with pytest.raises(SettingsError, match=r"^FALLBACK_URL: expected https://host"):
        Settings.read(GOOD | {"FALLBACK_URL": value})


def test_an_origin_that_is_too_long_for_twiml_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"^VOICE_URL: expected at most 200 characters, got 250$"):
        Settings.read(GOOD | {"VOICE_URL": "https://".ljust(250, "v")})


@pytest.mark.parametrize("name", ["SECRET_ID", "CALLS_TABLE", "VOICE_URL"])
@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_setting_is_named_in_one_line(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name}: expected a value, got nothing$"):
        Settings.read(GOOD | {name: value})


@pytest.mark.parametrize("name", ["VOICE_URL", "TWILIO_API_URL"])
@pytest.mark.parametrize(
    "value",
    ["voice.example.com", "https://a/", "https://a?b=c", "https://a#b", "wss://a", "https://", "https://\u00e9"],
)
def test_a_bad_url_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name}: expected https://host"):
        Settings.read(GOOD | {name: value})


def test_the_account_s_token_is_used_without_an_api_key() -> None:
    assert Credentials.read(json.dumps(SECRET)) == Credentials("AC1", "AC1", "token")


@pytest.mark.parametrize(("following", "read"), [(" later ", "later"), (7, ""), (None, ""), ("", "")])
def test_the_account_s_next_token_is_known_beside_it(following: object, read: str) -> None:
    secret = SECRET | {"TWILIO_AUTH_TOKEN": "token ", "TWILIO_AUTH_TOKEN_NEXT": following}

    assert Credentials.read(json.dumps(secret)) == Credentials("AC1", "AC1", "token", read)


def test_an_api_key_is_used_when_there_is_one() -> None:
    key = {"TWILIO_API_KEY_SID": "SK1", "TWILIO_API_KEY_SECRET": "key"}

    assert Credentials.read(json.dumps(SECRET | key)) == Credentials("AC1", "SK1", "key")


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("not json", "expected a JSON object"),
        ("[]", "expected a JSON object"),
        ("{}", "expected text under TWILIO_ACCOUNT_SID, got NoneType"),
        ('{"TWILIO_ACCOUNT_SID": "AC1"}', "expected text under TWILIO_AUTH_TOKEN, got NoneType"),
        ('{"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": 7}', "TWILIO_AUTH_TOKEN, got int"),
        ('{"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_API_KEY_SID": "SK1"}', "under TWILIO_API_KEY_SECRET"),
    ],
)
def test_a_bad_secret_is_refused_by_the_name_of_its_part(secret: str, words: str) -> None:
    with pytest.raises(BadSecretError, match=words):
        Credentials.read(secret)


def test_no_password_shows_in_a_repr() -> None:
    assert "token" not in repr(Credentials.read(json.dumps(SECRET | {"TWILIO_AUTH_TOKEN_NEXT": "next token"})))
