"""The settings of the webhooks: read once, refused by name."""

import json

import pytest

from webhook_settings import Credentials, Settings, SettingsError, service_name

GOOD = {
    "SECRET_ID": "warmline",
    "CALLS_TABLE": "calls",
    "STREAM_URL": "wss://stream.example.com/media-stream",
    "TRANSFER_FUNCTION": "arn:aws:lambda:us-east-1:000000000000:function:transfer",
}
SECRET = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "token", "STREAM_TOKEN_SECRET": "other"}


def test_settings_are_read_and_the_origin_is_api_gateway_s_by_default() -> None:
    settings = Settings.read(GOOD | {"VOICE_URL": ""})

    assert settings == Settings(GOOD["SECRET_ID"], "calls", GOOD["STREAM_URL"], GOOD["TRANSFER_FUNCTION"], None)


def test_an_origin_of_one_s_own_is_read() -> None:
    assert Settings.read(GOOD | {"VOICE_URL": "https://voice.example.com"}).voice_url == "https://voice.example.com"


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("value", ["", "  "])
def test_an_empty_setting_is_named_in_one_line(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name}: expected a value, got nothing$"):
        Settings.read(GOOD | {name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STREAM_URL", "https://stream.example.com"),
        ("STREAM_URL", "ws://stream.example.com"),
        ("STREAM_URL", "wss://stream.example.com/media-stream?a=b"),
        ("STREAM_URL", "wss://"),
        ("VOICE_URL", "http://voice.example.com"),
        ("VOICE_URL", "https://voice.example.com/"),
        ("VOICE_URL", "https://voice.example.com?a=b"),
    ],
)
def test_a_bad_url_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name}: expected "):
        Settings.read(GOOD | {name: value})


def test_the_secret_s_parts_are_read_and_do_not_show() -> None:
    credentials = Credentials.read(json.dumps(SECRET))

    assert (credentials.auth_token, credentials.stream_token_secret) == ("token", "other")
    assert repr(credentials) == "Credentials()"


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("not json", "expected a JSON object"),
        ("[]", "expected a JSON object, got list"),
        (None, "expected a JSON object"),
        ("{}", "expected text under TWILIO_AUTH_TOKEN, got NoneType"),
        ('{"TWILIO_AUTH_TOKEN": 7}', "expected text under TWILIO_AUTH_TOKEN, got int"),
        ('{"TWILIO_AUTH_TOKEN": "t", "STREAM_TOKEN_SECRET": ""}', "expected text under STREAM_TOKEN_SECRET"),
    ],
)
def test_a_bad_secret_is_refused_by_the_name_of_its_part(secret: str | None, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Credentials.read(secret)


@pytest.mark.parametrize(
    ("environment", "name"),
    [({}, "warmline"), ({"POWERTOOLS_SERVICE_NAME": " "}, "warmline"), ({"POWERTOOLS_SERVICE_NAME": "prod"}, "prod")],
)
def test_metrics_belong_to_the_stack(environment: dict[str, str], name: str) -> None:
    assert service_name(environment) == name
