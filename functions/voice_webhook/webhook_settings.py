"""The settings of the webhooks: read from a mapping once, and refused by name when one is bad."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# With a path perhaps: a domain may lead to several APIs by the first part of its path.
BASE = re.compile(r"https://[^\s/?#]+(/[^\s?#]*[^\s/?#])?")
STREAM = re.compile(r"wss://[^\s/?#]+(/[^\s?#]*)?")  # no query: Twilio would not send it


SERVICE = "warmline"


class SettingsError(Exception):
    """A setting is missing or bad; the message is one line that names it."""


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
    """What the webhooks' public URLs begin with, where a proxy or a domain of one's own stands before API Gateway: an
    origin, with a path perhaps. None: what API Gateway says."""

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Settings":
        return cls(
            secret_id=_text(environment, "SECRET_ID"),
            calls_table=_text(environment, "CALLS_TABLE"),
            stream_url=_url(environment, "STREAM_URL", STREAM, "wss://host/media-stream without a query"),
            transfer_function=_text(environment, "TRANSFER_FUNCTION"),
            voice_url=_url(
                environment, "VOICE_URL", BASE, "https://host or https://host/path without a slash at its end"
            )
            if environment.get("VOICE_URL", "").strip()
            else None,
        )


def service_name(environment: Mapping[str, str]) -> str:
    """What tells this installation's metrics from another's: the stack's name. It is never wrong, and stops nothing."""
    return environment.get("POWERTOOLS_SERVICE_NAME", "").strip() or SERVICE


def _text(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name}: expected a value, got nothing")
    return value


def _url(environment: Mapping[str, str], name: str, pattern: re.Pattern[str], expected: str) -> str:
    value = _text(environment, name)
    if not (value.isascii() and pattern.fullmatch(value)):  # no other URL is on the wire, or signed
        raise SettingsError(f"{name}: expected {expected}, got {value!r}")
    return value
