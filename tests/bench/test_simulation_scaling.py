import pytest

from bench.simulation.scaling import ActiveCalls, Periods, TargetTracking
from bench.simulation.settings import Assumptions, Settings

# MaxCalls 20: the target is 12 calls a task, and tasks are taken away below 10.8.
SETTINGS = Settings(max_tasks=50, min_tasks=2)


def desired(
    policy: TargetTracking, now_s: float, periods: Periods, tasks: int, starting: bool = False, may_shrink: bool = True
) -> int:
    return policy.compute_desired(now_s, periods, tasks, starting=starting, may_shrink=may_shrink)


@pytest.mark.parametrize(
    ("periods", "tasks", "expected"),
    [
        ([20.0, 20, 20], 2, 4),  # 2 × 20 / 12 = 3.3, rounded up
        ([13.0, 13, 18], 10, 15),  # by the newest value
        ([20.0, 20], 2, 2),  # two minutes are not enough
        ([20.0, 12, 20], 2, 2),  # at the target is not above it
        ([20.0, None, 20], 2, 2),  # a gap is no evidence
        ([5.0, 20, 20, 20], 2, 4),
        ([20.0, 20, 20], 40, 50),  # MaxTasks
        ([11.0] * 15, 10, 10),  # between 90 % of the target and the target
        ([6.0] * 15, 10, 5),
        ([6.0] * 14, 10, 10),  # fourteen minutes are not enough
        ([6.0] * 14 + [11.0], 10, 10),
        ([0.0] * 15, 10, 2),  # MinTasks
    ],
)
def test_tasks_follow_the_metric(periods: Periods, tasks: int, expected: int) -> None:
    assert desired(TargetTracking(SETTINGS, Assumptions()), 1000, periods, tasks) == expected


def test_a_scale_out_waits_for_its_tasks_and_its_cooldown() -> None:
    policy, full = TargetTracking(SETTINGS, Assumptions()), [20.0] * 3
    assert desired(policy, 1000, full, 2) == 4
    assert desired(policy, 1060, full, 4, starting=True) == 4
    policy.start_cooldown(1070)
    assert desired(policy, 1120, full, 4) == 4
    assert desired(policy, 1130, full, 4) == 7


def test_without_waiting_for_tasks_the_cooldown_begins_with_the_scale_out() -> None:
    policy, full = TargetTracking(SETTINGS, Assumptions(waits_for_tasks=False)), [20.0] * 3
    assert desired(policy, 1000, full, 2) == 4
    policy.start_cooldown(1070)
    assert desired(policy, 1060, full, 4, starting=True) == 7


def test_within_the_cooldown_only_a_larger_scale_out_is_made_from_the_tasks_before_the_first() -> None:
    policy = TargetTracking(SETTINGS, Assumptions())
    assert desired(policy, 1000, [13.0] * 3, 10) == 11
    assert desired(policy, 1060, [13.0] * 3, 11, starting=True) == 11
    assert desired(policy, 1060, [18.0] * 3, 11, starting=True) == 15


def test_a_scale_in_has_a_cooldown_of_an_hour() -> None:
    policy = TargetTracking(SETTINGS, Assumptions())
    assert desired(policy, 1000, [6.0] * 15, 10) == 5
    assert desired(policy, 4540, [3.0] * 15, 5) == 5
    assert desired(policy, 4600, [3.0] * 15, 5) == 2


def test_no_task_is_removed_during_a_deploy() -> None:
    assert desired(TargetTracking(SETTINGS, Assumptions()), 1000, [0.0] * 15, 10, may_shrink=False) == 10


def test_zeros_count_into_the_average() -> None:
    metric = ActiveCalls(60, "Average")
    for at_s, calls in ((0, 20), (15, 0), (59, 1), (130, 5)):
        metric.report(at_s, calls)
    assert metric.list_periods(60, 15) == [7]
    assert metric.list_periods(185, 15) == [7, None, 5]
    assert metric.list_periods(185, 2) == [None, 5]
    assert metric.list_periods(179, 15) == [7, None]  # the third minute is not over


def test_the_maximum_ignores_emptier_tasks() -> None:
    metric = ActiveCalls(60, "Maximum")
    for calls in (20, 0, 1):
        metric.report(10, calls)
    assert metric.list_periods(60, 15) == [20]
