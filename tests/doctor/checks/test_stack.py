"""doctor.checks.stack: the state and the outputs of the stack."""

import pytest

from doctor.check_list import CHECKS
from doctor.options import Options
from sandbox.doctor_target.target import DoctorTarget
from tests.doctor.runs import diagnose


@pytest.mark.parametrize(
    ("status", "symbol"),
    [
        ("UPDATE_COMPLETE", "✓"),
        ("UPDATE_ROLLBACK_COMPLETE", "!"),
        ("UPDATE_IN_PROGRESS", "!"),
        ("ROLLBACK_COMPLETE", "✗"),
        ("DELETE_FAILED", "✗"),
    ],
)
def test_the_state_of_the_stack_decides_the_status(target: DoctorTarget, status: str, symbol: str) -> None:
    target.stack.status = status

    finding = diagnose(target, "stack").find_only(symbol)

    assert finding.message.startswith(f"warmline in us-east-1 is {status}")
    assert bool(finding.remedy) == (symbol != "✓")


def test_without_a_stack_no_other_check_runs(target: DoctorTarget) -> None:
    diagnosis = diagnose(target, *(check.name for check in CHECKS), options=Options(stack="wormline"))

    assert diagnosis.findings[0].message == "there is no stack wormline in us-east-1"
    assert "sam deploy --guided" in diagnosis.findings[0].remedy
    assert diagnosis.find_only("✗") is diagnosis.findings[0]


def test_a_missing_output_is_named(target: DoctorTarget) -> None:
    del target.stack.outputs["FallbackUrl"]

    assert "lacks the outputs FallbackUrl" in diagnose(target, "stack").find_only("✗").message


def test_a_missing_permission_is_named(target: DoctorTarget) -> None:
    target.installation.cloud.management.denied = {"DescribeStacks"}

    finding = diagnose(target, "stack").find_only("✗")

    assert finding.message == "your AWS user may not call DescribeStacks (AccessDenied)"
    assert finding.remedy == "allow DescribeStacks, or use another user"
