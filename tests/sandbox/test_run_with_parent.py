"""A program that ends with whoever started it."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.bounds import read_line

ROOT = Path(__file__).parents[2]
WAITING = """
import sys, threading
if __name__ == "__main__":
    print(sys.argv, flush=True)
    threading.Event().wait()
"""


def start(folder: Path) -> subprocess.Popen[str]:
    """Starts the waiting module and waits until it runs."""
    (folder / "waiting.py").write_text(WAITING)
    command = [sys.executable, "-m", "sandbox.run_with_parent", "waiting", "more"]
    environment = {"PYTHONPATH": str(folder)}
    started = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert read_line(started.stdout) == f"{[str(folder / 'waiting.py'), 'more']}\n"
    return started


def test_it_ends_when_its_standard_input_does(tmp_path: Path) -> None:
    with start(tmp_path) as program:
        assert program.stdin is not None
        program.stdin.close()
        assert program.wait(timeout=30) == 1


def test_until_then_it_ends_as_it_would_alone(tmp_path: Path) -> None:
    with start(tmp_path) as program:
        program.send_signal(signal.SIGTERM)
        assert program.wait(timeout=30) == -signal.SIGTERM
