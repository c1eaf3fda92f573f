"""What a demo leaves for its user: recordings, a report of the call, and the last lines in the terminal.

The report has the call as it was watched, and the words that people said to each other. Warmline does not hear those,
and its record has none of them. The demo knows its lines, and counts those as heard that were found in the recording of
the other's ear.
"""

import dataclasses
from collections.abc import Collection, Sequence
from pathlib import Path

from console.call_view import CallView, Turn
from console.report.write_report import write_report
from sandbox.demo.display import Display
from sandbox.demo.people import SpokenLine
from sandbox.demo.verdict import Verdict
from sandbox.speech import mulaw
from sandbox.twilio.call_report import CallReport

REPORT = "report.html"

_CALLER = "Caller"


def remove_report(folder: Path) -> None:
    """Of a call before."""
    (folder / REPORT).unlink(missing_ok=True)


def save_report(view: CallView, said: Sequence[SpokenLine], found: Collection[str], folder: Path) -> None:
    """Write it; raises OSError. `found`: the lines that people said to each other and that were heard."""
    write_report(make_view(view, said, found), folder / REPORT, show_numbers=True)  # they are made up


def save_recordings(report: CallReport, folder: Path, display: Display) -> None:
    """Write what the caller heard, and what Anna heard if she picked up."""
    recordings = {"caller-heard.wav": report.heard, "anna-heard.wav": b"".join(leg.heard for leg in report.legs)}
    for name, heard in recordings.items():
        if heard:
            mulaw.write_wav(folder / name, heard)
            display.show_note(f"Listen to it: {_shorten(folder / name)}")
        else:
            (folder / name).unlink(missing_ok=True)  # of a call before


def show_verdict(verdict: Verdict, folder: Path, display: Display) -> None:
    """The end of what the user reads: whether the caller was served, and where to look."""
    for problem in verdict.problems:
        display.show_problem(problem)
    if not verdict.problems:
        display.show_note("The caller was served.")
    if (folder / REPORT).exists():
        display.show_note(f"See what happened, step by step: {_shorten(folder / REPORT)}")


def make_view(view: CallView, said: Sequence[SpokenLine], found: Collection[str]) -> CallView:
    """`found`: the lines that people said to each other and that were heard."""
    words = [
        Turn(
            number=number,  # the record's own have numbers of 48 bits
            at_ms=each.at_ms,
            speaker="caller" if each.who == _CALLER else "person",
            name=each.who,
            heard=each.line.text,
        )
        for number, each in enumerate(said, start=1)
        if each.line.name in found
    ]
    return dataclasses.replace(view, turns=tuple(sorted((*view.turns, *words), key=lambda turn: turn.at_ms)))


def _shorten(file: Path) -> Path:
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file
