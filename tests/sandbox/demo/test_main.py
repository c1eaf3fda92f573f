"""`python -m sandbox.demo` as a process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_ends_the_demo_ends_all_that_it_started(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "sandbox.demo"]
    with subprocess.Popen(
        command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if line.endswith("The caller dials.\n"):
                break
        demo.send_signal(number)
        try:
            rest = demo.communicate(timeout=60)[0]
        finally:
            demo.kill()  # one that does not end would keep the test for ever
    assert "Interrupted. Everything that was started has been stopped." in rest
    assert demo.returncode == 130
