"""doctor.checks.service: whether containers run and are healthy."""

import pytest

from sandbox.doctor_target.target import DoctorTarget
from tests.doctor.runs import diagnose


def test_without_a_running_container_the_message_of_ecs_is_reported(target: DoctorTarget) -> None:
    target.service.running, target.service.health = 0, []
    target.service.events = ["(service warmline) was unable to place a task: ResourceInitializationError", "older"]

    first, second = diagnose(target, "service").findings

    assert "ECS: (service warmline) was unable to place a task: ResourceInitializationError" in first.message
    assert second.message == "the load balancer has no healthy container (none)"


@pytest.mark.parametrize(
    ("rollout", "symbol"),
    [("COMPLETED", "✓"), ("IN_PROGRESS", "!"), ("FAILED", "✗")],
)
def test_the_state_of_a_deployment_decides_the_status(target: DoctorTarget, rollout: str, symbol: str) -> None:
    target.service.rollout = rollout

    assert diagnose(target, "service").symbols == f"{symbol}✓"


def test_too_few_containers_are_a_warning(target: DoctorTarget) -> None:
    target.service.desired = 2

    assert diagnose(target, "service").find_only("!").message.startswith("1 of 2 containers run")


def test_an_unhealthy_container_is_a_failure(target: DoctorTarget) -> None:
    target.service.health = ["unhealthy", "draining"]

    message = diagnose(target, "service").find_only("✗").message
    assert message == "the load balancer has no healthy container (1 unhealthy, 1 draining) Health checks failed"


def test_a_missing_service_is_a_failure(target: DoctorTarget) -> None:
    target.installation.cloud.management.services.clear()

    assert "ClusterNotFoundException" in diagnose(target, "service").find_only("✗").message


@pytest.mark.parametrize("operation", ["DescribeServices", "DescribeTargetHealth"])
def test_a_missing_permission_is_named(target: DoctorTarget, operation: str) -> None:
    target.installation.cloud.management.denied = {operation}

    assert f"your AWS user may not call {operation}" in diagnose(target, "service").find_only("✗").message
