"""A checkout in small: what the image is built from, with the links that it is reached by."""

import shutil
from pathlib import Path

ROOT = Path(__file__).parents[1]
_TAKEN = (
    "Makefile",
    "functions/artifact.mk",  # the layer's Makefile is a link to it
    "image",
    "layers/call_record",
    "requirements/container.txt",
    "socket_server",
    "template.yaml",
)


def make_small_checkout(folder: Path) -> Path:
    """A copy of it in there, in a folder whose name has a space."""
    copy = folder / "a checkout"
    for name in _TAKEN:
        source, target = ROOT / name, copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return copy


def read_contents(folder: Path) -> dict[str, bytes]:
    """Every file under the folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def use(checkout: Path) -> None:
    """What Python and an editor leave behind without a change."""
    for name in (".agent.toml.swp", "agent.toml~", "#agent.toml#", "agent.toml.orig", ".env", "prod.env", "server.key"):
        (checkout / "socket_server" / name).write_text("an older one")
    for folder in ("socket_server", "layers/call_record"):
        (checkout / folder / "__pycache__").mkdir()
        (checkout / folder / "__pycache__" / "call.cpython-313.pyc").write_bytes(b"compiled")
    for path in (checkout / "socket_server").rglob("*.py"):
        path.touch()
