"""doctor.checks.service: do containers run, and is one of them healthy?"""

import pytest

from sandbox.doctor_target.target import Examined
from tests.doctor.runs import visit


def test_no_container_is_wrong_in_the_words_of_ecs(whole: Examined) -> None:
    whole.service.running, whole.service.health = 0, []
    whole.service.events = ["(service warmline) was unable to place a task: ResourceInitializationError", "older"]

    first, second = visit(whole, "service").found

    assert "ECS: (service warmline) was unable to place a task: ResourceInitializationError" in first.says
    assert second.says == "the load balancer has no healthy container (none)"


@pytest.mark.parametrize(
    ("rollout", "sign"),
    [("COMPLETED", "✓"), ("IN_PROGRESS", "!"), ("FAILED", "✗")],
)
def test_a_deployment_is_weighed(whole: Examined, rollout: str, sign: str) -> None:
    whole.service.rollout = rollout

    assert visit(whole, "service").signs == f"{sign}✓"


def test_too_few_containers_are_good_to_know(whole: Examined) -> None:
    whole.service.desired = 2

    assert visit(whole, "service").one("!").says.startswith("1 of 2 containers run")


def test_an_unhealthy_container_is_wrong(whole: Examined) -> None:
    whole.service.health = ["unhealthy", "draining"]

    says = visit(whole, "service").one("✗").says
    assert says == "the load balancer has no healthy container (1 unhealthy, 1 draining) Health checks failed"


def test_a_service_that_is_not_there_is_wrong(whole: Examined) -> None:
    whole.house.cloud.management.services.clear()

    assert "ClusterNotFoundException" in visit(whole, "service").one("✗").says


@pytest.mark.parametrize("operation", ["DescribeServices", "DescribeTargetHealth"])
def test_who_may_not_look_is_told_what_they_may_not(whole: Examined, operation: str) -> None:
    whole.house.cloud.management.denied = {operation}

    assert f"your AWS user may not do {operation}" in visit(whole, "service").one("✗").says
