"""Who may open a stream: Twilio's signature on the handshake, then the token of the call.

The signature says that Twilio dials; the token, minted by voice_webhook and carried in `<Parameter name="token">`, says
for which call, once. Sources: https://www.twilio.com/docs/usage/security and facts of the handshake observed live:
Twilio signs the wss URL as written in the TwiML, without parameters; some report a slash at its end.
"""

import hmac
from dataclasses import dataclass

import jwt
from twilio.request_validator import RequestValidator

from socket_server.errors import TokenError

AUDIENCE = "media-stream"


class Signatures:
    """Checks `X-Twilio-Signature` of a handshake against the one public URL."""

    def __init__(self, auth_token: str, stream_url: str) -> None:
        sign = RequestValidator(auth_token).compute_signature
        self._good = [sign(url, {}).encode() for url in (stream_url, f"{stream_url}/")]

    def valid(self, signature: str | None) -> bool:
        came = (signature or "").encode()
        return any(hmac.compare_digest(good, came) for good in self._good)


@dataclass(frozen=True, slots=True)
class Admitted:
    """What a good token says."""

    jti: str
    again: bool
    """The call has had a stream before this one."""


def read_token(token: str, call_sid: str, secret: str) -> Admitted:
    """TokenError unless the token is whole, fresh and for this call."""
    if not token:
        raise TokenError("no token")
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            audience=AUDIENCE,
            # A clock that is a second behind the webhook's must not refuse a caller; how old a token may be is `exp`'s.
            options={"require": ["aud", "sub", "jti", "iat", "exp"], "verify_iat": False},
        )
    except jwt.PyJWTError as error:
        raise TokenError(f"{type(error).__name__}: {error}") from None
    if claims["sub"] != call_sid:
        raise TokenError("the token is for another call")
    return Admitted(str(claims["jti"]), claims.get("again") is True)
