"""What the programs of the console say to whoever started them."""

import pytest

from console.terminal import find_first_error, say


def test_a_sentence_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    say("Ready.")

    assert capsys.readouterr().out == "Ready.\n"


def test_the_first_error_is_found_in_groups_of_groups() -> None:
    first, second = ValueError("first"), ValueError("second")

    assert find_first_error(ExceptionGroup("outer", [ExceptionGroup("inner", [first]), second])) is first
