"""`make doctor SANDBOX=1`: all checks of a healthy installation in the sandbox."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from doctor.check_list import CHECKS
from doctor.findings import Status
from sandbox.aws.faults import Fails
from sandbox.doctor_target.target import DoctorTarget, run_target
from sandbox.program import ProgramError
from tests.doctor.runs import diagnose, read

ROOT = Path(__file__).parents[2]


def test_a_healthy_installation_passes_every_check(target: DoctorTarget) -> None:
    diagnosis = diagnose(target, *(check.name for check in CHECKS))

    assert [line for line in diagnosis.reporter.lines if line[1].status is not Status.OK] == []
    assert {name for name, _ in diagnosis.reporter.lines} == {check.name for check in CHECKS}


def test_a_secret_in_an_answer_of_a_server_is_not_shown(target: DoctorTarget) -> None:
    """Twilio, the function and the model quote what they were given; the doctor does not pass it on."""
    values = read(target, "twilio") | read(target, "openai")
    hidden = [values[name] for name in ("TWILIO_AUTH_TOKEN", "STREAM_TOKEN_SECRET", "OPENAI_API_KEY")]
    target.carrier.account.answers = 400, json.dumps({"code": 1, "message": " ".join(hidden)}).encode()
    target.installation.cloud.functions["transfer"].fault = Fails(" ".join(hidden))
    target.edge.answers["/voice/incoming"] = f"<Response><Say>{' '.join(hidden)}</Say></Response>"

    diagnosis = diagnose(target, *(check.name for check in CHECKS))

    told = " ".join(finding.message + finding.remedy for _, finding in diagnosis.reporter.lines)
    assert told.count("(hidden) (hidden) (hidden)") == 3
    assert [value for value in hidden if value in told] == []


def test_arguments_are_refused() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "sandbox.doctor_target", "--number", "12"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "The sandbox has its own installation: expected no options, got --number 12.\n"


async def test_an_installation_that_does_not_start_says_why(tmp_path: Path) -> None:
    agent = tmp_path / "agent.toml"
    agent.write_text("instructions = 7")

    with pytest.raises(ProgramError, match=r"ended at its start with status 1(.|\n)*agent\.toml:1: instructions: "):
        async with run_target(agent):
            raise AssertionError("it came up")


def test_the_program_prints_the_checks_and_exits_with_0() -> None:
    environment = {"PATH": os.environ["PATH"], "https_proxy": "http://nowhere.invalid", "AWS_PROFILE": "nobody"}
    run = subprocess.run(
        [sys.executable, "-m", "sandbox.doctor_target"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.count("✓ ") > len(CHECKS)
    assert "\nNothing is wrong. (" in run.stdout
    assert "\x1b[" not in run.stdout, "colours are for terminals"
