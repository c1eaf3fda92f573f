"""What Linux says about a process."""

import os
import time

import pytest

from bench.resource_usage import read_cpu_s


def test_the_time_of_a_process_is_what_it_counts_itself() -> None:
    before = time.process_time()
    assert before <= read_cpu_s(os.getpid()) <= time.process_time()


def test_a_process_that_is_gone_has_no_time() -> None:
    with pytest.raises(OSError, match="Invalid argument"):
        read_cpu_s(2**22)  # more than Linux counts them
