"""Who may open a stream."""

import time
from typing import Any

import jwt
import pytest

from socket_server.admission import Admitted, Signatures, read_token
from socket_server.errors import TokenError

URL = "wss://example.com/media"
SECRET = "0123456789abcdef0123456789abcdef"


def token(secret: str = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    now = int(time.time())
    claims = {"aud": "media-stream", "sub": "CA1", "jti": "j1", "iat": now, "exp": now + 120} | changes
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, secret, algorithm)


# Computed with twilio 9.13.0 for the URL as it is, and with a slash at its end.
@pytest.mark.parametrize("signature", ["7PR3qMkpDyEJtMrVOY/LDyNq8J8=", "T+WBXwUXC0/CyoZ1DA+p9ilZORs="])
def test_the_signature_of_the_public_url_is_valid(signature: str) -> None:
    assert Signatures("12345", URL).valid(signature)


@pytest.mark.parametrize("signature", [None, "", "x", "7PR3qMkpDyEJtMrVOY/LDyNq8J8", "ü"])
def test_any_other_signature_is_not(signature: str | None) -> None:
    assert not Signatures("12345", URL).valid(signature)


def test_a_signature_for_another_url_is_not_valid() -> None:
    assert not Signatures("12345", "wss://example.com/other").valid("7PR3qMkpDyEJtMrVOY/LDyNq8J8=")


def test_a_good_token_gives_its_identifier() -> None:
    assert read_token(token(), "CA1", SECRET) == Admitted("j1", again=False)


@pytest.mark.parametrize(("claim", "again"), [(True, True), (False, False), (None, False), ("true", False), (1, False)])
def test_a_token_says_whether_the_call_had_a_stream_before(claim: object, again: bool) -> None:
    assert read_token(token(again=claim), "CA1", SECRET).again is again


def test_a_token_minted_by_a_clock_that_is_ahead_is_good() -> None:
    ahead = int(time.time()) + 30
    assert read_token(token(iat=ahead, exp=ahead + 120), "CA1", SECRET) == Admitted("j1", again=False)


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
        read_token(token(**changes), "CA1", SECRET)


def test_an_unsigned_token_is_refused() -> None:
    with pytest.raises(TokenError, match="InvalidAlgorithmError"):
        read_token(token("", "none"), "CA1", SECRET)


@pytest.mark.parametrize(("text", "why"), [("", "no token"), ("x", "DecodeError"), ("a.b.c", "DecodeError")])
def test_text_that_is_no_token_is_refused(text: str, why: str) -> None:
    with pytest.raises(TokenError, match=why):
        read_token(text, "CA1", SECRET)


def test_the_reason_holds_nothing_of_the_token() -> None:
    bad = token(exp=1)

    with pytest.raises(TokenError) as refused:
        read_token(bad, "CA1", SECRET)

    assert not any(part in str(refused.value) for part in bad.split("."))
