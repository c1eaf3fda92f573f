"""The fields of the two secrets, and the form that each value must have. No message shows a value."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from doctor.errors import DoctorError

STREAM_TOKEN_BYTES = 32  # RFC 7518, 3.2: HS256 needs a key of at least 256 bits

type Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SecretField:
    """One field of a secret's JSON object."""

    name: str
    expected: str
    pattern: re.Pattern[str]
    required: bool = True

    def validate(self, value: str) -> str | None:
        """What is wrong with the form of the value, without showing it. None: nothing."""
        if self.pattern.fullmatch(value):
            return None
        if not value:
            got = "nothing"
        elif value != value.strip():
            got = "a value with space around it"
        else:
            got = f"{len(value)} characters of another form" if value.isprintable() else "unprintable characters"
        return f"{self.name}: expected {self.expected}, got {got}"


# functions/deploy_check demands the same forms before a deployment. tests/doctor/test_secret_schema.py compares them.
_HEXADECIMAL = "[0-9a-fA-F]{32}"
ACCOUNT_SID = SecretField("TWILIO_ACCOUNT_SID", "AC and 32 hexadecimal digits", re.compile(f"AC{_HEXADECIMAL}"))
AUTH_TOKEN = SecretField("TWILIO_AUTH_TOKEN", "32 hexadecimal digits", re.compile(_HEXADECIMAL))
STREAM_TOKEN_SECRET = SecretField(
    "STREAM_TOKEN_SECRET", "32 printable characters or more", re.compile(r"[!-~][ -~]{30,}[!-~]")
)
API_KEY_SID = SecretField(
    "TWILIO_API_KEY_SID", "SK and 32 hexadecimal digits", re.compile(f"SK{_HEXADECIMAL}"), required=False
)
API_KEY_SECRET = SecretField(
    "TWILIO_API_KEY_SECRET", "printable ASCII without spaces", re.compile("[!-~]+"), required=False
)
OPENAI_KEY = SecretField("OPENAI_API_KEY", "printable ASCII without spaces", re.compile("[!-~]+"))

NEXT = "_NEXT"  # during a rotation, the new or the old key is stored under the name with this suffix
ROTATED = (AUTH_TOKEN, STREAM_TOKEN_SECRET)
AUTH_TOKEN_NEXT, STREAM_TOKEN_SECRET_NEXT = (
    replace(field, name=field.name + NEXT, required=False) for field in ROTATED
)
ROTATION, BEGUN, SWITCHED = "ROTATION", "begun", "switched"  # the last step of the rotation

TWILIO = (
    ACCOUNT_SID,
    AUTH_TOKEN,
    STREAM_TOKEN_SECRET,
    AUTH_TOKEN_NEXT,
    STREAM_TOKEN_SECRET_NEXT,
    API_KEY_SID,
    API_KEY_SECRET,
)
OPENAI = (OPENAI_KEY,)
PUBLIC = {ACCOUNT_SID.name, API_KEY_SID.name, ROTATION}  # not secret


def decode(text: str, name: str) -> dict[str, str]:
    """The text values of a secret's JSON object. Raises `DoctorError`."""
    try:
        decoded = json.loads(text)
    except (ValueError, RecursionError):
        decoded = None
    if not isinstance(decoded, dict):
        remedy = "look at its value; `make secrets` creates a valid one"
        raise DoctorError(f"the secret {name} is not a JSON object", remedy)
    return {key: value for key, value in decoded.items() if isinstance(value, str)}


def validate(fields: tuple[SecretField, ...], values: Values) -> Iterator[str]:
    """One message for each fault of the secret."""
    for field in fields:
        if (field.required or values.get(field.name)) and (fault := field.validate(values.get(field.name, ""))):
            yield fault
    if bool(values.get(API_KEY_SID.name)) != bool(values.get(API_KEY_SECRET.name)):
        yield f"{API_KEY_SID.name} and {API_KEY_SECRET.name}: expected both or neither, got one"
