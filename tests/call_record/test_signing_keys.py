"""The keys in Twilio's secret: one or two of each, whatever else is in it, and never a value in a message."""

import json

import pytest

from signing_keys import BadSecretError, SigningKeys, parse_signing_keys

NOW, LATER = "n" * 32, "l" * 32
GOOD = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "token", "STREAM_TOKEN_SECRET": NOW}


def read(**parts: object) -> SigningKeys:
    return parse_signing_keys(json.dumps(GOOD | parts))


def test_without_a_next_key_there_is_one_of_each() -> None:
    assert read() == SigningKeys(("token",), (NOW,))


def test_the_next_keys_come_after_the_present_ones() -> None:
    keys = read(TWILIO_AUTH_TOKEN_NEXT="other", STREAM_TOKEN_SECRET_NEXT=LATER)

    assert keys == SigningKeys(("token", "other"), (NOW, LATER))


@pytest.mark.parametrize("nothing", [None, "", "token"])
def test_a_next_key_that_is_nothing_new_is_none(nothing: object) -> None:
    assert read(TWILIO_AUTH_TOKEN_NEXT=nothing) == SigningKeys(("token",), (NOW,))


def test_a_blank_around_a_key_is_no_part_of_it() -> None:
    keys = read(TWILIO_AUTH_TOKEN=" token\n", STREAM_TOKEN_SECRET_NEXT=f"{LATER} ")

    assert keys == SigningKeys(("token",), (NOW, LATER))


@pytest.mark.parametrize(
    ("name", "garbage"),
    [
        ("TWILIO_AUTH_TOKEN_NEXT", 7),
        ("TWILIO_AUTH_TOKEN_NEXT", "  "),
        ("TWILIO_AUTH_TOKEN_NEXT", ["x"]),
        ("TWILIO_AUTH_TOKEN_NEXT", "two words"),
        ("TWILIO_AUTH_TOKEN_NEXT", "\ud800"),
        ("STREAM_TOKEN_SECRET_NEXT", "short"),
        ("STREAM_TOKEN_SECRET_NEXT", "\ud800" * 32),
        ("STREAM_TOKEN_SECRET_NEXT", {"a": 1}),
    ],
)
def test_a_bad_next_key_is_named_and_leaves_the_present_one_in_use(name: str, garbage: object) -> None:
    keys = read(**{name: garbage})

    assert (keys.auth_tokens, keys.stream_token_secrets) == (("token",), (NOW,))
    (fault,) = keys.ignored
    assert name in fault
    assert str(garbage).strip() not in fault or not str(garbage).strip()


@pytest.mark.parametrize(
    ("secret", "words"),
    [
        ("not json: s3cret", "expected a JSON object, got none"),
        ("[" * 100_000, "expected a JSON object, got none"),
        ("[]", "expected a JSON object, got list"),
        (None, "expected a JSON object"),
        ("{}", "expected text under TWILIO_AUTH_TOKEN, got NoneType"),
        ('{"TWILIO_AUTH_TOKEN": 7}', "expected text under TWILIO_AUTH_TOKEN, got int"),
        ('{"TWILIO_AUTH_TOKEN": "a s3cret"}', "expected printable ASCII without spaces under TWILIO_AUTH_TOKEN"),
        ('{"TWILIO_AUTH_TOKEN": "t", "STREAM_TOKEN_SECRET": ""}', "expected text under STREAM_TOKEN_SECRET"),
        (
            '{"TWILIO_AUTH_TOKEN": "t", "STREAM_TOKEN_SECRET": "s3cret"}',
            "expected at least 32 bytes of printable text under STREAM_TOKEN_SECRET",
        ),
    ],
)
def test_a_bad_secret_is_refused_by_the_name_of_its_part(secret: str | None, words: str) -> None:
    with pytest.raises(BadSecretError, match=words) as refused:
        parse_signing_keys(secret)

    assert "s3cret" not in str(refused.value)


def test_no_key_shows() -> None:
    assert repr(read(TWILIO_AUTH_TOKEN_NEXT="other")) == "SigningKeys(ignored=())"


def test_shared_keys_are_optional_and_a_bad_one_is_not_used() -> None:
    assert read().shared_keys == ()
    assert read(TWILIO_SHARED_KEY="one", TWILIO_SHARED_KEY_NEXT="two").shared_keys == ("one", "two")

    bad = read(TWILIO_SHARED_KEY=7, TWILIO_SHARED_KEY_NEXT="two")

    assert (bad.shared_keys, bad.auth_tokens) == (("two",), ("token",))
    assert bad.ignored == ("the secret: expected text under TWILIO_SHARED_KEY, got int",)
