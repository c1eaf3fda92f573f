"""Where a demo writes its recordings: a folder that nobody else writes into, known before the call."""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sandbox.demo.display import Display


class OutputFolderError(Exception):
    """No folder can be written; the message is for the user."""


@contextlib.contextmanager
def claim_output_folder(wanted: Path, display: Display) -> Iterator[Path]:
    """The wanted folder, or else a new one, of which the user is told. Raises `OutputFolderError`.

    The wanted one may be read-only, or another demo may write into it at this moment.
    """
    with contextlib.ExitStack() as claimed:
        if reason := _claim(wanted, claimed):
            folder = _make_folder(reason)
            claimed.callback(_remove_if_empty, folder)  # it came to no call
            display.show_note(f"{reason}: the recordings of this call go to {folder}.")
        else:
            folder = wanted
        yield folder


def _remove_if_empty(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


def _make_folder(reason: str) -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="warmline-demo-"))
    except OSError as error:
        raise OutputFolderError(f"{reason}, and there is no other folder for the recordings: {error}.") from None


def _claim(folder: Path, claimed: contextlib.ExitStack) -> str:
    """Lock the folder until the stack is closed, or this process ends. Returns why it cannot be used; "": it can."""
    name = f"{folder.name}/"
    try:
        folder.mkdir(exist_ok=True)
        lock = claimed.enter_context((folder / ".lock").open("w"))
    except OSError as error:
        return f"{name} cannot be written ({error.strerror})"
    if locked := [file.name for file in folder.iterdir() if not os.access(file, os.W_OK)]:
        return f"{name}{locked[0]} cannot be replaced"
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return f"Another demo writes into {name} at this moment"
    return ""
