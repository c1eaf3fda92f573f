"""The settings of the webhooks: read once, refused by name."""

import pytest

from environment import SettingsError
from webhook_settings import Settings

GOOD = {
    "SECRET_ID": "warmline",
    "CALLS_TABLE": "calls",
    "STREAM_URL": "wss://stream.example.com/media-stream",
    "TRANSFER_FUNCTION": "arn:aws:lambda:us-east-1:000000000000:function:transfer",
}


def test_settings_are_read_and_the_origin_is_api_gateway_s_by_default() -> None:
    settings = Settings.read(GOOD | {"VOICE_URL": ""})

    read = GOOD["SECRET_ID"], "calls", GOOD["STREAM_URL"], GOOD["TRANSFER_FUNCTION"]
    assert settings == Settings(*read, None, record_retention_days=30, keep_transcripts=True)


def test_how_long_the_record_is_kept_is_read() -> None:
    settings = Settings.read(GOOD | {"RECORD_RETENTION_DAYS": " 7", "KEEP_TRANSCRIPTS": "0"})

    assert (settings.record_retention_days, settings.keep_transcripts) == (7, False)


@pytest.mark.parametrize("url", ["https://voice.example.com", "https://api.example.com/twilio"])
def test_an_origin_of_one_s_own_is_read_with_its_path(url: str) -> None:
    assert Settings.read(GOOD | {"VOICE_URL": url}).voice_url == url


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
        ("VOICE_URL", "https://api.example.com/twilio/"),
        ("VOICE_URL", "https://api.example.com/t\u00e9l\u00e9"),
    ],
)
def test_a_bad_url_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name}: expected "):
        Settings.read(GOOD | {name: value})
