"""`python -m sandbox.demo` as a process."""

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "signals",
    [[signal.SIGINT], [signal.SIGTERM], [signal.SIGHUP], [signal.SIGINT] * 3],
    ids=["SIGINT", "SIGTERM", "SIGHUP", "thrice"],
)
def test_whoever_ends_the_demo_ends_all_that_it_started_with_one_line(signals: list[signal.Signals]) -> None:
    command = [sys.executable, "-m", "sandbox.demo"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, env=dict(os.environ), stdout=pipe, stderr=pipe, text=True, start_new_session=True
    ) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if line.endswith("The caller dials.\n"):
                break
        for number in signals:
            demo.send_signal(number)
        try:
            rest, errors = demo.communicate(timeout=60)
        finally:
            demo.kill()  # one that does not end would keep the test for ever
    assert rest.splitlines()[-1] == "Interrupted. Everything that was started has been stopped."
    assert (demo.returncode, errors) == (130, "")


INTERRUPTED_AT_AN_IMPORT = """
import os, signal, sys
class Interrupt:
    @staticmethod
    def find_spec(name, path, target=None):
        if name == "sandbox.demo.call":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupt)
from sandbox.demo.__main__ import main
sys.exit(main())
"""


def test_whoever_ends_the_demo_while_it_starts_gets_the_same_line() -> None:
    demo = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT_AN_IMPORT], cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert demo.stdout == "Interrupted. Everything that was started has been stopped.\n"
    assert (demo.returncode, demo.stderr) == (130, "")


def test_a_second_demo_is_told_before_the_call_where_its_recordings_go() -> None:
    folder = ROOT / "demo-output"
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "sandbox.demo"]
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as another demo has it
        with subprocess.Popen(
            command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as demo:
            assert demo.stdout is not None
            first = demo.stdout.readline()
            demo.send_signal(signal.SIGINT)
            try:
                demo.communicate(timeout=60)
            finally:
                demo.kill()  # one that does not end would keep the test for ever
    assert first.startswith("Another demo writes into demo-output/ at this moment: the recordings of this call go to /")
