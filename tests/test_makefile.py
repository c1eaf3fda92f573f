"""What may be set on make's command line, and what is said of anything else."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Prints what would be run, and runs nothing."""
    program = shutil.which("make")
    assert program is not None
    command = [program, "--dry-run", "--old-file=.venv/.ready", *arguments]
    environment = {"PATH": os.environ["PATH"]}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("human=busy", "human=... is not known. Expected one of ARTIFACTS CUT_CALLS DELETE "),
        ("HUMANS=busy", "HUMANS=... is not known. Expected one of "),
        ("FIX=yes", "FIX=yes: expected FIX=1 or FIX=0"),
        ("SANDBOX=true", "SANDBOX=true: expected SANDBOX=1 or SANDBOX=0"),
        ("PEERS=2", "PEERS=2: expected PEERS=1 or PEERS=0"),
        ("STAGE=production", "STAGE=production: expected one of samconfig.toml: default prod"),
        ("STAGE=prod", "STAGE=prod: only make deploy takes a stage; make doctor expects the name of a stack, such as "),
    ],
)
def test_a_word_that_make_does_not_know_stops_it_with_what_was_expected(word: str, said: str) -> None:
    refused = make("doctor", word)

    assert (refused.returncode, refused.stdout) == (2, "")
    assert said in refused.stderr


@pytest.mark.parametrize("target", ["outputs", "remove", "delete-caller-data"])
def test_a_stage_is_not_taken_where_a_stack_is_meant(target: str) -> None:
    refused = make(target, "NUMBER=+15550100001", "STAGE=prod", "DELETE=1")

    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"make {target} expects the name of a stack" in refused.stderr


def test_a_deploy_takes_no_stack() -> None:
    refused = make("deploy", "STACK=warmline-prod")

    assert (refused.returncode, refused.stdout) == (2, "")
    assert "make deploy expects a stage of samconfig.toml, one of default prod" in refused.stderr


@pytest.mark.parametrize(("word", "fixes"), [("FIX=1", True), ("FIX=0", False), ("FIX=", False)])
def test_a_switch_is_on_with_1_alone(word: str, fixes: bool) -> None:
    asked = make("doctor", word, "AWS_PROFILE=mine")

    assert asked.returncode == 0
    assert ("--fix" in asked.stdout) == fixes


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ((), []),
        (("DELETE=0", "RECORDINGS=0"), []),
        (("DELETE=1",), ["--delete"]),
        (("DELETE=1", "RECORDINGS=1", "STACK=warmline-prod"), ["--stack 'warmline-prod'", "--delete", "--recordings"]),
    ],
)
def test_a_callers_data_is_deleted_only_with_the_switch(words: tuple[str, ...], options: list[str]) -> None:
    asked = make("delete-caller-data", "NUMBER=+15550100001", *words)

    assert asked.returncode == 0
    assert "doctor.delete_caller_data --number '+15550100001'" in asked.stdout
    known = ("--stack 'warmline-prod'", "--delete", "--recordings")
    assert [option for option in known if option in asked.stdout] == options


def test_every_word_of_the_documentation_is_known() -> None:
    texts = [(ROOT / "README.md").read_text(), *(path.read_text() for path in (ROOT / "docs").glob("*.md"))]
    words = {
        word for text in texts for line in re.findall(r"make [a-z-]+((?: [A-Z_]+=)+)", text) for word in line.split()
    }

    assert words
    for word in words:
        assert "is not known" not in make("help", f"{word}1").stderr, word


@pytest.mark.parametrize(
    ("words", "command"), [((), "sam deploy"), (("STAGE=prod", "REGION=eu-west-1"), "sam deploy --config-env 'prod'")]
)
def test_a_deploy_checks_and_builds_first_with_our_own_python(words: tuple[str, ...], command: str) -> None:
    steps = make("deploy", "--old-file=.venv-container/.ready", *words).stdout

    assert re.search(rf'(?s)agent_check.*PATH="[^"]*/.venv/bin:\$PATH" sam build.*/.venv/bin:\$PATH" {command}', steps)


def test_nothing_is_removed_without_a_name() -> None:
    assert "STACK=warmline-prod" in make("remove").stdout
    assert "--stack 'warmline'" in make("remove", "STACK=warmline").stdout


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ([], set()),
        (["YES=1"], {"--yes"}),
        (["YES=0", "CUT_CALLS=1"], {"--cut-calls"}),
        (["YES=1", "CUT_CALLS=1"], {"--yes", "--cut-calls"}),
    ],
)
def test_a_removal_asks_unless_it_is_told_not_to(words: list[str], options: set[str]) -> None:
    said = make("remove", "STACK=warmline", *words).stdout

    assert {option for option in ("--yes", "--cut-calls") if option in said} == options
