"""What the tests of a deploy share: everything that SAM builds, built once in each process of pytest."""

import pytest

from sandbox.artifacts import Artifacts, build


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Artifacts:
    """Built anew, for this machine."""
    folder = tmp_path_factory.mktemp("here") / "build"
    build(folder)
    return Artifacts(folder)
