"""doctor.checks.service: do containers run, and is one of them healthy?"""

import pytest

from sandbox.doctor_target.target import DoctorTarget
from tests.doctor.runs import diagnose


def test_no_container_is_wrong_in_the_words_of_ecs(target: DoctorTarget) -> None:
    target.service.running, target.service.health = 0, []
    target.service.events = ["(service warmline) was unable to place a task: ResourceInitializationError", "older"]

    first, second = diagnose(target, "service").findings

    assert "ECS: (service warmline) was unable to place a task: ResourceInitializationError" in first.message
    assert second.message == "the load balancer has no healthy container (none)"


@pytest.mark.parametrize(
    ("rollout", "symbol"),
    [("COMPLETED", "✓"), ("IN_PROGRESS", "!"), ("FAILED", "✗")],
)
def test_a_deployment_is_weighed(target: DoctorTarget, rollout: str, symbol: str) -> None:
    target.service.rollout = rollout

    assert diagnose(target, "service").symbols == f"{symbol}✓"


def test_too_few_containers_are_good_to_know(target: DoctorTarget) -> None:
    target.service.desired = 2

    assert diagnose(target, "service").only("!").message.startswith("1 of 2 containers run")


def test_an_unhealthy_container_is_wrong(target: DoctorTarget) -> None:
    target.service.health = ["unhealthy", "draining"]

    message = diagnose(target, "service").only("✗").message
    assert message == "the load balancer has no healthy container (1 unhealthy, 1 draining) Health checks failed"


def test_a_service_that_is_not_there_is_wrong(target: DoctorTarget) -> None:
    target.installation.cloud.management.services.clear()

    assert "ClusterNotFoundException" in diagnose(target, "service").only("✗").message


@pytest.mark.parametrize("operation", ["DescribeServices", "DescribeTargetHealth"])
def test_who_may_not_look_is_told_what_they_may_not(target: DoctorTarget, operation: str) -> None:
    target.installation.cloud.management.denied = {operation}

    assert f"your AWS user may not call {operation}" in diagnose(target, "service").only("✗").message
