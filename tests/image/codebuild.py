"""CodeBuild, as far as the template's buildspec needs it: the commands run in one bash, with what they find there.

curl and unzip are the real ones. `docker build` is buildah with the same arguments; `aws` and the rest of docker write
down what they were asked. A phase that fails ends the build; the commands of the other phases are not known here.
"""

import ast
import os
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec

from tests.bounds import WAIT_S
from tests.image.buildah import Buildah, read_first_environment, run

LAYER = "arn:aws:lambda:us-east-1:000000000000:layer:warmline-socket-server-source:7"
# Of this machine's settings of pip, those that say how the index of packages is reached.
_PIP_SETTINGS = ("cert", "client-cert", "index-url", "proxy", "timeout", "trusted-host")

_AWS = """#!/bin/sh -eu
echo "aws $*" >>{asked}
case "$1 $2" in
"lambda get-layer-version-by-arn") echo '{url}' ;;
"ecr get-login-password" | "ecr-public get-login-password") echo 'PASSWORD' ;;
*) exit 252 ;;
esac
"""
_DOCKER = """#!/bin/sh -eu
echo "docker $*" >>{asked}
case "$1" in
login) read -r password; [ "$password" = PASSWORD ] ;;
build) shift; exec {build} "$@" ;;
push) ;;
*) exit 125 ;;
esac
"""


class _Phase(msgspec.Struct):
    commands: list[str]


class _Env(msgspec.Struct):
    shell: str


class _BuildSpec(msgspec.Struct):
    version: float
    env: _Env
    phases: dict[str, _Phase]


def build(buildspec: str, context: Path, image: str, platform: str, buildah: Buildah, folder: Path) -> list[str]:
    """Build this image of this context; returns what `aws` and `docker` were asked. Raises AssertionError."""
    spec = msgspec.yaml.decode(buildspec, type=_BuildSpec)
    assert (spec.version, spec.env.shell, list(spec.phases)) == (0.2, "bash", ["build"])
    asked, programs, workplace, layers = (folder / name for name in ("asked", "bin", "src", "layers"))
    for each in (programs, workplace, layers):
        each.mkdir()
    _zip(context, layers / "layer.zip")
    with _serve(layers) as url:
        build_command = " ".join(f"'{part}'" for part in [*buildah.command, *_build_arguments(folder)])
        _write_program(programs / "aws", _AWS.format(asked=f"'{asked}'", url=f"{url}/layer.zip?X-Amz-Signature=SIGNED"))
        _write_program(programs / "docker", _DOCKER.format(asked=f"'{asked}'", build=build_command))
        run(
            ["bash", "-c", "\n".join(spec.phases["build"].commands)],
            folder=workplace,
            variables={
                **read_first_environment(),
                "PATH": f"{programs}:{os.environ['PATH']}",
                "SOURCE_LAYER_ARN": LAYER,
                "IMAGE": image,
                "PLATFORM": platform,
            },
        )
    return asked.read_text().splitlines()


def _zip(context: Path, archive: Path) -> None:
    """As `sam package` does: with the modes that the files have here."""
    with zipfile.ZipFile(archive, "w") as zipped:
        for path in sorted(context.rglob("*")):
            zipped.write(path, path.relative_to(context))


@contextmanager
def _serve(folder: Path) -> Iterator[str]:
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(WAIT_S)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (http.server's name)
        pass


def _build_arguments(folder: Path) -> list[str]:
    """How this machine builds: without a daemon, from the base it has, and with its own way to the packages.

    That way is mounted while packages are installed, and is in no layer of the image.
    """
    settings, files = _read_pip_settings()
    (folder / "pip.conf").write_text("\n".join(["[global]", *(f"{key} = {value}" for key, value in settings.items())]))
    mounts = [f"{folder / 'pip.conf'}:/etc/pip.conf:ro", *(f"{file}:{file}:ro" for file in files)]
    volumes = [part for mount in mounts for part in ("--volume", mount)]
    how = ["--isolation", "chroot", "--network", "host", "--pull-never", "--format", "docker"]
    return ["build", *how, *volumes]


def _read_pip_settings() -> tuple[dict[str, str], list[str]]:
    """The settings, and the files that they name."""
    listed = run([sys.executable, "-m", "pip", "config", "list"])
    settings = {
        name.rpartition(".")[2]: str(ast.literal_eval(value))
        for name, _, value in (line.partition("=") for line in listed.splitlines())
    }
    settings = {name: value for name, value in settings.items() if name in _PIP_SETTINGS}
    return settings, sorted({value for value in settings.values() if value.startswith("/")})


def _write_program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)
