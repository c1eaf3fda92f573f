"""Makes the checks one after the other, each within a time of its own, and lets none of them break the others.

A check that does not come back is left behind in its thread: names that do not resolve and answers that drip have no
other end.
"""

import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Protocol

from botocore.exceptions import BotoCoreError, ClientError

from doctor.checks import Check
from doctor.context import Patient
from doctor.errors import DoctorError, aws_error
from doctor.findings import Finding, Fix, Status, UnknownError, ok, skipped, unseen, wrong

CHECK_S = 45.0  # two cold functions, or a few servers that do not answer
TOTAL_S = 240.0


class Report(Protocol):
    """Who shows findings to the user, and asks."""

    def line(self, name: str, finding: Finding) -> None: ...

    def agrees(self, question: str) -> bool: ...


def examine(
    patient: Patient, checks: Iterable[Check], report: Report, *, check_s: float = CHECK_S, total_s: float = TOTAL_S
) -> Counter[Status]:
    """Make the checks, show each finding as it is made, fix what the user wants fixed; how many there were of each.

    What was fixed counts by what the check finds afterwards.
    """
    until = time.monotonic() + total_s
    counts: Counter[Status] = Counter()
    for check in checks:
        limit_s = min(check_s, until - time.monotonic())
        fixed = False
        found: Counter[Status] = Counter()
        for finding in _within(partial(check.look, patient), limit_s):
            _show(patient, report, check, finding)
            found[finding.status] += 1
            if finding.fix and (patient.options.fix or report.agrees(finding.fix.question)):
                asked_at = time.monotonic()
                fixed |= _fixed(patient, report, check, finding.fix, check_s)
                until += time.monotonic() - asked_at
        if fixed:
            found = Counter()
            for finding in _within(partial(check.look, patient), check_s):
                _show(patient, report, check, finding)
                found[finding.status] += 1
        counts += found
        if check.notes and not patient.chart.find(check.notes):
            report.line("all else", unseen(f"it needs {check.notes.CALLED}"))
            counts[Status.UNSEEN] += 1
            break
    return counts


def _show(patient: Patient, report: Report, check: Check, finding: Finding) -> None:
    shown = patient.chart.shown
    report.line(check.name, Finding(finding.status, shown(finding.says), shown(finding.cure), finding.fix))


def _fixed(patient: Patient, report: Report, check: Check, fix: Fix, limit_s: float) -> bool:
    def act() -> Iterator[Finding]:
        fix.act()
        yield ok("changed; once more:")

    results = list(_within(act, limit_s))
    for finding in results:
        _show(patient, report, check, finding)
    return results[-1].status is Status.OK


def _within(look: Callable[[], Iterator[Finding]], limit_s: float) -> Iterator[Finding]:
    """The findings as they come, the last one of them perhaps that no more came in time."""
    if limit_s <= 0:
        yield skipped("the time for all checks is over")
        return
    results: SimpleQueue[Finding | None] = SimpleQueue()
    until = time.monotonic() + limit_s
    Thread(target=_look, args=(look, results), daemon=True).start()
    while True:
        try:
            finding = results.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            yield wrong(f"this could not be found out within {limit_s:.0f} s", "check the network; try again")
            return
        if finding is None:
            return
        yield finding


def _look(look: Callable[[], Iterator[Finding]], results: SimpleQueue[Finding | None]) -> None:
    try:
        for finding in look():
            results.put(finding)
    except UnknownError as error:
        results.put(skipped(f"it needs {error}"))
    except DoctorError as error:
        results.put(wrong(error.says, error.cure))
    except (BotoCoreError, ClientError) as error:
        told = aws_error(error)
        results.put(wrong(told.says, told.cure))
    except Exception as error:  # a defect of one check must not keep the user from the others
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} at {last.filename.rpartition('/')[2]}:{last.lineno}"
        results.put(wrong(f"the check itself broke ({where})", "please report it; the other lines hold"))
    results.put(None)
