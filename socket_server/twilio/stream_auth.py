"""Who may open a stream: Twilio's signature on the handshake, then the token of the call.

The keys of both may change at any time, and there may be two of each: both are accepted.

The signature shows that Twilio connects. The token shows for which call, and can be used once: voice_webhook issues it
in `<Parameter name="token">`. Sources: https://www.twilio.com/docs/usage/security and what others report of the
handshake: Twilio signs the wss URL as written in the TwiML, without parameters; some report a slash at its end.
"""

import hmac
import logging
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import jwt
from twilio.request_validator import RequestValidator

from signing_keys import SigningKeys
from socket_server.core.errors import TokenError, TokenSignatureError

AUDIENCE = "media-stream"
# How long a stream's token may be good after its secret has gone: a webhook may believe in that for a minute more, and
# what it issues then is good for two.
FORMER_SECONDS = 240.0

SIGNATURE = re.compile("[A-Za-z0-9+/]{27}=")  # SHA-1 in base64

log = logging.getLogger(__name__)


async def _nowhere() -> None:
    """There is no place where newer keys could be read."""


class StreamAuth:
    """Checks with the current keys. If none fits, `reread` looks for newer keys and learns them."""

    def __init__(
        self,
        keys: SigningKeys,
        stream_url: str,
        reread: Callable[[], Awaitable[None]] = _nowhere,
        clock: Callable[[], float] = time.monotonic,
        next_stream_url: str = "",
    ) -> None:
        """`next_stream_url`: another one that is good too, while the address is changed."""
        self.reread = reread
        self._stream_urls = tuple(filter(None, (stream_url, next_stream_url)))
        self._clock = clock
        self._former: dict[str, float] = {}
        """Secrets of tokens that have gone, and how long they are good."""
        self._keys = keys
        self._signatures = Signatures(keys.auth_tokens, *self._stream_urls)

    def learn(self, keys: SigningKeys) -> None:
        """These are the keys now."""
        for fault in keys.ignored:
            log.error("a next key is bad, and not in use: %s", fault)
        if (keys.auth_tokens, keys.stream_token_secrets) == (self._keys.auth_tokens, self._keys.stream_token_secrets):
            return
        log.info("the signing keys have changed")
        now = self._clock()
        gone = set(self._keys.stream_token_secrets) - set(keys.stream_token_secrets)
        still_good = {secret: until for secret, until in self._former.items() if now < until}
        self._former = still_good | dict.fromkeys(gone, now + FORMER_SECONDS)
        self._keys = keys
        self._signatures = Signatures(keys.auth_tokens, *self._stream_urls)

    async def is_signed(self, signature: str | None) -> bool:
        """Whether Twilio signed the handshake; where no known token did, after a look for newer ones."""
        if self._signatures.verify(signature):
            return True
        if not may_be_signed(signature):
            return False
        await self.reread()
        return self._signatures.verify(signature)

    async def verify_token(self, token: str, call_sid: str) -> "VerifiedToken":
        """What a good token says; TokenError for any other."""
        try:
            return read_token(token, call_sid, self._list_token_secrets())
        except TokenSignatureError:
            await self.reread()
            return read_token(token, call_sid, self._list_token_secrets())

    def _list_token_secrets(self) -> list[str]:
        now = self._clock()
        return [*self._keys.stream_token_secrets, *(each for each, until in self._former.items() if now < until)]


def may_be_signed(signature: str | None) -> bool:
    """Whether what came as the signature could be one at all."""
    return signature is not None and SIGNATURE.fullmatch(signature) is not None


class Signatures:
    """Checks `X-Twilio-Signature` of a handshake against the public URLs."""

    def __init__(self, auth_tokens: Sequence[str], *stream_urls: str) -> None:
        signers = [RequestValidator(token).compute_signature for token in auth_tokens]
        signed = [url + slash for url in stream_urls for slash in ("", "/")]
        self._good = [sign(url, {}).encode() for sign in signers for url in signed]

    def verify(self, signature: str | None) -> bool:
        came = (signature or "").encode()
        return any(hmac.compare_digest(good, came) for good in self._good)


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """The content of a valid token."""

    jti: str
    again: bool
    """The call has had a stream before this one."""


def read_token(token: str, call_sid: str, secrets: Sequence[str]) -> VerifiedToken:
    """TokenError unless the token is whole, fresh and for this call; TokenSignatureError: by none of these secrets."""
    if not token:
        raise TokenError("no token")
    for secret in secrets:
        try:
            return _read_token(token, call_sid, secret)
        except TokenSignatureError:
            continue
    raise TokenSignatureError("InvalidSignatureError: Signature verification failed")


def _read_token(token: str, call_sid: str, secret: str) -> VerifiedToken:
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            audience=AUDIENCE,
            # A clock that is a second behind the webhook's must not refuse a caller; how old a token may be is `exp`'s.
            options={"require": ["aud", "sub", "jti", "iat", "exp"], "verify_iat": False},
        )
    except jwt.InvalidSignatureError as error:
        raise TokenSignatureError(f"{type(error).__name__}: {error}") from None
    except jwt.PyJWTError as error:
        raise TokenError(f"{type(error).__name__}: {error}") from None
    if claims["sub"] != call_sid:
        raise TokenError("the token is for another call")
    return VerifiedToken(str(claims["jti"]), claims.get("again") is True)
