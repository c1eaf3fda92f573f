"""What every check gets: the user's options, clients for AWS and the network, and the facts found so far."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypedDict

import boto3
from botocore.config import Config

from doctor.known_facts import KnownFacts
from doctor.network import Network
from doctor.options import Options
from doctor.redaction import Redactor

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

# Enough for a Lambda function that starts cold.
_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 2})

TEST_CALLER = "client:warmline-doctor"
"""Who calls in the checks: no phone number. Nobody has called, so lists of calls leave it out."""


class _ClientSettings(TypedDict):
    config: Config
    endpoint_url: str | None


class Aws:
    """Clients for the user's AWS account, with their own credentials. `endpoint_url`: a stand-in for AWS instead."""

    def __init__(
        self, session: Callable[[], boto3.session.Session], endpoint_url: str | None = None, config: Config = _CONFIG
    ) -> None:
        self._make_session = session
        self._settings = _ClientSettings(config=config, endpoint_url=endpoint_url)

    @cached_property
    def session(self) -> boto3.session.Session:
        """Created at first use, so that a profile that does not exist is reported like any other error."""
        return self._make_session()

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        return self.session.client("cloudformation", **self._settings)

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        return self.session.client("dynamodb", **self._settings)

    @cached_property
    def ecs(self) -> "ECSClient":
        return self.session.client("ecs", **self._settings)

    @cached_property
    def elbv2(self) -> Any:
        return self.session.client("elbv2", **self._settings)

    @cached_property
    def lambda_(self) -> "LambdaClient":
        return self.session.client("lambda", **self._settings)

    @cached_property
    def sns(self) -> Any:
        return self.session.client("sns", **self._settings)

    @cached_property
    def secrets(self) -> "SecretsManagerClient":
        return self.session.client("secretsmanager", **self._settings)

    def close(self) -> None:
        for name, client in vars(self).items():
            if not name.startswith("_") and name != "session":
                client.close()


def make_test_call_sid() -> str:
    """Of a call that does not exist. New each time, because a repeated one would get its stored answer."""
    return "CAd0c70e" + secrets.token_hex(13)


@dataclass(frozen=True, slots=True)
class Context:
    options: Options
    aws: Aws
    network: Network = field(default_factory=Network)
    facts: KnownFacts = field(default_factory=KnownFacts)
    redactor: Redactor = field(default_factory=Redactor)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    """With a zone."""
    call_sid: str = field(default_factory=make_test_call_sid)
