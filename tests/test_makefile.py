"""What may be set on make's command line, and what is said of anything else."""

import os
import re
import shlex
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
    ("words", "said"),
    [
        ("doctor human=busy", "make doctor: human=...: expected AGENT=... DIRECTORY=... FIX=... "),
        ("doctor HUMAN=busy", "make doctor: HUMAN=...: expected AGENT=... DIRECTORY=... FIX=... "),
        ("doctor TWILIO_AUTH_TOKEN=secret", "make doctor: TWILIO_AUTH_TOKEN=...: expected AGENT=... "),
        ("HUMAN=busy", "make help: HUMAN=...: expected nothing"),
        ("format check FIX=1", "make format check: FIX=...: expected nothing."),
        ("check STAGE=prod", "make check: STAGE=...: expected nothing; a stage is only for make deploy."),
        ("test STACK=mine", "make test: STACK=...: expected WORKERS=....  Stop."),
        ("doctor FIX=yes", "FIX=yes: expected one of 0 1"),
        ("doctor FIX='0 1'", "FIX=0 1: expected one of 0 1"),
        ("doctor SANDBOX=true", "SANDBOX=true: expected one of 0 1"),
        ("bench PEERS=2", "PEERS=2: expected one of 0 1"),
        ("deploy STAGE=production", "STAGE=production: expected one of default prod"),
        ("secrets ROTATE=now", "ROTATE=now: expected one of begin switch end"),
        ("image PLATFORM=arm64", "PLATFORM=arm64: expected one of linux/amd64 linux/arm64"),
        ("test WORKERS=4", 'WORKERS=4: expected nothing, or pytest\'s options such as WORKERS="-n 2"'),
        (
            "deploy STACK=prod",
            "make deploy: STACK=...: expected REGION=... STAGE=...; a deploy takes a stage of samconf",
        ),
        *(
            (f"{target} STAGE=prod", "STACK=...; a stage is only for make deploy.")
            for target in ("doctor", "outputs", "delete-caller-data")
        ),
    ],
)
def test_a_word_that_a_target_does_not_take_stops_it_with_one_line(words: str, said: str) -> None:
    refused = make(*shlex.split(words))

    assert (refused.returncode, refused.stdout) == (2, "")
    [line] = refused.stderr.splitlines()
    assert said in line
    assert "secret" not in line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("doctor NUMBER=123", "--number (NUMBER of make): expected E.164, such as +14155550100, got '123'"),
        ("doctor STACK=-x", "--stack (STACK of make): expected one argument"),
        ("delete-caller-data", "--number (NUMBER of make): expected one caller's number in E.164, "),
        ("remove STACK=-x", "--stack (STACK of make): expected one argument"),
        ("secrets REGION=-x", "--region (REGION of make): expected one argument"),
        ("tunnel URL=-x", "--url (URL of make): expected one argument"),
    ],
)
def test_a_value_that_a_program_refuses_is_told_in_one_line(words: str, said: str) -> None:
    program = shutil.which("make")
    assert program is not None
    command = [program, "--silent", "--old-file=.venv/.ready", *words.split()]
    environment = {"PATH": os.environ["PATH"]}
    refused = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    line, of_make = refused.stderr.splitlines()
    assert said in line
    assert of_make.startswith("make: *** ")


def test_every_word_that_a_recipe_reads_is_taken_by_its_target() -> None:
    text = (ROOT / "Makefile").read_text()
    table = dict(re.findall(r"^TAKES_([a-z-]+) := (.*)$", text, re.MULTILINE))
    known = {word for words in table.values() for word in words.split()}
    recipes = re.findall(r"^([a-z-]+):.*\n((?:\t.*\n)+)", text, re.MULTILINE)

    assert {target for target, _ in recipes} >= table.keys()
    for target, recipe in recipes:
        assert set(re.findall(r"\$\(([A-Z_]+)\)", recipe)) & known <= set(table.get(target, "").split()), target


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


def test_every_word_of_the_documentation_is_taken() -> None:
    help_lines = re.sub(r"^([a-z-]+):.*##", r"make \1", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    texts = [help_lines, (ROOT / "README.md").read_text(), *(path.read_text() for path in (ROOT / "docs").glob("*.md"))]
    shown = {
        (target, word)
        for text in texts
        for target, words in re.findall(r"make ([a-z-]+)((?: +[A-Z_]+=[^\s`]*)+)", text)
        for word in re.findall("[A-Z_]+(?==)", words)
    }
    shown |= {
        (target, word)
        for target, words in re.findall(r"^make ([a-z-]+) .*?\((.*)\)", help_lines, re.MULTILINE)
        for word in re.findall("[A-Z_]+(?==)", words)
    }

    assert len({target for target, _ in shown}) > 5
    for target, word in sorted(shown):
        assert f"{word}=...:" not in make(target, f"{word}=1").stderr, target


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


@pytest.mark.parametrize(("bad", "status"), [((), 0), (("people",), 2), (("agent",), 2), (("people", "agent"), 2)])
def test_a_check_tells_the_faults_of_people_and_agent_in_one_run(
    tmp_path: Path, bad: tuple[str, ...], status: int
) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for environment in (".venv", ".venv-container"):
        (tmp_path / environment / "bin").mkdir(parents=True)
        (tmp_path / environment / ".ready").touch()
        program = tmp_path / environment / "bin" / "python"
        program.write_text(
            f'#!/bin/sh\necho "$@"\ncase "$*" in {" | ".join(f"*{each}*" for each in (*bad, "none"))}) exit 1; esac\n'
        )
        program.chmod(0o755)
    options = ("--old-file=.venv/.ready", "--old-file=.venv-container/.ready")
    make_program = shutil.which("make")
    assert make_program is not None

    checked = subprocess.run(
        [make_program, "check", *options],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == status
    assert checked.stdout.splitlines()[:2] == ["-m doctor.people", "-m socket_server.agent_check"]
    assert ("-m mypy" in checked.stdout) == (not bad)
