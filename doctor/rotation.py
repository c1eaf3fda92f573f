"""Changes the keys by which callers' requests are known, so that no caller is refused: `make secrets ROTATE=...`.

`begin` stores the next keys beside the present ones, `switch` has them change places, `end` takes the old ones away.
The secret remembers the last step, since nobody can see by a key whether it is the old one or the new one.
Twilio's auth token is made and promoted in Twilio's console; the secret of the streams' tokens is made here.
"""

import base64
import secrets
from collections.abc import Callable, Mapping
from typing import Literal

from doctor import secret_schema
from doctor.errors import DoctorError
from doctor.network import Network
from doctor.secret_schema import (
    AUTH_TOKEN,
    AUTH_TOKEN_NEXT,
    BEGUN,
    NEXT,
    ROTATED,
    ROTATION,
    STREAM_TOKEN_SECRET_NEXT,
    SWITCHED,
    SecretField,
)
from doctor.twilio_api import API

type Step = Literal["begin", "switch", "end"]
STEPS: tuple[Step, ...] = ("begin", "switch", "end")

type Answer = Callable[[SecretField], str | None]
"""The value that the user gives; None: none. Raises `DoctorError`."""
type IsRevoked = Callable[[str, str], bool]
"""Whether Twilio takes an account's token no more. Raises `DoctorError` where it does not say."""

# Who has the secret in use reads it again within a minute; what was minted by the old one is good for two more.
NEXT_STEPS = {
    "begin": (
        "Next: wait two minutes. Then promote the secondary auth token in Twilio's console (if you gave one), and:\n"
        "  make secrets ROTATE=switch\n"
    ),
    "switch": "Next: make doctor, and after five minutes: make secrets ROTATE=end\n",
    "end": "Next: make doctor. The old keys do not work any more.\n",
}


def changes(step: Step, present: Mapping[str, str], answer: Answer, is_revoked: IsRevoked) -> dict[str, str]:
    """What is to be stored; "" takes a key away. Raises `DoctorError`."""
    if not present:
        raise DoctorError("there is no secret yet to rotate", "create it with `make secrets`")
    following = [part for part in ROTATED if present.get(part.name + NEXT)]
    if step == "begin":
        return _begun(present, following, answer)
    if not following:
        raise DoctorError(
            "no rotation is in progress: there are no next keys", "begin with `make secrets ROTATE=begin`"
        )
    switched = present.get(ROTATION) == SWITCHED  # else begun, by the command or by hand
    if step == "switch":
        if switched:
            raise DoctorError("the keys have been switched already", "`make secrets ROTATE=end`")
        named = [(part.name, part.name + NEXT) for part in following]
        swapped = {to: present.get(name, "") for one, other in named for to, name in ((one, other), (other, one))}
        return swapped | {ROTATION: SWITCHED}
    if not switched:
        raise DoctorError("the old keys are still in use: nothing was stored", "`make secrets ROTATE=switch` first")
    return _ended(present, following, is_revoked)


def _ended(present: Mapping[str, str], following: list[SecretField], is_revoked: IsRevoked) -> dict[str, str]:
    old = present.get(AUTH_TOKEN_NEXT.name, "")
    if old and not is_revoked(present.get(secret_schema.ACCOUNT_SID.name, ""), old):
        remedy = "promote the secondary one in Twilio's console, then `make secrets ROTATE=end` again"
        raise DoctorError(
            f"Twilio still takes {AUTH_TOKEN_NEXT.name}, and may sign with it: nothing was stored", remedy
        )
    return {part.name + NEXT: "" for part in following} | {ROTATION: ""}


def _begun(present: Mapping[str, str], following: list[SecretField], answer: Answer) -> dict[str, str]:
    if following:
        names = ", ".join(part.name + NEXT for part in following)
        remedy = f"finish it: `make secrets ROTATE=switch`; to begin anew, take {names} out of the secret by hand"
        if present.get(ROTATION) == SWITCHED:
            remedy = "finish it: `make secrets ROTATE=end`"
        raise DoctorError(f"a rotation is in progress: there are {names}", remedy)
    auth_token = answer(AUTH_TOKEN_NEXT) or ""
    if auth_token and auth_token == present.get(AUTH_TOKEN.name):
        remedy = "make a secondary auth token in Twilio's console (Account > API keys & tokens)"
        raise DoctorError(f"{AUTH_TOKEN_NEXT.name} is the current token", remedy)
    made = secrets.token_urlsafe(secret_schema.STREAM_TOKEN_BYTES)
    return {AUTH_TOKEN_NEXT.name: auth_token, STREAM_TOKEN_SECRET_NEXT.name: made, ROTATION: BEGUN}


def is_token_revoked(network: Network, account_sid: str, auth_token: str) -> bool:
    """Whether Twilio takes the token no more. Raises `DoctorError`."""
    authorization = "Basic " + base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()
    url = f"{API}/2010-04-01/Accounts/{account_sid}.json"
    status = network.request("GET", url, headers={"Authorization": authorization}).status
    if status not in (200, 401):
        raise DoctorError(f"Twilio did not say whether it still takes the old auth token (HTTP {status})", "try again")
    return status == 401
