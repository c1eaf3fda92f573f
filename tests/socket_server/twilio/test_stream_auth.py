"""Who may open a stream."""

import time
from typing import Any

import jwt
import pytest
from twilio.request_validator import RequestValidator

from signing_keys import SigningKeys
from socket_server.core.errors import TokenError, TokenSignatureError
from socket_server.twilio.stream_auth import FORMER_SECONDS, Signatures, StreamAuth, VerifiedToken, read_token

URL = "wss://example.com/media"
SECRET = "0123456789abcdef0123456789abcdef"


def token(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    now = int(time.time())
    claims = {"aud": "media-stream", "sub": "CA1", "jti": "j1", "iat": now, "exp": now + 120} | changes
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, secret, algorithm)


# Computed with twilio 9.13.0 for the URL as it is, and with a slash at its end.
@pytest.mark.parametrize("signature", ["7PR3qMkpDyEJtMrVOY/LDyNq8J8=", "T+WBXwUXC0/CyoZ1DA+p9ilZORs="])
def test_the_signature_of_the_public_url_is_valid(signature: str) -> None:
    assert Signatures(["12345"], URL).verify(signature)


@pytest.mark.parametrize("signature", [None, "", "x", "7PR3qMkpDyEJtMrVOY/LDyNq8J8", "ü"])
def test_any_other_signature_is_not(signature: str | None) -> None:
    assert not Signatures(["12345"], URL).verify(signature)


def test_a_signature_for_another_url_is_not_valid() -> None:
    assert not Signatures(["12345"], "wss://example.com/other").verify("7PR3qMkpDyEJtMrVOY/LDyNq8J8=")


async def test_either_of_two_public_urls_is_good_after_a_change_of_keys_too() -> None:
    following = "wss://calls.example.com/media"
    auth = StreamAuth(SigningKeys(("old",), (SECRET,)), URL, next_stream_url=following)

    for keys in (SigningKeys(("old",), (SECRET,)), SigningKeys(("new",), (SECRET,))):
        auth.learn(keys)
        sign = RequestValidator(keys.auth_tokens[0]).compute_signature
        assert [await auth.is_signed(sign(url, {})) for url in (URL, following, f"{following}/")] == [True] * 3
        assert not await auth.is_signed(sign("wss://example.org/media", {}))


def test_a_good_token_gives_its_identifier() -> None:
    assert read_token(token(), "CA1", [SECRET]) == VerifiedToken("j1", again=False)


@pytest.mark.parametrize(("claim", "again"), [(True, True), (False, False), (None, False), ("true", False), (1, False)])
def test_a_token_says_whether_the_call_had_a_stream_before(claim: object, again: bool) -> None:
    assert read_token(token(again=claim), "CA1", [SECRET]).again is again


def test_a_token_issued_by_a_clock_that_is_ahead_is_good() -> None:
    ahead = int(time.time()) + 30
    assert read_token(token(iat=ahead, exp=ahead + 120), "CA1", [SECRET]) == VerifiedToken("j1", again=False)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exp": 1}, "ExpiredSignatureError"),
        ({"aud": "other"}, "InvalidAudienceError"),
        ({"aud": None}, "MissingRequiredClaimError"),
        ({"sub": None}, "MissingRequiredClaimError"),
        ({"jti": None}, "MissingRequiredClaimError"),
        ({"iat": None}, "MissingRequiredClaimError"),
        ({"exp": None}, "MissingRequiredClaimError"),
        ({"exp": "soon"}, "DecodeError"),
        ({"jti": 7}, "InvalidJTIError"),
        ({"sub": 7}, "InvalidSubjectError"),
        ({"sub": "CA2"}, "the token is for another call"),
        ({"secret": SECRET[::-1]}, "InvalidSignatureError"),
        ({"algorithm": "HS512", "secret": SECRET * 2}, "InvalidAlgorithmError"),
    ],
)
def test_any_other_token_is_refused_with_the_reason(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(TokenError, match=why):
        read_token(token(**changes), "CA1", [SECRET])


def test_an_unsigned_token_is_refused() -> None:
    with pytest.raises(TokenError, match="InvalidAlgorithmError"):
        read_token(token("", "none"), "CA1", [SECRET])


@pytest.mark.parametrize(("text", "why"), [("", "no token"), ("x", "DecodeError"), ("a.b.c", "DecodeError")])
def test_text_that_is_no_token_is_refused(text: str, why: str) -> None:
    with pytest.raises(TokenError, match=why):
        read_token(text, "CA1", [SECRET])


def test_the_reason_holds_nothing_of_the_token() -> None:
    bad = token(exp=1)

    with pytest.raises(TokenError) as refused:
        read_token(bad, "CA1", [SECRET])

    assert not any(part in str(refused.value) for part in bad.split("."))


LATER = SECRET[::-1]
NOW, BOTH, THEN = (
    SigningKeys(("12345",), (SECRET,)),
    SigningKeys(("12345", "67890"), (SECRET, LATER)),
    SigningKeys(("67890",), (LATER,)),
)


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Secret:
    """Where newer keys are."""

    def __init__(self, keys: SigningKeys, newer: SigningKeys) -> None:
        self.asked = 0
        self.clock = Clock()
        self.stream_auth = StreamAuth(keys, URL, self.reread, self.clock)
        self._newer = newer

    async def reread(self) -> None:
        self.asked += 1
        self.stream_auth.learn(self._newer)


def signed(auth_token: str) -> str:
    return str(RequestValidator(auth_token).compute_signature(URL, {}))


async def test_either_of_two_keys_is_good() -> None:
    secret = Secret(BOTH, BOTH)

    assert [await secret.stream_auth.is_signed(signed(each)) for each in ("12345", "67890")] == [True, True]
    assert [(await secret.stream_auth.verify_token(token(each), "CA1")).jti for each in (SECRET, LATER)] == ["j1", "j1"]
    assert secret.asked == 0


async def test_a_key_that_is_not_known_yet_is_looked_for_before_anybody_is_refused() -> None:
    by_signature, by_token = Secret(NOW, THEN), Secret(NOW, THEN)

    assert await by_signature.stream_auth.is_signed(signed("67890"))
    assert (await by_token.stream_auth.verify_token(token(LATER), "CA1")).jti == "j1"
    assert (by_signature.asked, by_token.asked) == (1, 1)


async def test_whoever_no_key_has_signed_is_refused_after_a_look() -> None:
    secret = Secret(NOW, NOW)

    assert not await secret.stream_auth.is_signed(signed("another"))
    with pytest.raises(TokenSignatureError, match="InvalidSignatureError"):
        await secret.stream_auth.verify_token(token("x" * 32), "CA1")
    assert secret.asked == 2


@pytest.mark.parametrize("signature", [None, "", "x", "x" * 28, "\u00fc" * 28, "x" * 27 + "=="])
async def test_what_cannot_be_a_signature_is_no_reason_to_look(signature: str | None) -> None:
    secret = Secret(NOW, NOW)

    assert not await secret.stream_auth.is_signed(signature)
    assert secret.asked == 0


@pytest.mark.parametrize("bad", [token(exp=1), token(sub="CA2"), "x", ""])
async def test_a_token_that_is_bad_for_another_reason_is_no_reason_to_look(bad: str) -> None:
    secret = Secret(NOW, NOW)

    with pytest.raises(TokenError):
        await secret.stream_auth.verify_token(bad, "CA1")
    assert secret.asked == 0


async def test_a_stream_s_token_outlives_its_secret_and_a_signature_does_not() -> None:
    """A webhook may still issue with the old secret for a minute more; Twilio signs with one auth token only."""
    secret = Secret(NOW, THEN)
    secret.stream_auth.learn(THEN)
    secret.clock.now_s = FORMER_SECONDS - 1

    assert not await secret.stream_auth.is_signed(signed("12345"))
    assert (await secret.stream_auth.verify_token(token(), "CA1")).jti == "j1"
    secret.stream_auth.learn(SigningKeys(("67890",), ("z" * 32,)))  # the first one is not renewed by another change
    secret.clock.now_s = FORMER_SECONDS
    assert (await secret.stream_auth.verify_token(token(LATER), "CA1")).jti == "j1"
    with pytest.raises(TokenSignatureError):
        await secret.stream_auth.verify_token(token(), "CA1")


def test_no_key_shows_when_keys_change(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    stream_auth = Secret(NOW, THEN).stream_auth
    stream_auth.learn(
        SigningKeys(("67890",), (LATER,), ("the secret: expected text under TWILIO_AUTH_TOKEN_NEXT, got int",))
    )
    stream_auth.learn(THEN)

    assert [record.levelname for record in caplog.records] == ["ERROR", "INFO"]
    assert not any(key in f"{caplog.text} {stream_auth!r}" for key in ("12345", "67890", SECRET, LATER))
