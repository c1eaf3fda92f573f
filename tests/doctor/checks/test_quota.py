"""doctor.checks.quota: is it a new account's?"""

from sandbox.doctor_target.target import DoctorTarget
from tests.doctor.runs import diagnose


def test_the_quota_of_a_new_account_is_good_to_know(target: DoctorTarget) -> None:
    target.installation.cloud.management.concurrent_executions = 10

    finding = diagnose(target, "quota").only("!")

    assert "only 10 functions at a time" in finding.message
    assert "Service Quotas" in finding.remedy


def test_who_may_not_look_is_told_what_they_may_not(target: DoctorTarget) -> None:
    target.installation.cloud.management.denied = {"GetAccountSettings"}

    assert "your AWS user may not call GetAccountSettings" in diagnose(target, "quota").only("✗").message
