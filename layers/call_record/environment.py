"""Reads the settings of a function from its environment. Each is checked; an error names the bad one."""

import re
from collections.abc import Mapping

from call_items import KEEP_DAYS, MAX_KEEP_DAYS

SERVICE = "warmline"
# Of the Powertools, which read it themselves for the log; the stack's name.
SERVICE_NAME = "POWERTOOLS_SERVICE_NAME"


class SettingsError(Exception):
    """A setting is missing or bad; the message is one line that names it."""


def read_text(environment: Mapping[str, str], name: str) -> str:
    """The setting, without blanks around it. Raises `SettingsError` if it is missing or empty."""
    value = environment.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name}: expected a value, got nothing")
    return value


def read_url(environment: Mapping[str, str], name: str, pattern: re.Pattern[str], expected: str) -> str:
    """The setting, an ASCII URL of the pattern, which `expected` puts into words. Raises `SettingsError`."""
    value = read_text(environment, name)
    if not (value.isascii() and pattern.fullmatch(value)):  # no other URL is sent or signed
        raise SettingsError(f"{name}: expected {expected}, got {value!r}")
    return value


def read_optional_url(environment: Mapping[str, str], name: str, pattern: re.Pattern[str], expected: str) -> str | None:
    """As `read_url`; None: the setting is missing or empty."""
    return read_url(environment, name, pattern, expected) if environment.get(name, "").strip() else None


def read_days(environment: Mapping[str, str], name: str) -> int:
    """How long a row of the call record is kept; its default if the setting is missing. Raises `SettingsError`."""
    value = environment.get(name, "").strip() or str(KEEP_DAYS)
    if not (value.isascii() and value.isdecimal() and len(value) < 10 and 1 <= int(value) <= MAX_KEEP_DAYS):
        raise SettingsError(f"{name}: expected a whole number from 1 to {MAX_KEEP_DAYS}, got {value!r}")
    return int(value)


def read_flag(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Raises `SettingsError`."""
    value = environment.get(name, "").strip() or str(int(default))
    if value not in ("0", "1"):
        raise SettingsError(f"{name}: expected 0 or 1, got {value!r}")
    return value == "1"


def read_service_name(environment: Mapping[str, str]) -> str:
    """The stack's name, which distinguishes the metrics of several installations. Any value is accepted."""
    return environment.get(SERVICE_NAME, "").strip() or SERVICE
