"""`python -m doctor.people`: what it says of a directory."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from doctor.people import main
from tests.transfer.directories import GOOD

ROOT = Path(__file__).parents[2]
MONDAY, CHRISTMAS = datetime(2026, 11, 23, 9, 0, tzinfo=UTC), datetime(2026, 12, 25, 10, 0, tzinfo=UTC)
COMPLETE = 'business_number = "+15550100000"\n' + GOOD


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "directory.toml"


def test_the_command_runs_alone_and_says_what_each_entry_means(file: Path) -> None:
    file.write_text(COMPLETE)
    command = [sys.executable, "-m", "doctor.people", str(file)]

    done = subprocess.run(command, cwd=ROOT, env={}, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    [_, support] = done.stdout.splitlines()
    assert (
        support == "directory.toml: support: always open, waits in a queue for 20 s, then a message, and tells nobody"
    )


def test_without_a_file_it_is_the_one_that_is_deployed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], MONDAY) == 0
    assert capsys.readouterr().out.startswith("directory.toml: ")


@pytest.mark.parametrize(
    ("old", "new", "now", "said"),
    [
        ("", "", MONDAY, "open now, rings 3 in turn for 20 s each (a key takes the call), then support"),
        ("", "", CHRISTMAS, "closed until Mon 28 Dec 09:00, rings 3 in turn for 20 s each "),
        (
            'ring = "in_turn"',
            'ring = "together"\naccept = "answer"\nring_seconds = 15',
            MONDAY,
            "open now, rings 3 together for 15 s (whoever picks up takes the call), then support",
        ),
        (
            ', "sip:anna@example.com", "client:anna"]',
            "]",
            MONDAY,
            "open now, rings one for 20 s (a key takes the call), then support",
        ),
        (
            'nobody = { destination = "support" }',
            "",
            MONDAY,
            "open now, rings 3 in turn for 20 s each (a key takes the call), then back to the model",
        ),
    ],
)
def test_an_entry_is_told_as_it_is_understood(
    file: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, now: datetime, said: str
) -> None:
    file.write_text(COMPLETE.replace(old, new))

    assert main([str(file)], now) == 0
    assert capsys.readouterr().out.startswith(f"directory.toml: desk: {said}")


def test_it_says_who_is_told_without_the_whole_number(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(COMPLETE.replace('"message"', '"message"\nnotify = ["sms:+15550100012", "sns"]'))

    assert main([str(file)], MONDAY) == 0
    [_, support] = capsys.readouterr().out.splitlines()
    assert support.endswith("then a message, and tells +1555…12 by SMS, whoever subscribes")


def test_a_destination_that_holidays_keep_closed_for_a_year_is_told(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    days = ", ".join(f"{MONDAY + timedelta(weeks=week):%Y-%m-%d}" for week in range(60))
    text = COMPLETE.replace("  2026-12-25,\n", f"  {days},\n").replace('mon_fri = "09:00-17:00"', 'mon = "09:00-17:00"')
    file.write_text(text)

    assert main([str(file)], MONDAY) == 0
    assert "desk: closed for a year or more" in capsys.readouterr().out


def test_a_bad_file_is_refused_with_every_fault(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text("time_zone = 3\n")

    assert main([str(file)], MONDAY) == 1
    destination, zone = capsys.readouterr().err.splitlines()
    assert destination.startswith(f"{file}:1: destination: missing, expected a list")
    assert zone == f"{file}:1: time_zone: expected text, got 3: write it in quotes"
