"""What the two secrets hold, and which values cannot be right. No message shows a value."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from doctor.errors import DoctorError

STREAM_TOKEN_BYTES = 32  # RFC 7518, 3.2: HS256 needs a key of at least 256 bits

type Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """One value of a secret."""

    name: str
    expected: str
    pattern: re.Pattern[str]
    required: bool = True

    def fault(self, value: str) -> str | None:
        """What is wrong with the value, without showing it; None: nothing that can be seen."""
        if self.pattern.fullmatch(value):
            return None
        if not value:
            came = "nothing"
        elif value != value.strip():
            came = "a value with space around it"
        else:
            came = f"{len(value)} characters that are not that" if value.isprintable() else "unprintable characters"
        return f"{self.name}: expected {self.expected}, got {came}"


ACCOUNT_SID = Part("TWILIO_ACCOUNT_SID", "AC and 32 hexadecimal digits", re.compile("AC[0-9a-f]{32}"))
AUTH_TOKEN = Part("TWILIO_AUTH_TOKEN", "32 hexadecimal digits", re.compile("[0-9a-f]{32}"))
STREAM_TOKEN_SECRET = Part(
    "STREAM_TOKEN_SECRET", f"{STREAM_TOKEN_BYTES} printable characters or more", re.compile(r"[!-~]{32,}")
)
API_KEY_SID = Part("TWILIO_API_KEY_SID", "SK and 32 hexadecimal digits", re.compile("SK[0-9a-f]{32}"), required=False)
API_KEY_SECRET = Part("TWILIO_API_KEY_SECRET", "32 letters and digits", re.compile("[A-Za-z0-9]{32}"), required=False)
OPENAI_KEY = Part("OPENAI_API_KEY", "sk- and at least 20 printable characters", re.compile("sk-[!-~]{20,}"))

TWILIO = (ACCOUNT_SID, AUTH_TOKEN, STREAM_TOKEN_SECRET, API_KEY_SID, API_KEY_SECRET)
OPENAI = (OPENAI_KEY,)
PUBLIC = {ACCOUNT_SID.name, API_KEY_SID.name}  # names of accounts and keys, no secrets


def decoded(text: str, name: str) -> dict[str, str]:
    """The values of a secret's JSON; what is no text in it is left out. Raises `DoctorError`."""
    try:
        parts = json.loads(text)
    except ValueError:
        parts = None
    if not isinstance(parts, dict):
        raise DoctorError(f"the secret {name} holds no JSON object", "see what it is; `make secrets` makes a good one")
    return {key: value for key, value in parts.items() if isinstance(value, str)}


def faults(parts: tuple[Part, ...], values: Values) -> Iterator[str]:
    """Everything about a secret that cannot be right."""
    for part in parts:
        if (part.required or part.name in values) and (fault := part.fault(values.get(part.name, ""))):
            yield fault
    if (API_KEY_SID.name in values) != (API_KEY_SECRET.name in values):
        yield f"{API_KEY_SID.name} and {API_KEY_SECRET.name}: expected both or neither, got one"
