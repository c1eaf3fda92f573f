"""Where a demo's recordings go: never where they cannot be written, nor where another demo writes."""

import tempfile
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from sandbox.demo.display import Display
from sandbox.demo.output_folder import OutputFolderError, claim_output_folder


@pytest.fixture
def terminal() -> StringIO:
    return StringIO()


@pytest.fixture
def display(terminal: StringIO) -> Display:
    return Display(Console(file=terminal))


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where new folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_demo_alone_gets_the_wanted_folder(tmp_path: Path, display: Display, terminal: StringIO) -> None:
    wanted = tmp_path / "demo-output"

    for _ in range(2):  # one after the other
        with claim_output_folder(wanted, display) as folder:
            assert (folder, folder.is_dir()) == (wanted, True)
    assert terminal.getvalue() == ""


def test_a_second_demo_at_the_same_time_is_told_that_it_gets_a_folder_of_its_own(
    tmp_path: Path, display: Display, terminal: StringIO, temporary: Path
) -> None:
    wanted = tmp_path / "demo-output"

    with claim_output_folder(wanted, display), claim_output_folder(wanted, display) as own:
        assert (own.parent, own.is_dir()) == (temporary, True)
    assert not own.exists(), "nothing was written"
    assert terminal.getvalue() == (
        f"Another demo writes into demo-output/ at this moment: the recordings of this call go to {own}.\n"
    )


def test_a_folder_that_cannot_be_made_is_said_before_the_call(
    tmp_path: Path, display: Display, terminal: StringIO, temporary: Path
) -> None:
    (tmp_path / "project").touch()  # no folder can be made in a file, not even by root

    with claim_output_folder(tmp_path / "project" / "demo-output", display) as folder:
        (folder / "caller-heard.wav").touch()
    assert list(temporary.iterdir()) == [folder]
    assert terminal.getvalue() == (
        f"demo-output/ cannot be written (Not a directory): the recordings of this call go to {folder}.\n"
    )


def test_no_folder_at_all_is_said(tmp_path: Path, display: Display, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "project").touch()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))

    with (
        pytest.raises(OutputFolderError, match=r"^demo-output/ cannot be written .*, and there is no other folder "),
        claim_output_folder(tmp_path / "project" / "demo-output", display),
    ):
        raise AssertionError("there is none")
