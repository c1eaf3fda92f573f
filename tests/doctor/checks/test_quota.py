"""doctor.checks.quota: the Lambda quota of a new account."""

from sandbox.doctor_target.target import DoctorTarget
from tests.doctor.runs import diagnose


def test_the_quota_of_a_new_account_is_a_warning(target: DoctorTarget) -> None:
    target.installation.cloud.management.concurrent_executions = 10

    finding = diagnose(target, "quota").find_only("!")

    assert "only 10 functions at a time" in finding.message
    assert "Service Quotas" in finding.remedy


def test_a_missing_permission_is_named(target: DoctorTarget) -> None:
    target.installation.cloud.management.denied = {"GetAccountSettings"}

    assert "your AWS user may not call GetAccountSettings" in diagnose(target, "quota").find_only("✗").message
