"""doctor.runner: no check breaks or outlasts the others, and nothing secret is shown."""

import threading
from collections.abc import Iterator
from typing import ClassVar

import boto3
import pytest

from doctor.checks import Check
from doctor.context import Aws, Options, Patient
from doctor.errors import DoctorError
from doctor.findings import Fact, Finding, Fix, Status, ok, wrong
from doctor.runner import examine
from tests.doctor.runs import Heard


class Weather:
    CALLED: ClassVar = "the weather"


def patient() -> Patient:
    return Patient(Options(), Aws(boto3.session.Session))


def good(_: Patient) -> Iterator[Finding]:
    yield ok("good")


def said(*looks: Check, whole: Patient | None = None, heard: Heard | None = None) -> list[tuple[str, str]]:
    heard = heard or Heard()
    examine(whole or patient(), looks, heard, check_s=5)
    return [(finding.status.value, finding.says) for _, finding in heard.lines]


def test_a_check_that_breaks_is_a_line_without_its_words() -> None:
    def broken(_: Patient) -> Iterator[Finding]:
        yield ok("so far")
        raise ValueError("the password is swordfish")

    first, second, third = said(Check("a", broken), Check("b", good))

    assert (first, third) == (("✓", "so far"), ("✓", "good"))
    assert second[1].startswith("the check itself broke (ValueError at test_runner.py:")
    assert "swordfish" not in second[1]


def test_a_check_that_never_comes_back_is_left_behind() -> None:
    over = threading.Event()

    def hangs(_: Patient) -> Iterator[Finding]:
        over.wait()
        yield ok("too late")

    heard = Heard()
    counts = examine(patient(), [Check("a", hangs)], heard, check_s=0.05)
    over.set()

    assert [finding.says for _, finding in heard.lines] == ["this could not be found out within 0 s"]
    assert counts == {Status.WRONG: 1}


def test_when_all_time_is_used_up_the_rest_is_skipped() -> None:
    heard = Heard()

    counts = examine(patient(), [Check("a", good)], heard, total_s=0)

    assert (counts, heard.lines[0][1].says) == ({Status.SKIPPED: 1}, "skipped: the time for all checks is over")


def test_what_needs_a_fact_that_is_missing_is_skipped() -> None:
    def asks(patient: Patient) -> Iterator[Finding]:
        patient.chart.get(Weather)
        yield ok("sunny")

    def knows(patient: Patient) -> Iterator[Finding]:
        patient.chart.note(Weather())
        yield ok("known")

    check = Check("a", asks)
    assert said(check, Check("b", knows), check) == [
        ("–", "skipped: it needs the weather"),
        ("✓", "known"),
        ("✓", "sunny"),
    ]


@pytest.mark.parametrize(("notes", "signs"), [(Weather, "✓…"), (None, "✓✓")])
def test_without_what_all_else_stands_on_nothing_else_is_looked_at(notes: type[Fact] | None, signs: str) -> None:
    heard = Heard()

    counts = examine(patient(), [Check("a", good, notes=notes), Check("b", good)], heard)

    assert "".join(finding.status.value for _, finding in heard.lines) == signs
    assert counts[Status.UNSEEN] == signs.count("…")


def test_a_secret_is_shown_nowhere() -> None:
    def tells(patient: Patient) -> Iterator[Finding]:
        patient.chart.hide("swordfish", "a")
        yield wrong("a server says: swordfish\x1b[2J", "do not say swordfish")

    heard = Heard()
    examine(patient(), [Check("a", tells)], heard)

    finding = heard.lines[0][1]
    assert (finding.says, finding.cure) == ("a server says: (hidden) [2J", "do not say (hidden)")


def test_who_talks_without_end_is_cut() -> None:
    def talks(_: Patient) -> Iterator[Finding]:
        yield ok("la" * 10_000)

    assert len(said(Check("a", talks))[0][1]) == 601


@pytest.mark.parametrize(("agrees", "signs"), [(True, "✗✓✓"), (False, "✗")])
def test_what_can_be_fixed_is_fixed_if_the_user_agrees(agrees: bool, signs: str) -> None:
    state = ["broken"]

    def look(_: Patient) -> Iterator[Finding]:
        yield wrong("broken", fix=Fix("Mend it?", state.clear)) if state else ok("whole")

    heard = Heard(agrees)
    counts = examine(patient(), [Check("a", look)], heard)

    assert "".join(finding.status.value for _, finding in heard.lines) == signs
    assert heard.questions == ["Mend it?"]
    assert counts == ({Status.OK: 1} if agrees else {Status.WRONG: 1})


def test_a_fix_that_fails_changes_no_verdict() -> None:
    def fail() -> None:
        raise DoctorError("glued")

    def look(_: Patient) -> Iterator[Finding]:
        yield wrong("broken", fix=Fix("Mend it?", fail))

    heard = Heard(answer=True)
    counts = examine(patient(), [Check("a", look)], heard)

    assert [finding.says for _, finding in heard.lines] == ["broken", "glued"]
    assert counts == {Status.WRONG: 1}
