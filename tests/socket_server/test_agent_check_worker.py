"""What modules of users may do at their import to the process of `agent_check`."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import make_small_checkout

BAD_RECORDING = 'instructions = "x"\ngreeting = "x"\ngreeting_audio = "hello.wav"\ngreeting_text = "Hello."\n'


def check(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return run("-m", "socket_server.agent_check", *arguments, cwd=cwd)


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-B", *arguments]
    return subprocess.run(command, cwd=cwd, env={}, capture_output=True, text=True, check=False)


def add_to_tools(checkout: Path, source: str) -> None:
    with (checkout / "socket_server" / "call" / "tools.py").open("a") as file:
        file.write(f"\n{source}\n")


@pytest.mark.parametrize(
    ("source", "status"),
    [("import os; os._exit(0)", "0"), ("import os; os._exit(3)", "3"), ("import os; os.abort()", "-6")],
)
def test_an_import_that_ends_the_process_does_not_pass(tmp_path: Path, source: str, status: str) -> None:
    checkout = make_small_checkout(tmp_path)
    (checkout / "mine.toml").write_text(BAD_RECORDING)
    add_to_tools(checkout, source)

    checked = check("mine.toml", cwd=checkout)

    assert (checked.returncode, checked.stdout) == (1, "")
    recording, tools = checked.stderr.splitlines()
    assert recording.startswith("mine.toml:3: greeting_audio: ")
    assert tools == (
        f"socket_server/call/tools.py: the import ended the process with status {status}; the rest was not checked"
    )


def test_a_module_that_starts_a_child_of_its_own_does_not_disturb_the_check(tmp_path: Path) -> None:
    checkout = make_small_checkout(tmp_path)
    add_to_tools(checkout, "import os; os.fork()")

    checked = check(cwd=checkout)

    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("written", [b"hello\n", b"[1]\n", b"1\n", b"\xff\n"])
def test_what_a_module_writes_into_the_pipe_is_told(tmp_path: Path, written: bytes) -> None:
    checkout = make_small_checkout(tmp_path)
    add_to_tools(checkout, f"import os, sys; os.write(int(sys.argv[1]), {written!r})")

    checked = check(cwd=checkout)

    assert (checked.returncode, checked.stdout) == (1, "")
    assert checked.stderr == "socket_server/call/tools.py: the import wrote into our pipe; the rest was not checked\n"


@pytest.mark.parametrize("source", ["del TOOLS", "del Tool"])
def test_tools_without_what_others_import_are_told_without_a_traceback(tmp_path: Path, source: str) -> None:
    checkout = make_small_checkout(tmp_path)
    add_to_tools(checkout, source)

    checked = check(cwd=checkout)

    assert (checked.returncode, checked.stdout) == (1, "")
    assert f"cannot import name '{source[4:]}' from 'socket_server.call.tools'" in checked.stderr
    assert all(line.startswith("socket_server/") for line in checked.stderr.splitlines())


def test_an_import_without_an_end_is_named_with_the_limit(tmp_path: Path) -> None:
    checkout = make_small_checkout(tmp_path)
    add_to_tools(checkout, "while True: pass")
    program = (
        "from socket_server.agent_check import check_agent; print(*check_agent(None, seconds=5).faults, sep='\\n')"
    )

    checked = run("-c", program, cwd=checkout)

    assert checked.stdout == (
        "socket_server/call/tools.py: the import did not end: expected at most 5 s; the rest was not checked\n"
    )


def test_what_a_module_prints_and_asks_at_its_import_is_no_result(tmp_path: Path) -> None:
    checkout = make_small_checkout(tmp_path)
    add_to_tools(checkout, "print('agent.toml: fine'); input()")

    checked = check(cwd=checkout)

    assert (checked.returncode, checked.stdout) == (1, "")
    assert "cannot be imported: EOFError" in checked.stderr
