"""Delays are computed from the times that load and model saw."""

from bench.measure import _compute_barge_in_ms, _compute_transfer_ms


def test_a_barge_in_lasts_until_the_next_clear_of_the_same_call() -> None:
    started = [(1, 10_000_000), (2, 11_000_000), (1, 30_000_000)]
    clears = [(2, 11_500_000), (1, 9_000_000), (1, 12_000_000), (1, 31_000_000)]
    assert _compute_barge_in_ms(started, clears) == [0.5, 1.0, 2.0]


def test_a_barge_in_without_a_clear_is_not_measured() -> None:
    assert _compute_barge_in_ms([(1, 10)], [(1, 9), (2, 11)]) == []


def test_a_transfer_is_measured_from_the_last_mark_of_its_call() -> None:
    assert _compute_transfer_ms({"CA1": 1_000_000, "CA2": 2_000_000}, [("CA2", 5_000_000), ("CA3", 1)]) == [3.0]
