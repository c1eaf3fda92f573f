"""doctor.options, and the program: the options of the command line, and messages about invalid ones."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from doctor.options import AGENT, DIRECTORY, read_options

ROOT = Path(__file__).parents[2]


def test_without_options_the_shipped_files_are_used() -> None:
    options = read_options([])

    assert (options.stack, options.region, options.number, options.fix) == ("warmline", None, None, False)
    assert (options.agent_file, options.directory_file) == (AGENT, DIRECTORY)


def test_every_option_can_be_set(tmp_path: Path) -> None:
    arguments = ["--stack", "mine", "--region", "eu-west-1", "--number", "+1 202 555 0100", "--fix"]
    options = read_options([*arguments, "--agent", str(tmp_path / "a"), "--directory", str(tmp_path / "d")])

    assert (options.stack, options.region, options.number, options.fix) == ("mine", "eu-west-1", "+12025550100", True)
    assert (options.agent_file, options.directory_file) == (tmp_path / "a", tmp_path / "d")


@pytest.mark.parametrize("number", ["2025550100", "+", "+1202x", "+１２０２"])
def test_an_invalid_number_is_refused(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        read_options(["--number", number])

    assert ended.value.code == 2
    assert "expected E.164, such as +14155550100" in capsys.readouterr().err


def test_without_aws_one_line_says_why_and_nothing_else_is_checked() -> None:
    environment = {"PATH": os.environ["PATH"], "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "doctor"],
        cwd=ROOT,
        env=environment | {"AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "us-east-1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (run.returncode, run.stderr) == (1, "")
    failure, remedy, rest, _, verdict = run.stdout.splitlines()
    assert failure == "✗ stack       no AWS credentials were found."
    assert remedy.startswith("              → log in to AWS")
    assert rest == "… the rest    not checked: needs the stack's outputs."
    assert verdict == "The installation could not be checked."


@pytest.mark.parametrize(
    ("word", "command"),
    [
        ("doctor", "-m doctor"),
        ("doctor STACK=mine NUMBER=+12025550100 FIX=1", "-m doctor --stack 'mine' --number '+12025550100' --fix"),
        ("doctor REGION=eu-west-1 AGENT=a DIRECTORY=b", "-m doctor --region 'eu-west-1' --agent 'a' --directory 'b'"),
        ("doctor SANDBOX=1", "-m sandbox.doctor_target"),
        ("doctor SANDBOX=0", "-m doctor"),
        ("doctor SANDBOX=1 NUMBER=12", "-m sandbox.doctor_target --number '12'"),
        ("secrets REGION=eu-west-1", "-m doctor.secrets --region 'eu-west-1'"),
    ],
)
def test_make_starts_the_programs_with_its_variables(word: str, command: str) -> None:
    run = subprocess.run(
        ["make", "--dry-run", "--assume-old=.venv/.ready", *word.split()],  # noqa: S607 - the user's own make
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert " ".join(run.stdout.replace("\\\n", " ").split()) == f".venv/bin/python {command}"
