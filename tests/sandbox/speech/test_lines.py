"""The lines of the demo: texts and files belong together."""

import pytest

from sandbox.speech.mulaw import energy, frames
from sandbox.speech.voices.lines import FOLDER, line, load_lines


def test_every_line_has_its_file_and_every_file_its_line() -> None:
    assert {path.stem for path in FOLDER.glob("*.ulaw")} == set(load_lines())


def test_every_line_is_said_by_somebody() -> None:
    assert {each.who for each in load_lines().values()} == {"model", "caller", "person"}


def test_all_files_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.ulaw")) < 2_000_000


def test_a_line_begins_and_ends_with_speech() -> None:
    for each in load_lines().values():
        loud = [energy(frame) > 0.003 for frame in frames(each.audio)]
        assert any(loud[:4]), each.name
        assert any(loud[-12:]), each.name


def test_an_unknown_line_is_an_error() -> None:
    with pytest.raises(KeyError):
        line("no_such_line")
