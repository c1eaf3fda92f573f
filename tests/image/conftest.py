"""The container's image, built once for all tests here as CodeBuild builds it: by the template's own buildspec."""

import os
import platform
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.deploy.stack_template import properties
from tests.image import codebuild
from tests.image.base_image import make_base
from tests.image.buildah import Buildah, run
from tests.image.unpacked import Unpacked

ROOT = Path(__file__).parents[2]
# Kept from run to run and never committed: the base, and the last image.
STORE = ROOT / ".buildah"
IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/warmline:arm64-0123456789abcdef"
PLATFORMS = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}


@dataclass(frozen=True, slots=True)
class Built:
    """The image, and what was asked to get it."""

    buildah: Buildah
    base: str
    asked: list[str]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    (base,) = set(re.findall(r"^FROM (\S+)", (ROOT / "image" / "Dockerfile").read_text(), re.MULTILINE))
    buildah = Buildah(STORE)
    if not buildah.has(base):
        make_base(buildah, base)
    folder = tmp_path_factory.mktemp("codebuild")
    buildspec = properties("ImageProject")["Source"]["BuildSpec"]
    asked = codebuild.build(buildspec, _make_context(folder), IMAGE, PLATFORMS[platform.machine()], buildah, folder)
    yield Built(buildah, base, asked)
    buildah("rmi", "--prune")  # the image of the time before


def _make_context(folder: Path) -> Path:
    """As a user lays it out whose files nobody else may read."""
    context = folder / "context"
    before = os.umask(0o077)
    try:
        run(["make", "-C", str(ROOT / "image"), "build-SocketServerSource", f"ARTIFACTS_DIR={context}"])
    finally:
        os.umask(before)
    return context


@pytest.fixture(scope="session")
def unpacked(built: Built) -> Iterator[Unpacked]:
    with built.buildah.mount(IMAGE) as (_, root):
        yield Unpacked(root, built.buildah.read_config(IMAGE))
