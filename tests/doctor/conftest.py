"""What the tests of the doctor share: a cloud with an account of its own."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from sandbox.cloud.cloud import Cloud
from sandbox.cloud.functions import REGION

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with Cloud() as cloud:
        yield cloud


@pytest.fixture
def vault(cloud: Cloud) -> "Iterator[SecretsManagerClient]":
    """Secrets Manager of the cloud."""
    client = boto3.session.Session().client(
        "secretsmanager",
        endpoint_url=cloud.aws_origin,
        region_name=REGION,
        aws_access_key_id="sandbox",
        aws_secret_access_key="sandbox",
        config=Config(proxies={}, retries={"total_max_attempts": 1}),
    )
    yield client
    client.close()
