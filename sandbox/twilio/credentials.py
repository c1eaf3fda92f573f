"""Who asks Twilio's REST API? HTTP basic authentication with the account's own token, or with an API key.

https://www.twilio.com/docs/usage/requests-to-twilio#credentials. Simpler than Twilio: every key may do everything.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping

from starlette.requests import Request

from sandbox.twilio import errors
from sandbox.twilio.errors import RestError


def authenticate(request: Request, account_sid: str, credentials: Mapping[str, str]) -> None:
    """Raises `RestError` unless one of the credentials came along and the path is the account's, if it names one."""
    user, password = _read_credentials(request)
    expected = credentials.get(user)
    if expected is None or not secrets.compare_digest(expected.encode(), password.encode()):
        raise RestError(401, errors.UNAUTHENTICATED, "Authenticate")
    if request.path_params.get("account", account_sid) != account_sid:
        raise RestError(401, errors.UNAUTHENTICATED, "Authenticate")


def _read_credentials(request: Request) -> tuple[str, str]:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise RestError(401, errors.UNAUTHENTICATED, "Authentication Error - No credentials provided")
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise RestError(401, errors.UNAUTHENTICATED, "Authentication Error - invalid credentials") from error
    return user, password
