"""buildah: builds and keeps images without Docker, in a store of its own. Needs root, and no daemon."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

# Two hours would be a machine that hangs; a base and an image take a minute.
_PATIENCE_S = 900


class HealthCheck(msgspec.Struct, rename="pascal"):
    test: list[str]


class Config(msgspec.Struct, rename="pascal"):
    """What an image says of how it is run."""

    user: str = ""
    env: list[str] = []
    cmd: list[str] = []
    working_dir: str = "/"
    healthcheck: HealthCheck | None = None


class Layer(msgspec.Struct):
    """One layer as it lies in the store: unpacked."""

    digest: str
    size: int  # in bytes


class _Docker(msgspec.Struct):
    config: Config


class _Inspected(msgspec.Struct, rename="pascal"):
    docker: _Docker
    manifest: str


class _Manifest(msgspec.Struct):
    layers: list[Layer]


@dataclass(frozen=True, slots=True)
class Buildah:
    """The images and working containers of one folder."""

    folder: Path

    @property
    def command(self) -> list[str]:
        """The program with what it needs to know of its store."""
        return ["buildah", "--root", str(self.folder / "store"), "--runroot", str(self.folder / "run")]

    def __call__(self, *arguments: str | Path) -> str:
        """What it prints, without the last line's end. Raises AssertionError with all that it says when it fails."""
        return run([*self.command, *map(str, arguments)])

    def has(self, image: str) -> bool:
        return image in self("images", "--all", "--format", "{{.Name}}:{{.Tag}}").splitlines()

    def read_config(self, image: str) -> Config:
        return self._inspect(image).docker.config

    def list_layers(self, image: str) -> list[Layer]:
        """From the base's first to the last."""
        return msgspec.json.decode(self._inspect(image).manifest, type=_Manifest).layers

    @contextmanager
    def mount(self, image: str) -> Iterator[tuple[str, Path]]:
        """A working container with this image (or `scratch`), and where its files are; gone at the end."""
        container = self("from", "--pull-never", image)
        try:
            yield container, Path(self("mount", container))
        finally:
            self("rm", container)

    def _inspect(self, image: str) -> _Inspected:
        return msgspec.json.decode(self("inspect", "--type", "image", image), type=_Inspected)


def run(command: list[str], variables: Mapping[str, str] | None = None, folder: Path | None = None) -> str:
    """What the program prints. Raises AssertionError with all that it says when it fails."""
    done = subprocess.run(
        command,
        env=read_first_environment() if variables is None else variables,
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=_PATIENCE_S,
    )
    said = f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{said}"
    return done.stdout.strip()


def read_first_environment() -> dict[str, str]:
    """The environment that this process began with: the tests forget the machine's proxy, which building may need."""
    entries = Path("/proc/self/environ").read_bytes().decode(errors="surrogateescape").split("\0")
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)
