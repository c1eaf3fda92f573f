"""doctor.report: the lines, the question and the verdict that the user sees."""

import io
from collections import Counter

import pytest
from rich.console import Console

from doctor.findings import Status, fail, ok, skip, warn
from doctor.report import ConsoleReporter


class Output(io.TextIOWrapper):
    """A file with an encoding, and what was written to it."""

    def __init__(self, encoding: str) -> None:
        super().__init__(io.BytesIO(), encoding, write_through=True)

    def getvalue(self) -> str:
        self.seek(0)
        return self.read()


def make_reporter(
    encoding: str = "utf-8", answer: str = "", *, terminal: bool = False
) -> tuple[ConsoleReporter, Output]:
    output = Output(encoding)
    console = Console(file=output, highlight=False, force_terminal=terminal, force_interactive=terminal, width=40)
    return ConsoleReporter(console, lambda _: answer), output


def test_a_line_has_a_symbol_a_subject_a_sentence_and_a_remedy() -> None:
    reporter, output = make_reporter()

    reporter.show("number", ok("it leads here"))
    reporter.show("model", warn("it ends [soon]", "name another, and be so kind as not to break this line"))

    assert output.getvalue() == (
        "✓ number      it leads here.\n"
        "! model       it ends [soon].\n"
        "              → name another, and be so kind as not to break this line\n"
    )


def test_an_output_that_cannot_show_symbols_gets_words() -> None:
    reporter, output = make_reporter("ascii")

    for finding in (ok("a"), fail("b – c", "d"), skip("e")):
        reporter.show("it", finding)

    assert output.getvalue() == (
        "ok    it          a.\nWRONG it          b ? c.\n                  -> d\n-     it          skipped: e.\n"
    )


def test_the_same_line_is_not_printed_twice_in_a_row() -> None:
    reporter, output = make_reporter()

    reporter.show("secrets", skip("why"))
    reporter.show("secrets", skip("why"))
    reporter.show("account", skip("why"))

    assert output.getvalue().count("\n") == 2


@pytest.mark.parametrize(("answer", "agreed"), [("y", True), (" YES ", True), ("", False), ("n", False), ("j", False)])
def test_only_a_clear_yes_confirms(answer: str, agreed: bool) -> None:
    reporter, output = make_reporter(answer=answer, terminal=True)

    assert reporter.confirm("Set it?") is agreed
    assert "Set it? [y/N]" in output.getvalue()


def test_without_a_terminal_no_question_is_asked() -> None:
    reporter, output = make_reporter(answer="y")

    assert (reporter.confirm("Set it?"), output.getvalue()) == (False, "")


@pytest.mark.parametrize(
    ("counts", "status", "verdict"),
    [
        ({Status.OK: 3, Status.WARNING: 1}, 0, "Nothing is wrong. (3 ok, 1 to know)"),
        (
            {Status.OK: 3, Status.FAILURE: 2, Status.SKIPPED: 4},
            1,
            "Something is wrong, and callers will notice. (3 ok, 2 wrong, 4 s",
        ),
        ({Status.OK: 1, Status.FAILURE: 1, Status.NOT_CHECKED: 1}, 1, "\nThe installation could not be checked.\n"),
    ],
)
def test_the_exit_status_is_0_only_if_nothing_is_wrong(counts: dict[Status, int], status: int, verdict: str) -> None:
    reporter, output = make_reporter()

    assert reporter.summarize(Counter(counts)) == status
    assert verdict in output.getvalue()
