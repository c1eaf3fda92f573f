"""The webhooks' secret: read again after a while, and kept when it cannot be."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError

from tests.lambdas import secret_in_memory
from webhook_secret import MAX_AGE_S, Secret
from webhook_settings import Credentials, SettingsError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

FIRST = {"TWILIO_AUTH_TOKEN": "a", "STREAM_TOKEN_SECRET": "b"}
SECOND = {"TWILIO_AUTH_TOKEN": "c", "STREAM_TOKEN_SECRET": "d"}


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
    assert secret.credentials() == Credentials("a", "b")

    client.put_secret_value(SecretId="warmline", SecretString=json.dumps(SECOND))

    assert secret.credentials() == Credentials("a", "b")


def test_an_old_secret_is_read_again(client: "SecretsManagerClient", clock: Clock) -> None:
    secret = Secret(client, "warmline", clock)
    secret.credentials()
    client.put_secret_value(SecretId="warmline", SecretString=json.dumps(SECOND))

    clock.until_it_is_old()

    assert secret.credentials() == Credentials("c", "d")


def test_a_secret_that_cannot_be_read_any_more_stays_in_use(
    client: "SecretsManagerClient", clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    secret = Secret(client, "warmline", clock)
    secret.credentials()
    client.delete_secret(SecretId="warmline", ForceDeleteWithoutRecovery=True)

    clock.until_it_is_old()

    assert secret.credentials() == Credentials("a", "b")
    assert "stays in use" in caplog.text


def test_a_bad_secret_does_not_replace_a_good_one(
    client: "SecretsManagerClient", clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    secret = Secret(client, "warmline", clock)
    secret.credentials()
    client.put_secret_value(SecretId="warmline", SecretString="{}")

    clock.until_it_is_old()

    assert secret.credentials() == Credentials("a", "b")
    assert "stays in use" in caplog.text


def test_after_a_failure_the_secret_is_not_asked_for_again_at_once(
    client: "SecretsManagerClient", clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    secret = Secret(client, "warmline", clock)
    secret.credentials()
    client.put_secret_value(SecretId="warmline", SecretString="{}")
    clock.until_it_is_old()
    for _ in range(3):
        secret.credentials()
    failures = len(caplog.records)
    client.put_secret_value(SecretId="warmline", SecretString=json.dumps(SECOND))

    clock.until_it_is_old()

    assert (failures, secret.credentials()) == (1, Credentials("c", "d"))


def test_a_secret_that_could_never_be_read_is_an_error(client: "SecretsManagerClient") -> None:
    with pytest.raises(ClientError):
        Secret(client, "another").credentials()


def test_a_secret_without_its_parts_is_refused(client: "SecretsManagerClient", clock: Clock) -> None:
    client.put_secret_value(SecretId="warmline", SecretString="{}")

    with pytest.raises(SettingsError, match="TWILIO_AUTH_TOKEN"):
        Secret(client, "warmline", clock).credentials()
