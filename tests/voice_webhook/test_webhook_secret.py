"""The webhooks' secret: read again after a while, and kept when it cannot be."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from moto import mock_aws

from webhook_secret import MAX_AGE_S, Secret
from webhook_settings import Credentials, SettingsError

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

FIRST = {"TWILIO_AUTH_TOKEN": "a", "STREAM_TOKEN_SECRET": "b"}
SECOND = {"TWILIO_AUTH_TOKEN": "c", "STREAM_TOKEN_SECRET": "d"}


@pytest.fixture
def client() -> "Iterator[SecretsManagerClient]":
    with mock_aws():
        client = boto3.client(
            "secretsmanager", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
        )
        client.create_secret(Name="warmline", SecretString=json.dumps(FIRST))
        yield client


@pytest.fixture
def provider(client: "SecretsManagerClient") -> SecretsProvider:
    return SecretsProvider(boto3_client=client)


def test_a_fresh_secret_is_not_read_again(client: "SecretsManagerClient", provider: SecretsProvider) -> None:
    secret = Secret(provider, "warmline")
    assert secret.credentials() == Credentials("a", "b")

    client.put_secret_value(SecretId="warmline", SecretString=json.dumps(SECOND))

    assert secret.credentials() == Credentials("a", "b")


def test_an_old_secret_is_read_again(client: "SecretsManagerClient", provider: SecretsProvider) -> None:
    secret = Secret(provider, "warmline")
    secret.credentials()
    client.put_secret_value(SecretId="warmline", SecretString=json.dumps(SECOND))

    provider.clear_cache()  # type: ignore[no-untyped-call]

    assert secret.credentials() == Credentials("c", "d")


def test_a_secret_that_cannot_be_read_any_more_stays_in_use(
    client: "SecretsManagerClient", provider: SecretsProvider, caplog: pytest.LogCaptureFixture
) -> None:
    secret = Secret(provider, "warmline")
    secret.credentials()
    client.delete_secret(SecretId="warmline", ForceDeleteWithoutRecovery=True)

    provider.clear_cache()  # type: ignore[no-untyped-call]

    assert secret.credentials() == Credentials("a", "b")
    assert "stays in use" in caplog.text


def test_a_bad_secret_does_not_replace_a_good_one(
    client: "SecretsManagerClient", provider: SecretsProvider, caplog: pytest.LogCaptureFixture
) -> None:
    secret = Secret(provider, "warmline")
    secret.credentials()
    client.put_secret_value(SecretId="warmline", SecretString="{}")

    provider.clear_cache()  # type: ignore[no-untyped-call]

    assert secret.credentials() == Credentials("a", "b")
    assert "stays in use" in caplog.text


def test_after_a_failure_the_secret_is_not_asked_for_again_at_once(
    client: "SecretsManagerClient", provider: SecretsProvider, caplog: pytest.LogCaptureFixture
) -> None:
    now_s = [0.0]
    secret = Secret(provider, "warmline", lambda: now_s[0])
    secret.credentials()
    client.put_secret_value(SecretId="warmline", SecretString="{}")
    for _ in range(3):
        provider.clear_cache()  # type: ignore[no-untyped-call]
        secret.credentials()
    failures = len(caplog.records)
    client.put_secret_value(SecretId="warmline", SecretString=json.dumps(SECOND))
    now_s[0] = MAX_AGE_S

    provider.clear_cache()  # type: ignore[no-untyped-call]

    assert (failures, secret.credentials()) == (1, Credentials("c", "d"))


def test_a_secret_that_could_never_be_read_is_an_error(provider: SecretsProvider) -> None:
    with pytest.raises(GetParameterError):
        Secret(provider, "another").credentials()


def test_a_secret_without_its_parts_is_refused(client: "SecretsManagerClient", provider: SecretsProvider) -> None:
    client.put_secret_value(SecretId="warmline", SecretString="{}")

    with pytest.raises(SettingsError, match="TWILIO_AUTH_TOKEN"):
        Secret(provider, "warmline").credentials()
