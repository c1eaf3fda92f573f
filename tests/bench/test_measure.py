"""How times of three processes are put together."""

import os
import time

import pytest

from bench.measure import _barge_in, _cpu_s, _hand_over


def test_an_interruption_lasts_until_the_next_clear_of_its_call() -> None:
    started = [(1, 10_000_000), (2, 11_000_000), (1, 30_000_000)]
    clears = [(2, 11_500_000), (1, 9_000_000), (1, 12_000_000), (1, 31_000_000)]
    assert _barge_in(started, clears) == [0.5, 1.0, 2.0]


def test_an_interruption_without_a_clear_is_not_measured() -> None:
    assert _barge_in([(1, 10)], [(1, 9), (2, 11)]) == []


def test_a_hand_over_is_counted_from_the_calls_last_mark() -> None:
    assert _hand_over({"CA1": 1_000_000, "CA2": 2_000_000}, [("CA2", 5_000_000), ("CA3", 1)]) == [3.0]


def test_the_time_of_a_process_is_what_it_counts_itself() -> None:
    before = time.process_time()
    assert before <= _cpu_s(os.getpid()) <= time.process_time()


def test_a_process_that_is_gone_has_no_time() -> None:
    with pytest.raises(OSError, match="Invalid argument"):
        _cpu_s(2**22)  # more than Linux counts them
