"""The settings of the container."""

from pathlib import Path

import pytest

from socket_server.core.errors import SettingError
from socket_server.settings import DEFAULT_AGENT, Settings, read_settings

REQUIRED = {
    "STREAM_URL": "wss://stream.example.com/media-stream",
    "TWILIO_AUTH_TOKEN": "the auth token",
    "STREAM_TOKEN_SECRET": "s" * 32,
    "OPENAI_API_KEY": "sk-the-key",
    "TRANSFER_FUNCTION": "transfer",
    "CALLS_TABLE": "calls",
}


def test_what_is_not_set_has_its_default() -> None:
    assert read_settings(REQUIRED) == Settings(
        stream_url="wss://stream.example.com/media-stream",
        stream_url_next="",
        twilio_auth_token="the auth token",
        twilio_auth_token_next="",
        stream_token_secret="s" * 32,
        stream_token_secret_next="",
        openai_api_key="sk-the-key",
        secret_id="",
        openai_secret_id="",
        realtime_url="wss://api.openai.com/v1/realtime",
        agent_file=DEFAULT_AGENT,
        transfer_function="transfer",
        calls_table="calls",
        record_retention_days=30,
        keep_transcripts=True,
        aws_region=None,
        max_calls=100,
        max_lag_ms=20,
        spare_sessions=2,
        drain_seconds=100,
        session_minutes=None,
        log_event_types=frozenset(),
        show_timing_math=False,
        service_name="warmline",
        task_metadata="",
        host="0.0.0.0",  # noqa: S104 - nothing listens
        port=8080,
    )


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("STREAM_URL", " wss://a.example/media-stream ", "stream_url", "wss://a.example/media-stream"),
        ("STREAM_URL", "wss://a.example:8443/media-stream", "stream_url", "wss://a.example:8443/media-stream"),
        ("STREAM_URL_NEXT", " wss://b.example/media-stream ", "stream_url_next", "wss://b.example/media-stream"),
        ("STREAM_URL_NEXT", " ", "stream_url_next", ""),
        ("REALTIME_URL", "ws://127.0.0.1:9/v1/realtime", "realtime_url", "ws://127.0.0.1:9/v1/realtime"),
        ("REALTIME_URL", " ", "realtime_url", "wss://api.openai.com/v1/realtime"),
        ("AGENT_FILE", "/etc/agent.toml", "agent_file", Path("/etc/agent.toml")),
        ("AGENT_FILE", "", "agent_file", DEFAULT_AGENT),
        ("AWS_REGION", "eu-central-1", "aws_region", "eu-central-1"),
        ("AWS_DEFAULT_REGION", "eu-central-1", "aws_region", "eu-central-1"),
        ("TWILIO_AUTH_TOKEN_NEXT", " later ", "twilio_auth_token_next", "later"),
        ("STREAM_TOKEN_SECRET_NEXT", "n" * 32, "stream_token_secret_next", "n" * 32),
        ("STREAM_TOKEN_SECRET_NEXT", " ", "stream_token_secret_next", ""),
        ("SECRET_ID", " warmline/twilio ", "secret_id", "warmline/twilio"),
        ("OPENAI_SECRET_ID", "warmline/openai", "openai_secret_id", "warmline/openai"),
        ("RECORD_RETENTION_DAYS", "1", "record_retention_days", 1),
        ("RECORD_RETENTION_DAYS", "365", "record_retention_days", 365),
        ("KEEP_TRANSCRIPTS", "0", "keep_transcripts", False),
        ("KEEP_TRANSCRIPTS", "", "keep_transcripts", True),
        ("MAX_CALLS", "1", "max_calls", 1),
        ("MAX_CALLS", "10000", "max_calls", 10_000),
        ("MAX_LAG_MS", "50", "max_lag_ms", 50),
        ("MAX_LAG_MS", "0", "max_lag_ms", None),
        ("SPARE_SESSIONS", "0", "spare_sessions", 0),
        ("SPARE_SESSIONS", "100", "spare_sessions", 100),
        ("DRAIN_SECONDS", "0", "drain_seconds", 0),
        ("DRAIN_SECONDS", "110", "drain_seconds", 110),
        ("SESSION_MINUTES", "1", "session_minutes", 1),
        ("SESSION_MINUTES", "57", "session_minutes", 57),
        ("SESSION_MINUTES", " ", "session_minutes", None),
        ("LOG_EVENT_TYPES", "error, response.done,,", "log_event_types", frozenset({"error", "response.done"})),
        ("SHOW_TIMING_MATH", "1", "show_timing_math", True),
        ("SHOW_TIMING_MATH", "0", "show_timing_math", False),
        ("SHOW_TIMING_MATH", "", "show_timing_math", False),
        ("POWERTOOLS_SERVICE_NAME", "my-stack", "service_name", "my-stack"),
        ("POWERTOOLS_SERVICE_NAME", " ", "service_name", "warmline"),
        ("HOST", "127.0.0.1", "host", "127.0.0.1"),
        ("PORT", "0", "port", 0),
        ("PORT", " 65535 ", "port", 65_535),
    ],
)
def test_what_is_set_is_read(name: str, value: str, field: str, expected: object) -> None:
    assert getattr(read_settings(REQUIRED | {name: value}), field) == expected


@pytest.mark.parametrize("value", [None, "", "  "])
@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_setting_stops_the_start_by_its_name(name: str, value: str | None) -> None:
    environment = {k: v for k, v in REQUIRED.items() if k != name} | ({} if value is None else {name: value})

    with pytest.raises(SettingError, match=f"^{name} is missing$"):
        read_settings(environment)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("STREAM_URL", "https://a.example/media-stream", "expected a wss URL, got 'https://a.example/media-stream'"),
        ("STREAM_URL", "wss:///media-stream", "expected a wss URL"),
        ("STREAM_URL_NEXT", "wss://b.example/", "expected the wss URL that Twilio dials"),
        ("STREAM_URL", "wss://a.example:0/media-stream", "expected a wss URL"),
        ("STREAM_URL", "wss://a.example:x/media-stream", "expected a wss URL"),
        ("STREAM_URL", "wss://[a/media-stream", "expected a wss URL"),
        ("STREAM_URL", "wss://a.example/media-stream/", "ending in /media-stream, without a query"),
        ("STREAM_URL", "wss://a.example/media-stream?", "ending in /media-stream, without a query"),
        ("STREAM_URL", "wss://a.example/media-stream#ct=1", "expected a wss URL"),
        ("REALTIME_URL", "https://api.openai.com/v1/realtime", "expected a wss or ws URL"),
        ("REALTIME_URL", "wss://a.example/v1/realtime#x", "expected a wss or ws URL"),
        ("REALTIME_URL", "wss://a.example:99999/v1/realtime", "expected a wss or ws URL"),
        ("AWS_REGION", "eu central", "expected the name of a region, got 'eu central'"),
        ("AWS_DEFAULT_REGION", "eu/1", "expected the name of a region, got 'eu/1'"),
        ("RECORD_RETENTION_DAYS", "0", "expected a whole number from 1 to 365, got '0'"),
        ("KEEP_TRANSCRIPTS", "no", "expected 0 or 1, got 'no'"),
        ("MAX_CALLS", "0", "expected a whole number from 1 to 10000, got '0'"),
        ("MAX_CALLS", "10001", "expected a whole number from 1 to 10000"),
        ("MAX_CALLS", "-1", "expected a whole number from 1 to 10000"),
        ("MAX_CALLS", "1.5", "expected a whole number from 1 to 10000"),
        ("MAX_CALLS", "٣", "expected a whole number from 1 to 10000"),
        ("MAX_CALLS", "1" * 5000, "expected a whole number from 1 to 10000"),
        ("MAX_LAG_MS", "much", "expected a whole number from 0 to 10000, got 'much'"),
        ("SPARE_SESSIONS", "101", "expected a whole number from 0 to 100, got '101'"),
        ("SPARE_SESSIONS", "two", "expected a whole number from 0 to 100, got 'two'"),
        ("DRAIN_SECONDS", "111", "expected a whole number from 0 to 110, got '111'"),
        ("DRAIN_SECONDS", "-1", "expected a whole number from 0 to 110"),
        ("DRAIN_SECONDS", "100 s", "expected a whole number from 0 to 110"),
        ("SESSION_MINUTES", "0", "expected a whole number from 1 to 57, got '0'"),
        ("SESSION_MINUTES", "58", "expected a whole number from 1 to 57"),
        ("SESSION_MINUTES", "none", "expected a whole number from 1 to 57"),
        ("PORT", "65536", "expected a whole number from 0 to 65535"),
        ("POWERTOOLS_SERVICE_NAME", "a b", "expected letters, digits, '.', '_' and '-', 128 at most, got 'a b'"),
        ("POWERTOOLS_SERVICE_NAME", ":a", "expected letters, digits"),
        ("POWERTOOLS_SERVICE_NAME", "é", "expected letters, digits"),
        ("POWERTOOLS_SERVICE_NAME", "a" * 129, "128 at most"),
        ("SHOW_TIMING_MATH", "yes", "expected 0 or 1, got 'yes'"),
    ],
)
def test_a_wrong_setting_stops_the_start_by_its_name(name: str, value: str, why: str) -> None:
    with pytest.raises(SettingError, match=f"^{name} is wrong: .*") as wrong:
        read_settings(REQUIRED | {name: value})

    assert why in str(wrong.value)


def test_a_short_secret_is_refused_without_being_shown() -> None:
    with pytest.raises(SettingError) as wrong:
        read_settings(REQUIRED | {"STREAM_TOKEN_SECRET": "short secret"})

    assert str(wrong.value) == "STREAM_TOKEN_SECRET is too short: expected at least 32 bytes, got 12"


def test_a_short_next_secret_is_refused_too() -> None:
    with pytest.raises(
        SettingError, match=r"^STREAM_TOKEN_SECRET_NEXT is too short: expected at least 32 bytes, got 5$"
    ):
        read_settings(REQUIRED | {"STREAM_TOKEN_SECRET_NEXT": "short"})


@pytest.mark.parametrize("value", ["sk-a\nsk-b", "sk-\u201cx\u201d", "sk a", "sk-\x00"])
def test_a_key_that_no_header_can_hold_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(SettingError) as wrong:
        read_settings(REQUIRED | {"OPENAI_API_KEY": value})

    assert str(wrong.value) == "OPENAI_API_KEY is wrong: expected printable ASCII without spaces"


@pytest.mark.parametrize("url", ["wss://user:pass@a.example/media-stream", "wss://:pass@a.example", "http://u:pass@a"])
@pytest.mark.parametrize("name", ["STREAM_URL", "REALTIME_URL"])
def test_a_url_with_a_password_is_refused_without_being_shown(name: str, url: str) -> None:
    with pytest.raises(SettingError, match=f"^{name} is wrong: .* got one with a user name$") as wrong:
        read_settings(REQUIRED | {name: url})

    assert "pass" not in str(wrong.value)


def test_the_first_of_two_regions_counts() -> None:
    both = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}

    assert read_settings(REQUIRED | both).aws_region == "eu-west-1"


def test_no_secret_shows_in_the_settings() -> None:
    following = {"TWILIO_AUTH_TOKEN_NEXT": "the next one", "STREAM_TOKEN_SECRET_NEXT": "n" * 32}
    shown = repr(read_settings(REQUIRED | following))

    hidden = [REQUIRED[name] for name in ("TWILIO_AUTH_TOKEN", "STREAM_TOKEN_SECRET", "OPENAI_API_KEY")]
    assert not any(value in shown for value in (*hidden, *following.values()))
