"""tests.leaks: what a test leaves behind fails the run, in a worker as in one process."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT

CONFTEST = "from tests.leaks import leaks, noted_leaks\n"
THREAD = """
    import threading
    threading.Thread(target=threading.Event().wait, args=(60,), name="forgotten", daemon=True).start()
"""
PROCESS = """
    import builtins, subprocess, sys
    # Kept, or the collector would close its input, and it would end.
    builtins.kept = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
"""
SOCKET = """
    import socket
    kept.append(socket.socket())
    kept.append(kept)  # a circle: only the collector finds it
    kept = None
"""
NOTHING = """
    import subprocess, sys, threading
    thread = threading.Thread(target=threading.Event().wait, args=(0.01,))
    thread.start()
    subprocess.run([sys.executable, "-c", ""], check=True)
"""


@pytest.mark.parametrize("workers", ["0", "1"])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        (THREAD, "thread 'forgotten', first seen after test_first.py"),
        (PROCESS, "import sys; sys.stdin.read()), first seen after test_first.py"),
        (SOCKET, "unclosed <socket.socket"),
    ],
    ids=["thread", "process", "socket"],
)
def test_what_a_test_leaves_behind_fails_the_run(tmp_path: Path, workers: str, body: str, said: str) -> None:
    run = run_tests(tmp_path, workers, body)

    assert run.returncode == 1
    assert said in run.stdout


def test_a_run_that_leaves_nothing_passes(tmp_path: Path) -> None:
    assert run_tests(tmp_path, "1", NOTHING).returncode == 0


def run_tests(folder: Path, workers: str, body: str) -> subprocess.CompletedProcess[str]:
    """One test with this body, and after it another module that leaves nothing."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_first.py").write_text(f"def test_leaves() -> None:\n    kept: list = []\n{body}")
    (folder / "test_second.py").write_text("def test_leaves_nothing() -> None:\n    pass\n")
    options = ["-n", workers, "-W", "error", "-p", "no:asyncio", "-p", "no:cacheprovider", "--rootdir", str(folder)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(folder)],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
    )
