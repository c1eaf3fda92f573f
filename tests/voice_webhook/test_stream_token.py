"""The stream's token: for one call, for two minutes, and different each time."""

import jwt
import pytest

from stream_token import AUDIENCE, issue_token

CALL, SECRET = "CA" + "1" * 32, "s" * 32


@pytest.mark.parametrize("again", [False, True])
def test_a_token_names_the_call_and_the_stream_for_two_minutes(again: bool) -> None:
    token = issue_token(CALL, SECRET, 1_800_000_000.9, again=again)

    claims = jwt.decode(
        token.text, SECRET, algorithms=["HS256"], audience=AUDIENCE, options={"verify_exp": False, "verify_iat": False}
    )
    assert claims == {
        "aud": "media-stream",
        "sub": CALL,
        "jti": token.jti,
        "again": again,
        "iat": 1_800_000_000,
        "exp": 1_800_000_120,
    }


def test_two_tokens_are_never_the_same() -> None:
    assert issue_token(CALL, SECRET, 0).jti != issue_token(CALL, SECRET, 0).jti


def test_a_token_of_another_secret_is_refused() -> None:
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(issue_token(CALL, SECRET, 0).text, "t" * 32, algorithms=["HS256"], audience=AUDIENCE)


def test_the_text_does_not_show_in_a_repr() -> None:
    token = issue_token(CALL, SECRET, 0)

    assert token.text not in repr(token)
