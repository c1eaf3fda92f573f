"""`python -m console.carrier` as a process."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
URL = ["--url", "http://127.0.0.1:5050/incoming-call"]


def start(*arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "console.carrier", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env={"NO_BROWSER": "1"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_an_interrupt_ends_it_with_one_line() -> None:
    with start(*URL) as program:
        assert program.stdout is not None
        for line in program.stdout:
            if "?token=" in line:
                break
        program.send_signal(signal.SIGINT)
        rest = program.stdout.read()

    assert (program.returncode, rest) == (0, "Interrupted. Everything that was started has been stopped.\n")


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with start(*URL, "--port", str(port)) as program:
            said, _ = program.communicate(timeout=60)

    assert program.returncode == 1
    assert said.splitlines()[-1].startswith(f"Port {port} is in use")


def test_wrong_usage_says_what_was_expected() -> None:
    with start() as program:
        said, _ = program.communicate(timeout=60)

    assert program.returncode == 2
    assert said.startswith("URL: expected a webhook on this machine")
