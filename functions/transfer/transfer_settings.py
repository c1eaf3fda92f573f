"""The settings of the transfer function: read once from a mapping. An error names the bad setting."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from call_items import KEEP_DAYS
from environment import SettingsError, read_days, read_flag, read_optional_url, read_text, read_url
from signing_keys import BadSecretError, decode_secret

ORIGIN = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*[^\s/?#])?")
ORIGIN_EXPECTED = "https://host or https://host/path without a slash at its end"
TOPIC = re.compile(r"arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}")
MAX_VOICE_URL = 200  # it is part of TwiML, which may have 4000 characters in all


@dataclass(frozen=True, slots=True)
class Settings:
    secret_id: str
    """Name or ARN of the secret in Secrets Manager."""
    calls_table: str
    voice_url: str
    """The beginning of voice_webhook's public URLs: `https://…`, perhaps with a path, without a slash at its end."""
    twilio_api_url: str
    notify_topic: str | None = None
    """ARN of the SNS topic of people who want to be told; None: there is none."""
    fallback_url: str | None = None
    """The URL that Twilio requests if a document of a moved call cannot be had; None: there is none."""
    record_retention_days: int = KEEP_DAYS
    keep_transcripts: bool = True
    """False: the model's words about the call are not stored."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        environment = {"TWILIO_API_URL": "https://api.twilio.com", **environment}
        return cls(
            secret_id=read_text(environment, "SECRET_ID"),
            calls_table=read_text(environment, "CALLS_TABLE"),
            voice_url=_read_voice_url(environment),
            twilio_api_url=read_url(environment, "TWILIO_API_URL", ORIGIN, ORIGIN_EXPECTED),
            notify_topic=read_optional_url(environment, "NOTIFY_TOPIC", TOPIC, "the ARN of an SNS topic"),
            fallback_url=read_optional_url(environment, "FALLBACK_URL", ORIGIN, ORIGIN_EXPECTED),
            record_retention_days=read_days(environment, "RECORD_RETENTION_DAYS"),
            keep_transcripts=read_flag(environment, "KEEP_TRANSCRIPTS", default=True),
        )


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials for Twilio's REST API."""

    account_sid: str
    username: str
    """SID of the API key if the secret has one, otherwise of the account."""
    password: str = field(repr=False)
    next_password: str = field(repr=False, default="")
    """The account's next auth token. It replaces the current one when it is promoted at Twilio."""

    @classmethod
    def read(cls, secret: object) -> "Credentials":
        """From the JSON of the secret. Raises `BadSecretError`."""
        parts = decode_secret(secret)
        account_sid = _read_part(parts, "TWILIO_ACCOUNT_SID")
        if parts.get("TWILIO_API_KEY_SID"):
            return cls(account_sid, _read_part(parts, "TWILIO_API_KEY_SID"), _read_part(parts, "TWILIO_API_KEY_SECRET"))
        following = parts.get("TWILIO_AUTH_TOKEN_NEXT")
        following = following.strip() if isinstance(following, str) else ""
        return cls(account_sid, account_sid, _read_part(parts, "TWILIO_AUTH_TOKEN"), following)


def _read_voice_url(environment: Mapping[str, str]) -> str:
    value = read_url(environment, "VOICE_URL", ORIGIN, ORIGIN_EXPECTED)
    if len(value) > MAX_VOICE_URL:
        raise SettingsError(f"VOICE_URL: expected at most {MAX_VOICE_URL} characters, got {len(value)}")
    return value


def _read_part(parts: Mapping[str, object], name: str) -> str:
    value = parts.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadSecretError(f"the secret: expected text under {name}, got {type(value).__name__}")
    return value.strip()
