"""The credentials for Twilio: kept when a newer secret cannot be read or is bad."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.lambdas import secret_in_memory
from transfer_secret import MAX_AGE_S, Secret
from transfer_settings import Credentials, SecretError, SettingsError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

FIRST = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "a"}
SECOND = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "b"}


@pytest.fixture
def client() -> "Iterator[SecretsManagerClient]":
    with secret_in_memory(FIRST) as client:
        yield client


def test_a_bad_secret_does_not_replace_a_good_one_and_is_read_again_later(
    client: "SecretsManagerClient", caplog: pytest.LogCaptureFixture
) -> None:
    now_s = [0.0]
    secret = Secret(lambda: client, "warmline", lambda: now_s[0])
    first = secret.credentials()
    client.put_secret_value(SecretId="warmline", SecretString="{}")
    now_s[0] = MAX_AGE_S
    for _ in range(3):
        assert secret.credentials() == first
    client.put_secret_value(SecretId="warmline", SecretString=json.dumps(SECOND))
    now_s[0] += MAX_AGE_S

    assert secret.credentials() == Credentials("AC1", "AC1", "b")
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_changed_secret_is_in_use_within_a_minute(client: "SecretsManagerClient") -> None:
    now_s = [0.0]
    secret = Secret(lambda: client, "warmline", lambda: now_s[0])
    secret.credentials()
    client.put_secret_value(SecretId="warmline", SecretString=json.dumps(SECOND))
    now_s[0] = 60

    assert secret.credentials() == Credentials("AC1", "AC1", "b")


def test_a_secret_that_never_was_good_is_an_error(client: "SecretsManagerClient") -> None:
    with pytest.raises(SecretError):
        Secret(lambda: client, "another").credentials()
    client.put_secret_value(SecretId="warmline", SecretString="{}")
    with pytest.raises(SettingsError, match="TWILIO_ACCOUNT_SID"):
        Secret(lambda: client, "warmline").credentials()
