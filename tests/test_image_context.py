"""What the container is built from: all that runs, and nothing that changes while the source does not."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# A checkout in small: what the links in image/ point at, and what may lie beside it.
TAKEN = ("image", "layers/call_record", "requirements/container.txt", "socket_server")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the checkout, in a folder whose name has a space."""
    copy = tmp_path / "a checkout"
    for name in TAKEN:
        source, target = ROOT / name, copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return copy


def context(checkout: Path, folder: Path) -> dict[str, bytes]:
    """Every file that `make` lays out there, with its content."""
    make = shutil.which("make")
    assert make is not None
    subprocess.run(
        [make, "build-SocketServerSource"],
        cwd=checkout / "image",
        env={"PATH": os.environ["PATH"], "ARTIFACTS_DIR": str(folder)},
        check=True,
        capture_output=True,
    )
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_context_is_everything_that_runs(checkout: Path, tmp_path: Path) -> None:
    package = ROOT / "socket_server"
    running = {path for path in package.rglob("*") if path.suffix in (".py", ".toml")}
    layer = set((ROOT / "layers" / "call_record").rglob("*.py"))

    assert context(checkout, tmp_path / "artifacts").keys() == {
        "Dockerfile",
        "requirements.txt",
        *(f"socket_server/{path.relative_to(package)}" for path in running),
        *(f"call_record/{path.name}" for path in layer),
    }


def test_what_python_leaves_behind_changes_nothing(checkout: Path, tmp_path: Path) -> None:
    before = context(checkout, tmp_path / "before")

    for folder in ("socket_server", "layers/call_record"):
        (checkout / folder / "__pycache__").mkdir()
        (checkout / folder / "__pycache__" / "call.cpython-313.pyc").write_bytes(b"compiled")
    for path in (checkout / "socket_server").iterdir():
        os.utime(path, (0, 0))

    assert context(checkout, tmp_path / "after") == before


@pytest.mark.parametrize("changed", ["layers/call_record/call_rows.py", "socket_server/agent.toml", "image/Dockerfile"])
def test_a_change_of_the_source_is_a_change_of_the_context(checkout: Path, tmp_path: Path, changed: str) -> None:
    before = context(checkout, tmp_path / "before")

    with (checkout / changed).open("a") as file:
        file.write("# new\n")

    assert context(checkout, tmp_path / "after") != before


def locked(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / name).read_text().lower()
    return dict(re.findall(r"^(\S+?)==(\S+)", text, re.MULTILINE))


def test_the_container_installs_what_the_tests_run_with() -> None:
    ours, tested = locked("container.txt"), locked("dev.txt")

    assert ours.items() <= tested.items()
    assert locked("../socket_server/requirements.txt").items() <= ours.items()
