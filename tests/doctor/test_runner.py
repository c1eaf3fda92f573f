"""doctor.runner: no check breaks or delays the others, and no secret is shown."""

import threading
from collections.abc import Iterator
from typing import ClassVar

import boto3
import pytest

from doctor.check_list import Check
from doctor.context import Aws, Context
from doctor.errors import DoctorError
from doctor.findings import Finding, Fix, Status, fail, ok
from doctor.known_facts import Fact
from doctor.options import Options
from doctor.runner import run_checks
from tests.bounds import WAIT_S
from tests.doctor.runs import RecordingReporter


class Weather:
    LABEL: ClassVar = "the weather"


def context() -> Context:
    return Context(Options(), Aws(boto3.session.Session))


def good(_: Context) -> Iterator[Finding]:
    yield ok("good")


def run(*checks: Check) -> list[tuple[str, str]]:
    """The symbol and the message of each line."""
    reporter = RecordingReporter()
    run_checks(context(), checks, reporter, check_s=5)
    return [(finding.status.value, finding.message) for _, finding in reporter.lines]


def test_a_check_that_raises_is_reported_without_the_message_of_its_error() -> None:
    def broken(_: Context) -> Iterator[Finding]:
        yield ok("so far")
        raise ValueError("the password is swordfish")

    first, second, third = run(Check("a", broken), Check("b", good))

    assert (first, third) == (("✓", "so far"), ("✓", "good"))
    assert second[1].startswith("the check itself broke (ValueError at test_runner.py:")
    assert "swordfish" not in second[1]


def test_a_check_that_never_returns_is_reported_after_its_time_limit() -> None:
    over = threading.Event()

    def hangs(_: Context) -> Iterator[Finding]:
        over.wait(WAIT_S)
        yield ok("too late")

    reporter = RecordingReporter()
    counts = run_checks(context(), [Check("a", hangs)], reporter, check_s=0.05)
    over.set()

    assert [finding.message for _, finding in reporter.lines] == ["no result within 0 s"]
    assert counts == {Status.FAILURE: 1}


def test_after_the_total_time_limit_the_other_checks_are_skipped() -> None:
    reporter = RecordingReporter()

    counts = run_checks(context(), [Check("a", good)], reporter, total_s=0)

    assert (counts, reporter.lines[0][1].message) == ({Status.SKIPPED: 1}, "skipped: the time for all checks is over")


def test_a_check_that_needs_a_missing_fact_is_skipped() -> None:
    def asks(context: Context) -> Iterator[Finding]:
        context.facts.get(Weather)
        yield ok("sunny")

    def knows(context: Context) -> Iterator[Finding]:
        context.facts.add(Weather())
        yield ok("known")

    check = Check("a", asks)
    assert run(check, Check("b", knows), check) == [
        ("–", "skipped: needs the weather"),
        ("✓", "known"),
        ("✓", "sunny"),
    ]


@pytest.mark.parametrize(("required_fact", "symbols"), [(Weather, "✓…"), (None, "✓✓")])
def test_without_a_required_fact_no_other_check_runs(required_fact: type[Fact] | None, symbols: str) -> None:
    reporter = RecordingReporter()

    counts = run_checks(context(), [Check("a", good, required_fact=required_fact), Check("b", good)], reporter)

    assert "".join(finding.status.value for _, finding in reporter.lines) == symbols
    assert counts[Status.NOT_CHECKED] == symbols.count("…")


def test_a_secret_is_never_shown() -> None:
    def tells(context: Context) -> Iterator[Finding]:
        context.redactor.add("swordfish", "a")
        yield fail("a server says: swordfish\x1b[2J", "do not say swordfish")

    reporter = RecordingReporter()
    run_checks(context(), [Check("a", tells)], reporter)

    finding = reporter.lines[0][1]
    assert (finding.message, finding.remedy) == ("a server says: (hidden) [2J", "do not say (hidden)")


def test_a_long_message_is_cut() -> None:
    def talks(_: Context) -> Iterator[Finding]:
        yield ok("la" * 10_000)

    assert len(run(Check("a", talks))[0][1]) == 601


@pytest.mark.parametrize(("agrees", "symbols"), [(True, "✗✓✓"), (False, "✗")])
def test_a_fix_is_applied_if_the_user_agrees(agrees: bool, symbols: str) -> None:
    state = ["broken"]

    def look(_: Context) -> Iterator[Finding]:
        yield fail("broken", fix=Fix("Mend it?", state.clear)) if state else ok("whole")

    reporter = RecordingReporter(agrees)
    counts = run_checks(context(), [Check("a", look)], reporter)

    assert "".join(finding.status.value for _, finding in reporter.lines) == symbols
    assert reporter.questions == ["Mend it?"]
    assert counts == ({Status.OK: 1} if agrees else {Status.FAILURE: 1})


def test_a_fix_that_fails_does_not_change_the_result() -> None:
    def raise_error() -> None:
        raise DoctorError("glued")

    def look(_: Context) -> Iterator[Finding]:
        yield fail("broken", fix=Fix("Mend it?", raise_error))

    reporter = RecordingReporter(answer=True)
    counts = run_checks(context(), [Check("a", look)], reporter)

    assert [finding.message for _, finding in reporter.lines] == ["broken", "glued"]
    assert counts == {Status.FAILURE: 1}
