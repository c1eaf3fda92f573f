"""What every check gets: what the user asked for, ways to reach things, and what is known so far."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import boto3
from botocore.config import Config

from doctor.findings import Chart
from doctor.network import Network

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

ROOT = Path(__file__).parents[1]
DIRECTORY = ROOT / "functions" / "transfer" / "directory.toml"
AGENT = ROOT / "socket_server" / "agent.toml"

# Enough for a Lambda function that starts cold.
_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 2})


@dataclass(frozen=True, slots=True)
class Options:
    stack: str = "warmline"
    region: str | None = None
    """None: the one of the user's AWS configuration."""
    number: str | None = None
    """Which of the account's numbers is Warmline's, in E.164."""
    fix: bool = False
    """Change what can be changed without asking."""
    agent_file: Path = AGENT
    directory_file: Path = DIRECTORY


class _ClientSettings(TypedDict):
    config: Config
    endpoint_url: str | None


class Aws:
    """The account, by the user's own credentials; with `endpoint_url` another cloud that speaks the same."""

    def __init__(
        self, session: Callable[[], boto3.session.Session], endpoint_url: str | None = None, config: Config = _CONFIG
    ) -> None:
        self._make_session = session
        self._settings = _ClientSettings(config=config, endpoint_url=endpoint_url)

    @cached_property
    def session(self) -> boto3.session.Session:
        """Made when it is first needed, because a profile that does not exist is an error like any other."""
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
    def secrets(self) -> "SecretsManagerClient":
        return self.session.client("secretsmanager", **self._settings)

    def close(self) -> None:
        for name, made in vars(self).items():
            if not name.startswith("_") and name != "session":
                made.close()


def made_up_call_sid() -> str:
    """A call that there never was: recognisable, and new each time, because a repeated one gets the old answer."""
    return "CAd0c70e" + secrets.token_hex(13)


@dataclass(frozen=True, slots=True)
class Patient:
    options: Options
    aws: Aws
    network: Network = field(default_factory=Network)
    chart: Chart = field(default_factory=Chart)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    """With a zone."""
    call_sid: str = field(default_factory=made_up_call_sid)
