"""The settings of the container: read once from the environment. An error names the missing or wrong setting."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from websockets.exceptions import InvalidURI
from websockets.uri import parse_uri

from call_items import KEEP_DAYS, MAX_KEEP_DAYS
from socket_server.core.errors import SettingError

REALTIME_URL = "wss://api.openai.com/v1/realtime"
DEFAULT_AGENT = Path(__file__).with_name("agent.toml")
PRICES = Path(__file__).with_name("prices.toml")


@dataclass(frozen=True, slots=True)
class Settings:
    """docs/settings.md says what each one means."""

    stream_url: str
    stream_url_next: str
    """"": there is none."""
    twilio_auth_token: str = field(repr=False)
    twilio_auth_token_next: str = field(repr=False)
    """"": there is none."""
    stream_token_secret: str = field(repr=False)
    stream_token_secret_next: str = field(repr=False)
    """"": there is none."""
    openai_api_key: str = field(repr=False)
    secret_id: str
    """The secret with newer values of the first four keys; "": they stay the same."""
    openai_secret_id: str
    """The same for the model's key."""
    realtime_url: str
    agent_file: Path
    transfer_function: str
    calls_table: str
    record_retention_days: int
    keep_transcripts: bool
    aws_region: str | None
    """None: the SDK looks into its own configuration files."""
    max_calls: int
    max_lag_ms: int | None
    """None: streams are accepted however late the loop is."""
    spare_sessions: int
    drain_seconds: int
    session_minutes: int | None
    """None: the agent's own limit counts."""
    log_event_types: frozenset[str]
    show_timing_math: bool
    service_name: str
    """It is in every log line and every measurement."""
    task_metadata: str
    """URL of ECS's endpoint; "" if there is none."""
    host: str
    port: int


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Raises SettingError at the first setting that is missing or wrong."""
    return Settings(
        stream_url=_read_stream_url(environment, "STREAM_URL"),
        stream_url_next=_read_optional_stream_url(environment, "STREAM_URL_NEXT"),
        twilio_auth_token=_read_text(environment, "TWILIO_AUTH_TOKEN"),
        twilio_auth_token_next=environment.get("TWILIO_AUTH_TOKEN_NEXT", "").strip(),
        stream_token_secret=_read_secret(environment, "STREAM_TOKEN_SECRET"),
        stream_token_secret_next=_read_optional_secret(environment, "STREAM_TOKEN_SECRET_NEXT"),
        openai_api_key=_read_api_key(environment, "OPENAI_API_KEY"),
        secret_id=environment.get("SECRET_ID", "").strip(),
        openai_secret_id=environment.get("OPENAI_SECRET_ID", "").strip(),
        realtime_url=_read_url(environment, "REALTIME_URL", ("wss", "ws"), REALTIME_URL),
        agent_file=Path(environment.get("AGENT_FILE") or DEFAULT_AGENT),
        transfer_function=_read_text(environment, "TRANSFER_FUNCTION"),
        calls_table=_read_text(environment, "CALLS_TABLE"),
        record_retention_days=_read_number(environment, "RECORD_RETENTION_DAYS", 1, MAX_KEEP_DAYS, KEEP_DAYS),
        keep_transcripts=_read_flag(environment, "KEEP_TRANSCRIPTS", default=True),
        aws_region=_read_region(environment, "AWS_REGION") or _read_region(environment, "AWS_DEFAULT_REGION"),
        max_calls=_read_number(environment, "MAX_CALLS", 1, 10_000, 100),
        spare_sessions=_read_number(environment, "SPARE_SESSIONS", 0, 100, 2),
        max_lag_ms=_read_number(environment, "MAX_LAG_MS", 0, 10_000, 20) or None,
        # A task has 120 s between SIGTERM and SIGKILL; see `server`.
        drain_seconds=_read_number(environment, "DRAIN_SECONDS", 0, 110, 100),
        session_minutes=_read_session_minutes(environment, "SESSION_MINUTES"),
        log_event_types=frozenset(filter(None, map(str.strip, environment.get("LOG_EVENT_TYPES", "").split(",")))),
        show_timing_math=_read_flag(environment, "SHOW_TIMING_MATH", default=False),
        service_name=_read_name(environment, "POWERTOOLS_SERVICE_NAME", "warmline"),
        task_metadata=environment.get("ECS_CONTAINER_METADATA_URI_V4", "").strip(),
        host=environment.get("HOST") or "0.0.0.0",  # noqa: S104 - a container listens where its port is mapped
        port=_read_number(environment, "PORT", 0, 65_535, 8080),
    )


def _read_text(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise SettingError(f"{name} is missing")
    return value


def _read_secret(environment: Mapping[str, str], name: str) -> str:
    value = _read_text(environment, name)
    if len(value.encode()) < 32:  # RFC 7518, 3.2: HS256 needs a key of at least 256 bits
        raise SettingError(f"{name} is too short: expected at least 32 bytes, got {len(value.encode())}")
    return value


def _read_optional_secret(environment: Mapping[str, str], name: str) -> str:
    return _read_secret(environment, name) if environment.get(name, "").strip() else ""


def _read_api_key(environment: Mapping[str, str], name: str) -> str:
    value = _read_text(environment, name)
    if not re.fullmatch("[!-~]+", value):  # other characters would break the header that contains it
        raise SettingError(f"{name} is wrong: expected printable ASCII without spaces")
    return value


def _read_url(environment: Mapping[str, str], name: str, schemes: tuple[str, ...], default: str = "") -> str:
    """A valid WebSocket URL, without a user name or password, which would be in logs."""
    value = environment.get(name, "").strip() or default
    if not value:
        raise SettingError(f"{name} is missing")
    try:
        parts = urlsplit(value)
        valid = parse_uri(value).username is None and parts.scheme in schemes and parts.port != 0
    except (InvalidURI, ValueError):
        valid = False
    if not valid:
        came = "one with a user name" if "@" in value else repr(value)
        raise SettingError(f"{name} is wrong: expected a {' or '.join(schemes)} URL, got {came}")
    return value


def _read_stream_url(environment: Mapping[str, str], name: str) -> str:
    value = _read_url(environment, name, ("wss",))
    if urlsplit(value).path != "/media-stream" or "?" in value:
        expected = "the wss URL that Twilio dials, ending in /media-stream, without a query"
        raise SettingError(f"{name} is wrong: expected {expected}, got {value!r}")
    return value


def _read_optional_stream_url(environment: Mapping[str, str], name: str) -> str:
    return _read_stream_url(environment, name) if environment.get(name, "").strip() else ""


def _read_name(environment: Mapping[str, str], name: str, default: str) -> str:
    """Part of every metric's name. With some other characters CloudWatch silently drops metrics."""
    value = environment.get(name, "").strip() or default
    if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9._-]{0,127}", value):
        raise SettingError(f"{name} is wrong: expected letters, digits, '.', '_' and '-', 128 at most, got {value!r}")
    return value


def _read_region(environment: Mapping[str, str], name: str) -> str | None:
    value = environment.get(name, "").strip()
    if not re.fullmatch("[a-z0-9-]*", value):
        raise SettingError(f"{name} is wrong: expected the name of a region, got {value!r}")
    return value or None


def _read_number(environment: Mapping[str, str], name: str, least: int, most: int, default: int) -> int:
    value = environment.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdecimal() and len(value) < 10 and least <= int(value) <= most):
        raise SettingError(f"{name} is wrong: expected a whole number from {least} to {most}, got {value!r}")
    return int(value)


def _read_session_minutes(environment: Mapping[str, str], name: str) -> int | None:
    """The same range as in the agent's file."""
    return _read_number(environment, name, 1, 57, 57) if environment.get(name, "").strip() else None


def _read_flag(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environment.get(name, "").strip() or str(int(default))
    if value not in ("0", "1"):
        raise SettingError(f"{name} is wrong: expected 0 or 1, got {value!r}")
    return value == "1"
