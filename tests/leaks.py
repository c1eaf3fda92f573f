"""What a run of tests leaves behind: threads, child processes, and whatever warns when it is collected unclosed.

The check is made where the tests run, in each worker of xdist: what comes to light as a worker ends is lost there. A
fixture of a whole session may have its threads and processes until the session's end, so that is when they are
looked for; what each module left is noted before, so that the module has a name. Children are seen on Linux only.
"""

import gc
import os
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

# A thread that was told to end may still be at its last lines.
_ENDING_S = 5.0
# multiprocessing starts it with the first process and keeps it until its own end.
_PYTHON = str(Path(os.__file__).parent)
_KEPT = "multiprocessing.resource_tracker"


@dataclass(slots=True)
class Leaks:
    """Threads by identity and children by pid, each with the module after which it was first seen."""

    threads: dict[threading.Thread, str] = field(default_factory=dict)
    children: dict[int, str] = field(default_factory=dict)

    def note(self, module: str) -> None:
        """Remember what is there and was not there before."""
        for thread in threading.enumerate():
            self.threads.setdefault(thread, module)
        for pid in _list_children():
            self.children.setdefault(pid, module)

    def find(self, before: "Leaks") -> list[str]:
        """What is still there and was not `before`, a line each."""
        self.note("the fixtures of the session")
        lines = []
        for thread, module in self.threads.items():
            if thread not in before.threads:
                thread.join(_ENDING_S)
                if thread.is_alive():
                    lines.append(f"thread {thread.name!r}, first seen after {module}{_locate(thread)}")
        alive = _list_children()
        for pid, module in self.children.items():
            if pid not in before.children and _KEPT not in alive.get(pid, _KEPT):
                lines.append(f"process {pid} ({alive[pid]}), first seen after {module}")
        return lines


@pytest.fixture(scope="session", autouse=True)
def leaks() -> Iterator[Leaks]:
    """Fails the last test of the process when something outlives it."""
    before, leaks = Leaks(), Leaks()
    before.note("the start")
    yield leaks
    # Threads that end with their owner end now. What was not closed warns, and pytest makes an error of the warning.
    gc.collect()
    if found := leaks.find(before):
        pytest.fail("\n".join(("tests left behind:", *found)), pytrace=False)


@pytest.fixture(scope="module", autouse=True)
def noted_leaks(leaks: Leaks, request: pytest.FixtureRequest) -> Iterator[None]:
    """Gives what a module leaves behind its name."""
    yield
    leaks.note(request.node.nodeid)


def _locate(thread: threading.Thread) -> str:
    """Where it is: its innermost line that is not in Python's own library."""
    frame = sys._current_frames().get(thread.ident or 0)
    lines = traceback.extract_stack(frame)[::-1] if frame else []
    ours = [line for line in lines if not line.filename.startswith(_PYTHON)][:1]
    return "".join(f", in {line.filename}:{line.lineno}" for line in ours)


def _list_children() -> dict[int, str]:
    """Children of this process and their command lines, also those that ended and were not waited for."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name before it may hold anything, parentheses too: https://man7.org/linux/man-pages/man5/proc.5.html
            parent = stat.read_text().rpartition(")")[2].split()[1]
            if int(parent) == os.getpid():
                command = (stat.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found[int(stat.parent.name)] = command.strip() or "ended, not waited for"
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended since
    return found
