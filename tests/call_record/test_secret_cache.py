"""A secret that is kept: read again after a while, and kept when it cannot be."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from aws_lambda_powertools import Logger

from read_limit import READS, WINDOW_S
from secret_cache import MAX_AGE_S, SecretCache, SecretError
from signing_keys import BadSecretError, SigningKeys, parse_signing_keys
from tests.lambdas import run_secret

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

FIRST = {"TWILIO_AUTH_TOKEN": "a", "STREAM_TOKEN_SECRET": "b" * 32}
SECOND = {"TWILIO_AUTH_TOKEN": "c", "STREAM_TOKEN_SECRET": "d" * 32}
OLD, NEW = SigningKeys(("a",), ("b" * 32,)), SigningKeys(("c",), ("d" * 32,))


@pytest.fixture
def client() -> "Iterator[SecretsManagerClient]":
    with run_secret(FIRST) as client:
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


def make_cache(client: "SecretsManagerClient", clock: Clock) -> SecretCache[SigningKeys]:
    logger = Logger(service="test_secret_cache")
    return SecretCache(lambda: client, "warmline", parse_signing_keys, logger, clock)


def test_a_fresh_secret_is_not_read_again(client: "SecretsManagerClient", clock: Clock) -> None:
    secret = make_cache(client, clock)
    assert secret.get() == OLD

    client.put_secret_value(SecretId="warmline", SecretString=json.dumps(SECOND))

    assert secret.get() == OLD


def test_an_old_secret_is_read_again(client: "SecretsManagerClient", clock: Clock) -> None:
    secret = make_cache(client, clock)
    secret.get()
    client.put_secret_value(SecretId="warmline", SecretString=json.dumps(SECOND))

    clock.until_it_is_old()

    assert secret.get() == NEW


def test_a_secret_that_cannot_be_read_any_more_stays_in_use(
    client: "SecretsManagerClient", clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    secret = make_cache(client, clock)
    secret.get()
    client.delete_secret(SecretId="warmline", ForceDeleteWithoutRecovery=True)

    clock.until_it_is_old()

    assert secret.get() == OLD
    assert "stays in use" in caplog.text


def test_a_bad_secret_does_not_replace_a_good_one(
    client: "SecretsManagerClient", clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    secret = make_cache(client, clock)
    secret.get()
    client.put_secret_value(SecretId="warmline", SecretString="{}")

    clock.until_it_is_old()

    assert secret.get() == OLD
    assert "stays in use" in caplog.text


def test_after_a_failure_the_secret_is_not_asked_for_again_at_once(
    client: "SecretsManagerClient", clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    secret = make_cache(client, clock)
    secret.get()
    client.put_secret_value(SecretId="warmline", SecretString="{}")
    clock.until_it_is_old()
    for _ in range(3):
        secret.get()
    failures = len(caplog.records)
    client.put_secret_value(SecretId="warmline", SecretString=json.dumps(SECOND))

    clock.until_it_is_old()

    assert (failures, secret.get()) == (1, NEW)


def test_a_secret_that_could_never_be_read_is_an_error(client: "SecretsManagerClient") -> None:
    with pytest.raises(SecretError):
        SecretCache(lambda: client, "another", parse_signing_keys, Logger(service="test")).get()


def test_a_secret_without_its_parts_is_refused(client: "SecretsManagerClient", clock: Clock) -> None:
    client.put_secret_value(SecretId="warmline", SecretString="{}")

    with pytest.raises(BadSecretError, match="TWILIO_AUTH_TOKEN"):
        make_cache(client, clock).get()


def store(client: "SecretsManagerClient", **parts: object) -> None:
    client.put_secret_value(SecretId="warmline", SecretString=json.dumps(parts))


def test_a_new_key_is_found_at_once_by_whoever_needs_it(client: "SecretsManagerClient", clock: Clock) -> None:
    secret = make_cache(client, clock)
    secret.get()
    store(client, **SECOND)

    assert secret.read_newer() == NEW
    assert secret.get() == NEW


def test_whoever_needs_another_key_is_told_that_there_is_none(client: "SecretsManagerClient", clock: Clock) -> None:
    secret = make_cache(client, clock)
    secret.get()

    assert secret.read_newer() is None


def test_many_who_need_another_key_do_not_make_it_be_looked_for_again_and_again(
    client: "SecretsManagerClient", clock: Clock
) -> None:
    secret = make_cache(client, clock)
    secret.get()
    for _ in range(READS):
        secret.read_newer()
    store(client, **SECOND)
    late = secret.read_newer()
    clock.now_s += WINDOW_S

    assert (late, secret.read_newer()) == (None, NEW)


@pytest.mark.parametrize("garbage", ["s3cret", "[]", '{"TWILIO_AUTH_TOKEN": "s3cret s3cret"}'])
def test_garbage_that_is_found_out_of_turn_does_not_replace_a_good_key(
    client: "SecretsManagerClient", clock: Clock, caplog: pytest.LogCaptureFixture, garbage: str
) -> None:
    secret = make_cache(client, clock)
    secret.get()
    client.put_secret_value(SecretId="warmline", SecretString=garbage)

    assert secret.read_newer() is None
    assert secret.get() == OLD
    assert "s3cret" not in caplog.text
