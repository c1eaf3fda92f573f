"""The webhooks' secret: read again after a while, and kept when it cannot be."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from read_limit import READS, WINDOW_S
from signing_keys import BadSecretError, SigningKeys
from tests.lambdas import secret_in_memory
from webhook_secret import MAX_AGE_S, Secret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

FIRST = {"TWILIO_AUTH_TOKEN": "a", "STREAM_TOKEN_SECRET": "b" * 32}
SECOND = {"TWILIO_AUTH_TOKEN": "c", "STREAM_TOKEN_SECRET": "d" * 32}
OLD, NEW = SigningKeys(("a",), ("b" * 32,)), SigningKeys(("c",), ("d" * 32,))


@pytest.fixture
def client() -> "Iterator[SecretsManagerClient]":
    with secret_in_memory(FIRST) as client:
        yield client


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s

    def until_it_is_old(self) -> None:
        self.now_s += MAX_AGE_S


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_fresh_secret_is_not_read_again(client: "SecretsManagerClient", clock: Clock) -> None:
    secret = Secret(client, "warmline", clock)
    assert secret.keys() == OLD

    client.put_secret_value(SecretId="warmline", SecretString=json.dumps(SECOND))

    assert secret.keys() == OLD


def test_an_old_secret_is_read_again(client: "SecretsManagerClient", clock: Clock) -> None:
    secret = Secret(client, "warmline", clock)
    secret.keys()
    client.put_secret_value(SecretId="warmline", SecretString=json.dumps(SECOND))

    clock.until_it_is_old()

    assert secret.keys() == NEW


def test_a_secret_that_cannot_be_read_any_more_stays_in_use(
    client: "SecretsManagerClient", clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    secret = Secret(client, "warmline", clock)
    secret.keys()
    client.delete_secret(SecretId="warmline", ForceDeleteWithoutRecovery=True)

    clock.until_it_is_old()

    assert secret.keys() == OLD
    assert "stays in use" in caplog.text


def test_a_bad_secret_does_not_replace_a_good_one(
    client: "SecretsManagerClient", clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    secret = Secret(client, "warmline", clock)
    secret.keys()
    client.put_secret_value(SecretId="warmline", SecretString="{}")

    clock.until_it_is_old()

    assert secret.keys() == OLD
    assert "stays in use" in caplog.text


def test_after_a_failure_the_secret_is_not_asked_for_again_at_once(
    client: "SecretsManagerClient", clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    secret = Secret(client, "warmline", clock)
    secret.keys()
    client.put_secret_value(SecretId="warmline", SecretString="{}")
    clock.until_it_is_old()
    for _ in range(3):
        secret.keys()
    failures = len(caplog.records)
    client.put_secret_value(SecretId="warmline", SecretString=json.dumps(SECOND))

    clock.until_it_is_old()

    assert (failures, secret.keys()) == (1, NEW)


def test_a_secret_that_could_never_be_read_is_an_error(client: "SecretsManagerClient") -> None:
    with pytest.raises(ClientError):
        Secret(client, "another").keys()


def test_a_secret_without_its_parts_is_refused(client: "SecretsManagerClient", clock: Clock) -> None:
    client.put_secret_value(SecretId="warmline", SecretString="{}")

    with pytest.raises(BadSecretError, match="TWILIO_AUTH_TOKEN"):
        Secret(client, "warmline", clock).keys()


def store(client: "SecretsManagerClient", **parts: object) -> None:
    client.put_secret_value(SecretId="warmline", SecretString=json.dumps(parts))


def test_a_new_key_is_found_at_once_by_whoever_needs_it(client: "SecretsManagerClient", clock: Clock) -> None:
    secret = Secret(client, "warmline", clock)
    secret.keys()
    store(client, **SECOND)

    assert secret.newer() == NEW
    assert secret.keys() == NEW


def test_whoever_needs_another_key_is_told_that_there_is_none(client: "SecretsManagerClient", clock: Clock) -> None:
    secret = Secret(client, "warmline", clock)
    secret.keys()

    assert secret.newer() is None


def test_many_who_need_another_key_do_not_make_it_be_looked_for_again_and_again(
    client: "SecretsManagerClient", clock: Clock
) -> None:
    secret = Secret(client, "warmline", clock)
    secret.keys()
    for _ in range(READS):
        secret.newer()
    store(client, **SECOND)
    late = secret.newer()
    clock.now_s += WINDOW_S

    assert (late, secret.newer()) == (None, NEW)


def test_garbage_in_place_of_a_next_key_is_told_and_changes_nothing(
    client: "SecretsManagerClient", clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    secret = Secret(client, "warmline", clock)
    store(client, **FIRST, TWILIO_AUTH_TOKEN_NEXT="a s3cret with blanks")

    assert secret.keys().auth_tokens == ("a",)
    (record,) = caplog.records
    assert "TWILIO_AUTH_TOKEN_NEXT" in str(record.__dict__)
    assert "s3cret" not in str(record.__dict__)


@pytest.mark.parametrize("garbage", ["s3cret", "[]", '{"TWILIO_AUTH_TOKEN": "s3cret s3cret"}'])
def test_garbage_that_is_found_out_of_turn_does_not_replace_a_good_key(
    client: "SecretsManagerClient", clock: Clock, caplog: pytest.LogCaptureFixture, garbage: str
) -> None:
    secret = Secret(client, "warmline", clock)
    secret.keys()
    client.put_secret_value(SecretId="warmline", SecretString=garbage)

    assert secret.newer() is None
    assert secret.keys() == OLD
    assert "s3cret" not in caplog.text
