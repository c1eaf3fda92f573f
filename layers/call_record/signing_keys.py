"""The keys by which a request is known: Twilio's auth tokens, and the secrets of the streams' tokens.

Both are in Twilio's secret, and each may be there twice: under its name, and under its name with `_NEXT`. Whoever
verifies takes either, whoever issues a stream's token takes the first. So a key is changed without a moment in which
something good is refused: the next one is added, everybody has read it, the two change places, the old one goes.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

ACCOUNT_SID, AUTH_TOKEN, STREAM_TOKEN_SECRET = "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "STREAM_TOKEN_SECRET"
SHARED_KEY = "TWILIO_SHARED_KEY"
NEXT = "_NEXT"

MIN_STREAM_SECRET_BYTES = 32  # RFC 7518, 3.2: HS256 needs a key of at least 256 bits

type Fault = Callable[[str], str | None]
"""What was expected instead of a value; None: it is good."""


class BadSecretError(Exception):
    """A secret is no JSON object, or lacks a key; the message names it and shows no value."""


@dataclass(frozen=True, slots=True)
class SigningKeys:
    auth_tokens: tuple[str, ...] = field(repr=False)
    """One or two; Twilio signs with one of them."""
    stream_token_secrets: tuple[str, ...] = field(repr=False)
    """One or two; tokens are issued with the first, and verified with any."""
    ignored: tuple[str, ...] = ()
    """What is wrong with a key that is next, or optional: it is not used, and the others are."""
    shared_keys: tuple[str, ...] = field(default=(), repr=False)
    """With which Twilio signs webhooks in place of the auth token, if the account has a rule for it: none, one or two.
    https://www.twilio.com/docs/usage/webhooks/webhook-shared-keys"""
    account_sid: str = field(default="", repr=False, compare=False)
    """Of the account whose tokens they are; "": the secret does not say."""


def decode_secret(secret: object) -> dict[str, object]:
    """The object that a secret's text holds. Raises `BadSecretError`."""
    try:
        parts = json.loads(str(secret))
    except (ValueError, RecursionError):  # the error's own text might quote the secret
        raise BadSecretError("the secret: expected a JSON object, got none") from None
    if not isinstance(parts, dict):
        raise BadSecretError(f"the secret: expected a JSON object, got {type(parts).__name__}")
    return parts


def parse_signing_keys(secret: object) -> SigningKeys:
    """The keys in the text of Twilio's secret. Raises `BadSecretError` when a present one is missing or bad."""
    parts = decode_secret(secret)
    ignored: list[str] = []
    auth_tokens = _read_both(parts, AUTH_TOKEN, _to_token, ignored)
    stream_token_secrets = _read_both(parts, STREAM_TOKEN_SECRET, _to_stream_secret, ignored)
    account_sid = parts.get(ACCOUNT_SID)
    account_sid = account_sid.strip() if isinstance(account_sid, str) else ""  # nobody is verified by it
    shared_keys = tuple(_read_optional(parts, (SHARED_KEY, SHARED_KEY + NEXT), ignored))
    return SigningKeys(auth_tokens, stream_token_secrets, tuple(ignored), shared_keys, account_sid)


def _read_optional(parts: Mapping[str, object], names: Iterable[str], ignored: list[str]) -> Iterator[str]:
    """The tokens that are there and good."""
    for name in names:
        if parts.get(name) not in (None, ""):
            try:
                yield _read_part(parts, name, _to_token)
            except BadSecretError as error:
                ignored.append(str(error))


def _read_both(parts: Mapping[str, object], name: str, fault: Fault, ignored: list[str]) -> tuple[str, ...]:
    present = _read_part(parts, name, fault)
    if parts.get(name + NEXT) in (None, ""):
        return (present,)
    try:
        following = _read_part(parts, name + NEXT, fault)
    except BadSecretError as error:
        ignored.append(str(error))
        return (present,)
    return (present,) if following == present else (present, following)


def _read_part(parts: Mapping[str, object], name: str, fault: Fault) -> str:
    value = parts.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadSecretError(f"the secret: expected text under {name}, got {type(value).__name__}")
    value = value.strip()  # as the container reads its environment: a blank that was pasted along is no part of a key
    if found := fault(value):
        raise BadSecretError(f"the secret: expected {found} under {name}, got something else")
    return value


def _to_token(value: str) -> str | None:
    return None if re.fullmatch("[!-~]+", value) else "printable ASCII without spaces"


def _to_stream_secret(value: str) -> str | None:
    good = value.isprintable() and len(value.encode()) >= MIN_STREAM_SECRET_BYTES
    return None if good else f"at least {MIN_STREAM_SECRET_BYTES} bytes of printable text"
