"""What the two secrets must contain. Each fault is one sentence without a secret's value. Pure.

The programs that read a secret later check less than this, and then a caller waits. An auth token with a space at its
end, for example, makes the signature of every request wrong.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

MIN_STREAM_SECRET_BYTES = 32  # RFC 7518, 3.2: HS256 needs a key of at least 256 bits
NEXT = "_NEXT"  # while a key is changed, the next or the previous one has this name
KEY_PAIR = ("TWILIO_API_KEY_SID", "TWILIO_API_KEY_SECRET")


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a secret."""

    name: str
    expected: str
    fits: Callable[[str], bool]

    @classmethod
    def like(cls, name: str, expected: str, pattern: str) -> "Key":
        return cls(name, expected, lambda value: re.fullmatch(pattern, value) is not None)


def _is_long_enough(value: str) -> bool:
    # Unprintable characters (a lone surrogate, a line end) do not reach the container unchanged.
    return value.isprintable() and value == value.strip() and len(value.encode()) >= MIN_STREAM_SECRET_BYTES


TWILIO = (
    Key.like("TWILIO_ACCOUNT_SID", "AC and 32 hexadecimal digits", "AC[0-9a-fA-F]{32}"),
    Key.like("TWILIO_AUTH_TOKEN", "32 hexadecimal digits", "[0-9a-fA-F]{32}"),
    Key("STREAM_TOKEN_SECRET", "at least 32 bytes of printable text without a space at an end", _is_long_enough),
)
API_KEY = (
    Key.like(KEY_PAIR[0], "SK and 32 hexadecimal digits", "SK[0-9a-fA-F]{32}"),
    Key.like(KEY_PAIR[1], "printable ASCII without spaces", "[!-~]+"),
)
OPENAI = (Key.like("OPENAI_API_KEY", "printable ASCII without spaces", "[!-~]+"),)


def validate_twilio(text: str) -> list[str]:
    """The faults of Twilio's secret. An API key is optional, but not half of one; a next key is optional too."""
    return _find_faults(text, _list_twilio_keys)


def _list_twilio_keys(parts: Mapping[str, object]) -> tuple[Key, ...]:
    following = tuple(replace(key, name=key.name + NEXT) for key in TWILIO[1:] if parts.get(key.name + NEXT))
    return TWILIO + following + (API_KEY if any(parts.get(name) for name in KEY_PAIR) else ())


def validate_openai(text: str) -> list[str]:
    """The faults of the model's secret."""
    return _find_faults(text, lambda _: OPENAI)


def _find_faults(text: str, keys: Callable[[Mapping[str, object]], tuple[Key, ...]]) -> list[str]:
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError):  # the error's own text might quote the secret
        return [f"expected a JSON object, got {len(text)} characters that are no JSON"]
    if not isinstance(parts, dict):
        return [f"expected a JSON object, got {_describe_kind(parts)}"]
    return [fault for key in keys(parts) if (fault := _find_fault(key, parts.get(key.name)))]


def _find_fault(key: Key, value: object) -> str | None:
    if isinstance(value, str) and key.fits(value):
        return None
    return f"{key.name}: expected {key.expected}, got {_describe_value(value)}"


def _describe_value(value: object) -> str:
    """Describes a value without showing it."""
    if not isinstance(value, str):
        return _describe_kind(value)
    if not value:
        return "empty text"
    seen = "1 character" if len(value) == 1 else f"{len(value)} characters"
    if value[:2] in ("AC", "SK"):  # the kind of an identifier, and no secret
        seen += f" that begin with {value[:2]}"
    return f"{seen}, with spaces at an end" if value != value.strip() else seen


def _describe_kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "an object"
