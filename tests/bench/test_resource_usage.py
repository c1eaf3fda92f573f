"""The processor time that Linux counts for a process."""

import os
import time

import pytest

from bench.resource_usage import read_cpu_s


def test_the_processor_time_is_what_the_process_itself_counts() -> None:
    before = time.process_time()
    assert before <= read_cpu_s(os.getpid()) <= time.process_time()


def test_a_process_that_has_ended_has_no_processor_time() -> None:
    with pytest.raises(OSError, match="Invalid argument"):
        read_cpu_s(2**22)  # more than Linux counts them
