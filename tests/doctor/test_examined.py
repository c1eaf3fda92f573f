"""`make doctor SANDBOX=1`: the sandbox in good health, seen with the doctor's own eyes."""

import os
import subprocess
import sys
from pathlib import Path

from doctor.checks import CHECKS
from doctor.findings import Status
from sandbox.examined.patient import Examined
from tests.doctor.visits import visit

ROOT = Path(__file__).parents[2]


def test_a_healthy_installation_has_nothing_wrong(whole: Examined) -> None:
    seen = visit(whole, *(check.name for check in CHECKS))

    assert [line for line in seen.heard.lines if line[1].status is not Status.OK] == []
    assert {name for name, _ in seen.heard.lines} == {check.name for check in CHECKS}


def test_the_program_says_so_and_ends_with_0() -> None:
    environment = {"PATH": os.environ["PATH"], "https_proxy": "http://nowhere.invalid", "AWS_PROFILE": "nobody"}
    run = subprocess.run(
        [sys.executable, "-m", "sandbox.examined"],
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
