"""Runs the checks one after the other, each with its own time limit, so that no check can break or delay the others.

A check that does not return in time is left running in its thread. Nothing else ends a name look-up that hangs, or an
answer that comes a byte at a time.
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

from doctor.check_list import Check
from doctor.context import Context
from doctor.errors import DoctorError, explain_aws_error
from doctor.findings import Finding, Fix, Status, fail, ok, skip
from doctor.known_facts import MissingFactError

CHECK_S = 45.0  # two cold functions, or a few servers that do not answer
TOTAL_S = 240.0


class Reporter(Protocol):
    """Shows findings to the user, and asks them."""

    def show(self, name: str, finding: Finding) -> None: ...

    def confirm(self, question: str) -> bool: ...


def run_checks(
    context: Context, checks: Iterable[Check], reporter: Reporter, *, check_s: float = CHECK_S, total_s: float = TOTAL_S
) -> Counter[Status]:
    """Run the checks, show each finding at once, and apply the fixes that the user agrees to.

    Returns how many findings there were of each status. After a fix, only the findings of the second run count.
    """
    deadline = time.monotonic() + total_s
    counts: Counter[Status] = Counter()
    for check in checks:
        findings = _run_check(context, reporter, check, min(check_s, deadline - time.monotonic()))
        if fixes := [finding.fix for finding in findings if finding.fix]:
            asked_at = time.monotonic()
            applied = [_offer_fix(context, reporter, check, fix, check_s) for fix in fixes]
            deadline += time.monotonic() - asked_at
            if any(applied):
                findings = _run_check(context, reporter, check, check_s)
        counts += Counter(finding.status for finding in findings)
        if check.required_fact and not context.facts.find(check.required_fact):
            reporter.show("the rest", Finding(Status.NOT_CHECKED, f"not checked: needs {check.required_fact.LABEL}"))
            counts[Status.NOT_CHECKED] += 1
            break
    return counts


def _run_check(context: Context, reporter: Reporter, check: Check, limit_s: float) -> list[Finding]:
    findings = []
    for finding in _run_with_limit(partial(check.run, context), limit_s):
        _show(context, reporter, check, finding)
        findings.append(finding)
    return findings


def _show(context: Context, reporter: Reporter, check: Check, finding: Finding) -> None:
    redact = context.redactor.redact
    reporter.show(check.name, Finding(finding.status, redact(finding.message), redact(finding.remedy), finding.fix))


def _offer_fix(context: Context, reporter: Reporter, check: Check, fix: Fix, limit_s: float) -> bool:
    """Whether the fix was applied."""
    if not context.options.fix and not reporter.confirm(fix.question):
        return False

    def apply() -> Iterator[Finding]:
        fix.apply()
        yield ok("changed; checking again")

    findings = list(_run_with_limit(apply, limit_s))
    for finding in findings:
        _show(context, reporter, check, finding)
    return findings[-1].status is Status.OK


def _run_with_limit(run: Callable[[], Iterator[Finding]], limit_s: float) -> Iterator[Finding]:
    """The findings as they come. The last one may say that the time is over."""
    if limit_s <= 0:
        yield skip("the time for all checks is over")
        return
    queue: SimpleQueue[Finding | None] = SimpleQueue()
    deadline = time.monotonic() + limit_s
    Thread(target=_run_into_queue, args=(run, queue), daemon=True).start()
    while True:
        try:
            finding = queue.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            yield fail(f"no result within {limit_s:.0f} s", "check the network; try again")
            return
        if finding is None:
            return
        yield finding


def _run_into_queue(run: Callable[[], Iterator[Finding]], queue: SimpleQueue[Finding | None]) -> None:
    try:
        for finding in run():
            queue.put(finding)
    except MissingFactError as error:
        queue.put(skip(f"needs {error}"))
    except DoctorError as error:
        queue.put(fail(error.message, error.remedy))
    except (BotoCoreError, ClientError) as error:
        explained = explain_aws_error(error)
        queue.put(fail(explained.message, explained.remedy))
    except Exception as error:  # a defect of one check must not keep the user from the others
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} at {last.filename.rpartition('/')[2]}:{last.lineno}"
        queue.put(fail(f"the check itself broke ({where})", "please report it; the other lines are still valid"))
    queue.put(None)
