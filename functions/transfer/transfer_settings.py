"""The settings of the transfer function: read from a mapping once, and refused by name when one is bad."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

ORIGIN = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*[^\s/?#])?")
MAX_VOICE_URL = 200  # it is a part of TwiML that may have 4000 characters in all


SERVICE = "warmline"


class SettingsError(Exception):
    """A setting or a part of the secret is missing or bad; the message is one line that names it."""


class SecretError(Exception):
    """The secret cannot be read just now."""


@dataclass(frozen=True, slots=True)
class Settings:
    secret_id: str
    """Name or ARN of the secret in Secrets Manager."""
    calls_table: str
    voice_url: str
    """What voice_webhook's public URLs begin with: `https://…`, with a path perhaps, without a slash at its end."""
    twilio_api_url: str
    fallback_url: str | None = None
    """What Twilio asks when a document of a moved call cannot be had; None: nothing."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        environment = {"TWILIO_API_URL": "https://api.twilio.com", **environment}
        return cls(
            secret_id=_text(environment, "SECRET_ID"),
            calls_table=_text(environment, "CALLS_TABLE"),
            voice_url=_url(environment, "VOICE_URL", MAX_VOICE_URL),
            twilio_api_url=_url(environment, "TWILIO_API_URL"),
            fallback_url=_url(environment, "FALLBACK_URL") if environment.get("FALLBACK_URL", "").strip() else None,
        )


def service_name(environment: Mapping[str, str]) -> str:
    """What tells this installation's metrics from another's: the stack's name. It is never wrong, and stops nothing."""
    return environment.get("POWERTOOLS_SERVICE_NAME", "").strip() or SERVICE


@dataclass(frozen=True, slots=True)
class Credentials:
    """What Twilio's REST API wants to know."""

    account_sid: str
    username: str
    """SID of the API key when the secret has one, of the account otherwise."""
    password: str = field(repr=False)
    next_password: str = field(repr=False, default="")
    """The account's next auth token: good instead, from the moment on in which Twilio makes it the present one."""

    @classmethod
    def read(cls, secret: object) -> "Credentials":
        """From the JSON of the secret. Raises `SettingsError`."""
        try:
            parts = msgspec.json.decode(str(secret), type=dict[str, object])
        except msgspec.DecodeError as error:
            raise SettingsError(f"the secret SECRET_ID: expected a JSON object, got {error}") from None
        account_sid = _part(parts, "TWILIO_ACCOUNT_SID")
        if parts.get("TWILIO_API_KEY_SID"):
            return cls(account_sid, _part(parts, "TWILIO_API_KEY_SID"), _part(parts, "TWILIO_API_KEY_SECRET"))
        following = parts.get("TWILIO_AUTH_TOKEN_NEXT")
        following = following.strip() if isinstance(following, str) else ""
        return cls(account_sid, account_sid, _part(parts, "TWILIO_AUTH_TOKEN"), following)


def _text(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name}: expected a value, got nothing")
    return value


def _url(environment: Mapping[str, str], name: str, most: int = 2000) -> str:
    value = _text(environment, name)
    if len(value) > most:
        raise SettingsError(f"{name}: expected at most {most} characters, got {len(value)}")
    if not (value.isascii() and ORIGIN.fullmatch(value)):
        raise SettingsError(
            f"{name}: expected https://host or https://host/path without a slash at its end, got {value!r}"
        )
    return value


def _part(parts: Mapping[str, object], name: str) -> str:
    value = parts.get(name)
    if not isinstance(value, str) or not value.strip():
        raise SettingsError(f"the secret SECRET_ID: expected text under {name}, got {type(value).__name__}")
    return value.strip()
