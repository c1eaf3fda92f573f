"""What the user reads when a build fails."""

import pytest

from tests.image_builder.aws import LOG_GROUP, Ending
from tests.image_builder.conftest import Stack
from tests.image_builder.wire import Refusal

REFUSED = 'ERROR: failed to solve: process "python -m pip install" did not complete successfully: exit code: 1'


def phase(name: str, status: str, code: str = "", message: str = "") -> dict[str, object]:
    return {"phaseType": name, "phaseStatus": status, "contexts": [{"statusCode": code, "message": message}]}


def phases(*failed: str) -> list[dict[str, object]]:
    message = "Error while executing command: docker build --tag x context. Reason: exit status 1"
    ends = [phase(name, "FAILED", "COMMAND_EXECUTION_ERROR", message) for name in failed]
    return [phase("PRE_BUILD", "SUCCEEDED"), *ends, {"phaseType": "COMPLETED"}]


def test_the_end_of_the_log_is_the_reason(stack: Stack) -> None:
    log = [*(f"#5 Collecting package {number}" for number in range(400)), REFUSED]
    log += ["[Container] 2026/11/22 12:00:00 Phase complete: BUILD State: FAILED", "", "[Container] Entering phase X"]
    stack.aws.ending = Ending(status="FAILED", phases=phases("BUILD", "POST_BUILD"), log=log)

    reason = stack.reason()

    assert "ended as FAILED in phase BUILD: Error while executing command: docker build" in reason
    assert f"Its log (group {LOG_GROUP}, stream" in reason
    assert reason.endswith(f"#5 Collecting package 399 | {REFUSED}")
    assert len(reason) < 1200


def test_what_codebuild_says_itself_is_the_end_of_a_log_without_more(stack: Stack) -> None:
    stack.aws.ending = Ending(status="FAULT", log=["[Container] Waiting for agent ping"])

    assert stack.reason().endswith("ends: [Container] Waiting for agent ping")


@pytest.mark.parametrize("letters", ["\x1b[31m", "“ä”", '"\\', "\x00"], ids=["colour", "wide", "escaped", "null"])
def test_a_log_of_garbage_is_a_reason_too(stack: Stack, letters: str) -> None:
    stack.aws.ending = Ending(status="FAILED", phases=phases("BUILD"), log=[letters * 5000])

    assert "ended as FAILED in phase BUILD" in stack.reason()


def test_a_build_that_never_began_says_why(stack: Stack) -> None:
    contexts = [{"statusCode": "ACCESS_DENIED", "message": "may not create the log stream"}, {"statusCode": ""}]
    failed = [{"phaseType": "PROVISIONING", "phaseStatus": "FAULT", "contexts": contexts}]
    stack.aws.ending = Ending(status="FAULT", phases=failed, log=None)

    reason = stack.reason()

    assert reason.endswith("ended as FAULT in phase PROVISIONING: may not create the log stream. It left no log.")


@pytest.mark.parametrize("status", ["STOPPED", "TIMED_OUT"])
def test_every_end_but_success_is_a_failure(stack: Stack, status: str) -> None:
    stack.aws.ending = Ending(status=status)

    assert f"ended as {status}. Its log" in (reason := stack.reason())
    assert reason.endswith("is empty.")


def test_a_log_that_may_not_be_read_does_not_hide_the_failure(stack: Stack) -> None:
    stack.aws.ending = Ending(status="FAILED", phases=phases("BUILD"))
    stack.aws.refused["GetLogEvents"] = Refusal("AccessDeniedException", "no logs:GetLogEvents")

    reason = stack.reason()

    assert "in phase BUILD: Error while executing command" in reason
    assert "no logs:GetLogEvents" in reason
