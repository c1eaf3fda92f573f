"""What the tests of a deploy share, made once in each process of pytest: what SAM builds, and where it is deployed."""

from collections.abc import Iterator

import pytest

from sandbox.artifacts import Artifacts, build
from tests.deploy.deployment import Account, Project, account


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
    copied = Project.copied(tmp_path_factory.mktemp("project"), aws)
    copied.build()
    return copied
