"""What the tests of a deploy share, made once in each process of pytest: what SAM builds, and where it is deployed."""

import json
from collections.abc import Iterator

import pytest

from sandbox.aws.artifacts import Artifacts, build
from socket_server.settings import Settings, read_settings
from tests.deploy.deployment import WIRED, Account, Node, Project, account


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Artifacts:
    """Built anew, for this machine."""
    folder = tmp_path_factory.mktemp("here") / "build"
    build(folder)
    return Artifacts(folder)


@pytest.fixture(scope="session")
def aws() -> Iterator[Account]:
    """An account on loopback."""
    with account() as made:
        yield made


@pytest.fixture(scope="session")
def project(aws: Account, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A copy of the repository, built."""
    copied = Project.copy(tmp_path_factory.mktemp("project"), aws)
    copied.build()
    return copied


@pytest.fixture(scope="session")
def resources(aws: Account, project: Project) -> dict[str, Node]:
    """Of a stack with all that a choice adds."""
    numbers = {"MaxCalls": "40", "MaxLagMs": "50", "SpareSessions": "3"}
    run = project.deploy(WIRED, FallbackNumber="+15550100999", AlarmEmail="operator@example.com", **numbers)
    assert run.status == 0, run.said
    return aws.resources(WIRED)


@pytest.fixture(scope="session")
def outputs(aws: Account, resources: dict[str, Node]) -> dict[str, str]:
    assert resources
    return aws.outputs(WIRED)


@pytest.fixture(scope="session")
def task(aws: Account, resources: dict[str, Node]) -> Node:
    """The task definition that the service runs."""
    ecs = aws.client("ecs")
    (service,) = ecs.describe_services(cluster=WIRED, services=[resources["Service"]["id"]])["services"]
    return ecs.describe_task_definition(taskDefinition=service["taskDefinition"])["taskDefinition"]


@pytest.fixture(scope="session")
def container(aws: Account, task: Node) -> dict[str, str]:
    """The container's environment, its secrets looked up as ECS does when a task starts."""
    (found,) = task["containerDefinitions"]
    secrets = aws.client("secretsmanager")
    environment = {one["name"]: one["value"] for one in found["environment"]}
    for one in found["secrets"]:
        arn, key, stage, version = one["valueFrom"].rsplit(":", 3)
        assert (stage, version) == ("", "")
        environment[one["name"]] = json.loads(secrets.get_secret_value(SecretId=arn)["SecretString"])[key]
    return environment


@pytest.fixture(scope="session")
def settings(container: dict[str, str]) -> Settings:
    return read_settings(container)
