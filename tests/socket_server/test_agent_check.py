"""`python -m socket_server.agent_check`, as `make check` and the image's build ask it."""

import subprocess
import sys
from pathlib import Path

import pytest

from socket_server.agent_check import main
from tests.checkout import make_small_checkout

ROOT = Path(__file__).parents[2]


def check(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return run("-m", "socket_server.agent_check", *arguments, cwd=cwd)


def run(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-B", *arguments]
    return subprocess.run(command, cwd=cwd, env={}, capture_output=True, text=True, check=False)


def test_a_good_file_is_told_in_a_line() -> None:
    checked = check("tests/agent.toml")

    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout == "agent.toml: gpt-realtime-2.1, marin; tools: opening_hours, transfer_to_human, end_call\n"


def test_without_a_file_it_is_the_one_that_is_deployed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out.startswith("agent.toml: ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'voise = "marin"', "1: voise: unknown key, expected instructions, greeting, "),
        (b"=", "1: not TOML: "),
        (b"\xff", "1: cannot be read: 'utf-8' codec can't decode"),
        (None, "1: cannot be read: [Errno 2] No such file or directory"),
    ],
)
def test_every_fault_of_a_bad_file_is_a_line_with_its_name(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "mine.toml"
    if content is not None:
        file.write_bytes(content)

    checked = check(str(file))

    assert (checked.returncode, checked.stdout) == (1, "")
    assert f"{file}:{said}" in checked.stderr
    assert all(line.startswith(f"{file}:1: ") for line in checked.stderr.splitlines())


RECORDED = 'instructions = "x"\ngreeting = "x"\ngreeting_audio = "hello.wav"\ngreeting_text = "Hello."\n'


@pytest.mark.parametrize(
    ("recording", "said"),
    [(None, "cannot be read: No such file or directory"), (b"ID3", ": expected a WAV file")],
    ids=["missing", "of another kind"],
)
def test_a_bad_recording_is_one_line_with_its_key(tmp_path: Path, recording: bytes | None, said: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(RECORDED)
    if recording is not None:
        (tmp_path / "hello.wav").write_bytes(recording)

    checked = check(str(file))

    assert (checked.returncode, checked.stdout) == (1, "")
    [line] = checked.stderr.splitlines()
    assert line.startswith(f"{file}:3: greeting_audio: {tmp_path / 'hello.wav'}")
    assert said in line


@pytest.mark.parametrize(
    ("path", "source", "said"),
    [
        (
            "call/tools.py",
            "import no_such_package",
            "socket_server/call/tools.py:{line}: no module 'no_such_package' in the container: name its package in ",
        ),
        (
            "call/orders/warehouse.py",
            "import no_such_package.client",
            "socket_server/call/orders/warehouse.py:2: no module 'no_such_package' in the container: ",
        ),
        (
            "call/orders.py",
            "1 / 0",
            "socket_server/call/orders.py:2: cannot be imported: ZeroDivisionError: division",
        ),
        ("call/orders.py", "raise SystemExit", "socket_server/call/orders.py:2: cannot be imported: SystemExit: "),
        (
            "call/orders.py",
            "raise KeyboardInterrupt",
            "socket_server/call/orders.py:2: cannot be imported: KeyboardInterrupt: ",
        ),
        (
            "call/orders.py",
            "raise type('Odd', (Exception,), {'__str__': lambda self: 1 / 0})",
            "socket_server/call/orders.py:2: cannot be imported: Odd: its text cannot be read",
        ),
        ("call/orders.py", "import socket_server.orders", "socket_server/call/orders.py:2: cannot be imported: Module"),
        ("call/orders.py", "def", "socket_server/call/orders.py: cannot be imported: SyntaxError: invalid syntax"),
    ],
    ids=["package", "package-in-folder", "defect", "exit", "interrupt", "no-text", "own-module", "syntax"],
)
def test_a_module_that_the_container_cannot_import_is_named(tmp_path: Path, path: str, source: str, said: str) -> None:
    checkout = make_small_checkout(tmp_path)
    module = checkout / "socket_server" / path
    module.parent.mkdir(exist_ok=True)
    with module.open("a") as file:
        file.write(f"\n{source}\n")

    checked = check(cwd=checkout)

    assert (checked.returncode, checked.stdout) == (1, "")
    [fault] = checked.stderr.splitlines()
    assert fault.startswith(said.format(line=module.read_text().count("\n")))


def test_file_recording_modules_and_tools_are_checked_in_one_run(tmp_path: Path) -> None:
    checkout = make_small_checkout(tmp_path)
    (checkout / "mine.toml").write_text(RECORDED + 'voice = "marinn"\nvioce = 7\n[limits]\nanswer_seconds = "8"\n')
    (checkout / "socket_server" / "call" / "orders.py").write_text("import no_such_package")
    names = ('"end_call"', '"look_up"', '"Look-Up"', '"a b"')
    entries = [f'Tool({name}, "Do it.", NoArguments, opening_hours)' for name in names]
    tools = checkout / "socket_server" / "call" / "tools.py"
    before, begin, after = tools.read_text().partition("] = (\n")
    tools.write_text(f"{before}{begin}{', '.join(entries)}, Tool('odd', 'Do it.', complex, opening_hours),\n{after}")

    checked = check("mine.toml", cwd=checkout)

    assert checked.returncode == 1
    assert [line.partition(", ")[0] for line in checked.stderr.splitlines()] == [
        "mine.toml:3: greeting_audio: hello.wav cannot be read: No such file or directory",
        "mine.toml:5: voice: expected one of marin",
        "mine.toml:6: vioce: unknown key",
        "mine.toml:8: limits.answer_seconds: expected a whole number from 2 to 60",
        "socket_server/call/orders.py:1: no module 'no_such_package' in the container: name its package in "
        "socket_server/requirements.txt",
        "socket_server/call/tools.py: tool 'end_call': the name is taken by a tool that every session has",
        "socket_server/call/tools.py: tool 'Look-Up': the name is taken by the tool 'look_up'",
        "socket_server/call/tools.py: tool 'a b': expected a name of letters",
        "socket_server/call/tools.py: tool 'odd': expected a struct of arguments",
    ]


def test_a_module_of_the_check_that_is_broken_is_named_too(tmp_path: Path) -> None:
    checkout = make_small_checkout(tmp_path)
    with (checkout / "socket_server" / "openai" / "agent.py").open("a") as file:
        file.write("\n1 / 0\n")

    checked = check(cwd=checkout)

    assert (checked.returncode, checked.stdout) == (1, "")
    [fault] = checked.stderr.splitlines()
    assert fault.startswith("socket_server/openai/agent.py:")


def test_what_an_editor_leaves_behind_is_no_module(tmp_path: Path) -> None:
    checkout = make_small_checkout(tmp_path)
    (checkout / "socket_server" / "call" / ".#tools.py").write_text("no python")

    assert check(cwd=checkout).returncode == 0


def test_faults_of_form_and_of_sense_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        'instructions = "x"\ngreting = "x"\nvoice = "marinn"\ngreeting_text = "Hello."\n[limits]\nanswer_seconds = 1'
    )

    checked = check(str(file))

    faults = [line.removeprefix(f"{file}:").partition(",")[0] for line in checked.stderr.splitlines()]
    assert (checked.returncode, faults) == (
        1,
        [
            "2: greting: unknown key",
            "3: voice: expected one of marin",
            "4: greeting_text: expected both greeting_audio and greeting_text",
            "6: limits.answer_seconds: expected a whole number from 2 to 60",
        ],
    )


def test_names_that_the_service_does_not_know_are_refused_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('model = "gpt-realtme"\ninstructions = "x"\ngreeting = "x"\nvoice = "marinn"\n')

    checked = check(str(file))

    model, voice = checked.stderr.splitlines()
    assert model.startswith(f"{file}:1: model: expected one of gpt-realtime-2.1, ")
    assert voice.startswith(f"{file}:4: voice: expected one of marin, ")
