"""doctor.checks.stack: without the stack nothing else can be looked at."""

import pytest

from doctor.checks import CHECKS
from doctor.context import Options
from sandbox.doctor_target.target import Examined
from tests.doctor.runs import visit


@pytest.mark.parametrize(
    ("status", "sign"),
    [
        ("UPDATE_COMPLETE", "✓"),
        ("UPDATE_ROLLBACK_COMPLETE", "!"),
        ("UPDATE_IN_PROGRESS", "!"),
        ("ROLLBACK_COMPLETE", "✗"),
        ("DELETE_FAILED", "✗"),
    ],
)
def test_the_state_of_the_stack_is_weighed(whole: Examined, status: str, sign: str) -> None:
    whole.stack.status = status

    finding = visit(whole, "stack").one(sign)

    assert finding.says.startswith(f"warmline in us-east-1 is {status}")
    assert bool(finding.cure) == (sign != "✓")


def test_a_stack_that_is_not_there_leaves_all_else_unsaid(whole: Examined) -> None:
    seen = visit(whole, *(check.name for check in CHECKS), options=Options(stack="wormline"))

    assert seen.found[0].says == "there is no stack wormline in us-east-1"
    assert "sam deploy --guided" in seen.found[0].cure
    assert seen.one("✗") is seen.found[0]


def test_a_missing_output_is_named(whole: Examined) -> None:
    del whole.stack.outputs["FallbackUrl"]

    assert "lacks the outputs FallbackUrl" in visit(whole, "stack").one("✗").says


def test_who_may_not_look_is_told_what_they_may_not(whole: Examined) -> None:
    whole.house.cloud.management.denied = {"DescribeStacks"}

    finding = visit(whole, "stack").one("✗")

    assert finding.says == "your AWS user may not do DescribeStacks (AccessDenied)"
    assert finding.cure == "let it do DescribeStacks, or use another"
