"""doctor.checks.quota: is it a new account's?"""

from sandbox.doctor_target.target import Examined
from tests.doctor.runs import visit


def test_the_quota_of_a_new_account_is_good_to_know(whole: Examined) -> None:
    whole.house.cloud.management.concurrent_executions = 10

    finding = visit(whole, "quota").one("!")

    assert "only 10 functions at a time" in finding.says
    assert "Service Quotas" in finding.cure


def test_who_may_not_look_is_told_what_they_may_not(whole: Examined) -> None:
    whole.house.cloud.management.denied = {"GetAccountSettings"}

    assert "your AWS user may not do GetAccountSettings" in visit(whole, "quota").one("✗").says
