"""What the container is built from: all that runs, and nothing that changes while the source does not."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT, make_small_checkout, read_contents, use


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return make_small_checkout(tmp_path)


def context(checkout: Path, folder: Path) -> dict[str, bytes]:
    """Every file that is laid out there, with its content."""
    make("build-SocketServerSource", checkout / "image", PATH=os.environ["PATH"], ARTIFACTS_DIR=str(folder))
    return read_contents(folder)


def make(word: str, folder: Path, **variables: str) -> None:
    program = shutil.which("make")
    assert program is not None
    subprocess.run([program, word], cwd=folder, env=variables, check=True, capture_output=True)


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


@pytest.mark.parametrize("name", ["greeting.wav", "call/orders/a list.json", "call/orders/eu/stock.py"])
def test_whatever_a_user_puts_into_the_package_goes_along(checkout: Path, tmp_path: Path, name: str) -> None:
    file = checkout / "socket_server" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"theirs")

    assert context(checkout, tmp_path / "artifacts")[f"socket_server/{name}"] == b"theirs"


def test_what_python_leaves_behind_changes_nothing(checkout: Path, tmp_path: Path) -> None:
    before = context(checkout, tmp_path / "before")

    use(checkout)

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


def program(folder: Path, name: str, script: str) -> Path:
    """A command of that name, in a folder of its own."""
    file = folder / "bin" / name
    file.parent.mkdir()
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def test_docker_builds_the_same_context(checkout: Path, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    docker = program(tmp_path, "docker", f'echo "$@" >"{asked}"')
    before = checkout / ".aws-sam" / "image" / "socket_server" / "of_another_day.py"
    before.parent.mkdir(parents=True)
    before.touch()

    make("image", checkout, PATH=f"{docker.parent}:{os.environ['PATH']}", PLATFORM="linux/amd64")

    assert asked.read_text() == "buildx build --platform linux/amd64 --load --tag warmline .aws-sam/image\n"
    assert read_contents(checkout / ".aws-sam" / "image") == context(checkout, tmp_path / "artifacts")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ('[ "$1" != buildx ] || { echo unknown command; exit 1; }', "make image needs Docker's plugin buildx"),
        ('[ "$1" = buildx ] || { echo Cannot connect; exit 1; }', "make image needs Docker's daemon"),
    ],
)
def test_a_docker_that_cannot_build_is_told_in_one_line(checkout: Path, tmp_path: Path, script: str, said: str) -> None:
    docker = program(tmp_path, "docker", script)

    with pytest.raises(subprocess.CalledProcessError) as failed:
        make("image", checkout, PATH=f"{docker.parent}:{os.environ['PATH']}")

    (line,) = failed.value.stdout.decode().splitlines()
    assert line.startswith(said)


def test_a_bad_agent_fails_the_image(checkout: Path, tmp_path: Path) -> None:
    (checkout / "socket_server" / "agent.toml").write_text('voise = "marin"\n')
    context(checkout, tmp_path / "artifacts")
    dockerfile = (ROOT / "image" / "Dockerfile").read_text()
    (step,) = re.findall(r"^RUN (PYTHONPATH=packages .*)$", dockerfile, re.MULTILINE)
    assert "\nCOPY call_record/ packages/\n" in dockerfile
    (tmp_path / "artifacts" / "call_record").rename(tmp_path / "artifacts" / "packages")

    run = subprocess.run(
        ["/bin/sh", "-c", step],
        cwd=tmp_path / "artifacts",
        env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 1
    assert run.stderr.splitlines()[-1].startswith("socket_server/agent.toml:1: voise: unknown key, expected ")
