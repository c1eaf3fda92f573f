"""Clients of AWS: like boto3's, and nothing secret in what is read ahead for a snapshot."""

from collections.abc import Iterator

import pytest
from botocore.config import Config

import aws_clients


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session of its own."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    aws_clients.session.cache_clear()
    yield
    aws_clients.session.cache_clear()


def test_a_client_has_its_settings_and_shares_its_session() -> None:
    first = aws_clients.client("secretsmanager", Config(read_timeout=7))

    assert (first.meta.service_model.service_name, first.meta.config.read_timeout) == ("secretsmanager", 7)
    assert aws_clients.session() is aws_clients.session()


def test_what_was_read_ahead_knows_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "BEFORE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "before")
    aws_clients.read_ahead("secretsmanager", "dynamodb")

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AFTER")
    client = aws_clients.client("secretsmanager", Config())

    url = client.generate_presigned_url("get_secret_value", Params={"SecretId": "warmline"})
    assert "X-Amz-Credential=AFTER" in url
