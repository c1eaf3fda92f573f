"""Plans the rotation of the keys that authenticate Twilio, without refusing a call: `make secrets ROTATE=...`.

`begin` stores the next keys beside the current ones, `switch` swaps them, and `end` removes the old ones. The secret
stores the last step, because a key does not show whether it is the old one or the new one. Twilio's auth token is
created and promoted in Twilio's console; the secret of the stream tokens is generated here.
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

type Step = Literal["begin", "switch", "end"]
STEPS: tuple[Step, ...] = ("begin", "switch", "end")

type AskField = Callable[[SecretField], str | None]
"""Returns the value that the user gives, or None. Raises `DoctorError`."""
type IsRevoked = Callable[[str, str], bool]
"""Whether Twilio has stopped accepting a token, by account SID and token. Raises `DoctorError` if that is unknown."""

# Functions and containers read the secret again within a minute. Tokens signed by the old key live two minutes.
NEXT_STEPS = {
    "begin": (
        "Next: wait two minutes. Then promote the secondary auth token in Twilio's console (if you gave one), and:\n"
        "  make secrets ROTATE=switch\n"
    ),
    "switch": "Next: make doctor, and after five minutes: make secrets ROTATE=end\n",
    "end": "Next: make doctor. The old keys do not work any more.\n",
}


def plan_step(step: Step, current: Mapping[str, str], ask: AskField, is_revoked: IsRevoked) -> dict[str, str]:
    """The fields to store; "" removes a field. Raises `DoctorError`."""
    if not current:
        raise DoctorError("there is no secret yet to rotate", "create it with `make secrets`")
    next_fields = [field for field in ROTATED if current.get(field.name + NEXT)]
    if step == "begin":
        return _plan_begin(current, next_fields, ask)
    if not next_fields:
        raise DoctorError(
            "no rotation is in progress: there are no next keys", "begin with `make secrets ROTATE=begin`"
        )
    switched = current.get(ROTATION) == SWITCHED  # otherwise it was begun, by this command or by hand
    if step == "switch":
        if switched:
            raise DoctorError("the keys have been switched already", "`make secrets ROTATE=end`")
        promoted = {field.name: current.get(field.name + NEXT, "") for field in next_fields}
        demoted = {field.name + NEXT: current.get(field.name, "") for field in next_fields}
        return promoted | demoted | {ROTATION: SWITCHED}
    if not switched:
        raise DoctorError("the old keys are still in use: nothing was stored", "`make secrets ROTATE=switch` first")
    return _plan_end(current, next_fields, is_revoked)


def _plan_end(current: Mapping[str, str], next_fields: list[SecretField], is_revoked: IsRevoked) -> dict[str, str]:
    old = current.get(AUTH_TOKEN_NEXT.name, "")
    account = current.get(secret_schema.ACCOUNT_SID.name, "")
    if old and is_revoked(account, current.get(AUTH_TOKEN.name, "")):
        remedy = "for an account in another region add TWILIO_API_URL=https://api.EDGE.REGION.twilio.com"
        raise DoctorError(f"Twilio accepts neither {AUTH_TOKEN.name} nor the old one: nothing was stored", remedy)
    if old and not is_revoked(account, old):
        remedy = "promote the secondary one in Twilio's console, then `make secrets ROTATE=end` again"
        raise DoctorError(
            f"Twilio still accepts {AUTH_TOKEN_NEXT.name}, and may sign with it: nothing was stored", remedy
        )
    return {field.name + NEXT: "" for field in next_fields} | {ROTATION: ""}


def _plan_begin(current: Mapping[str, str], next_fields: list[SecretField], ask: AskField) -> dict[str, str]:
    if next_fields:
        names = ", ".join(field.name + NEXT for field in next_fields)
        remedy = f"finish it: `make secrets ROTATE=switch`; to start again, remove {names} from the secret by hand"
        if current.get(ROTATION) == SWITCHED:
            remedy = "finish it: `make secrets ROTATE=end`"
        raise DoctorError(f"a rotation is in progress: there are {names}", remedy)
    auth_token = ask(AUTH_TOKEN_NEXT) or ""
    if auth_token and auth_token == current.get(AUTH_TOKEN.name):
        remedy = "make a secondary auth token in Twilio's console (Account > API keys & tokens)"
        raise DoctorError(f"{AUTH_TOKEN_NEXT.name} is the current token", remedy)
    new_secret = secrets.token_urlsafe(secret_schema.STREAM_TOKEN_BYTES)
    return {AUTH_TOKEN_NEXT.name: auth_token, STREAM_TOKEN_SECRET_NEXT.name: new_secret, ROTATION: BEGUN}


def is_token_revoked(network: Network, api: str, account_sid: str, auth_token: str) -> bool:
    """Whether Twilio has stopped accepting the token. Raises `DoctorError` if it does not say."""
    authorization = "Basic " + base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()
    url = f"{api}/2010-04-01/Accounts/{account_sid}.json"
    status = network.request("GET", url, headers={"Authorization": authorization}).status
    if status not in (200, 401):
        raise DoctorError(f"Twilio did not say whether it still accepts the old token (HTTP {status})", "try again")
    return status == 401
