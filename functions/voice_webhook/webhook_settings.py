"""The settings of the webhooks: read from a mapping once, and refused by name when one is bad."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

ORIGIN = re.compile(r"https://[^\s/?#]+(/[^\s?#]*[^\s/?#])?")
STREAM = re.compile(r"wss://[^\s/?#]+(/[^\s?#]*)?")  # no query: Twilio would not send it


SERVICE = "warmline"


class SettingsError(Exception):
    """A setting or a part of the secret is missing or bad; the message is one line that names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    secret_id: str
    """Name or ARN of the secret in Secrets Manager."""
    calls_table: str
    stream_url: str
    """The public `wss://…/media-stream`, exactly as Twilio dials and signs it."""
    transfer_function: str
    """Name or ARN."""
    voice_url: str | None
    """The public `https://…` origin of the webhooks, behind a proxy or a domain of one's own. None: API Gateway's."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        return cls(
            secret_id=_text(environment, "SECRET_ID"),
            calls_table=_text(environment, "CALLS_TABLE"),
            stream_url=_url(environment, "STREAM_URL", STREAM, "wss://host/media-stream without a query"),
            transfer_function=_text(environment, "TRANSFER_FUNCTION"),
            voice_url=_url(environment, "VOICE_URL", ORIGIN, "https://host without a slash at its end")
            if environment.get("VOICE_URL", "").strip()
            else None,
        )


def service_name(environment: Mapping[str, str]) -> str:
    """What tells this installation's metrics from another's: the stack's name. It is never wrong, and stops nothing."""
    return environment.get("POWERTOOLS_SERVICE_NAME", "").strip() or SERVICE


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the webhooks need of the secret."""

    auth_token: str = field(repr=False)
    """Twilio signs its requests with it."""
    stream_token_secret: str = field(repr=False)

    @classmethod
    def read(cls, secret: object) -> "Credentials":
        """From the JSON of the secret. Raises `SettingsError`."""
        try:
            parts = json.loads(str(secret))
        except ValueError as error:
            raise SettingsError(f"the secret SECRET_ID: expected a JSON object, got {error}") from None
        if not isinstance(parts, dict):
            raise SettingsError(f"the secret SECRET_ID: expected a JSON object, got {type(parts).__name__}")
        return cls(_part(parts, "TWILIO_AUTH_TOKEN"), _part(parts, "STREAM_TOKEN_SECRET"))


def _text(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name}: expected a value, got nothing")
    return value


def _url(environment: Mapping[str, str], name: str, pattern: re.Pattern[str], expected: str) -> str:
    value = _text(environment, name)
    if not pattern.fullmatch(value):
        raise SettingsError(f"{name}: expected {expected}, got {value!r}")
    return value


def _part(parts: Mapping[str, object], name: str) -> str:
    value = parts.get(name)
    if not isinstance(value, str) or not value:
        raise SettingsError(f"the secret SECRET_ID: expected text under {name}, got {type(value).__name__}")
    return value
