"""The limits of a call."""

import pytest

from socket_server.core.agent import Limits


@pytest.mark.parametrize(("answer_seconds", "filler_ms"), [(2, 1000), (5, 2500), (6, 3000), (60, 3000)])
def test_a_filler_without_a_time_comes_after_half_of_the_answers_at_most(answer_seconds: int, filler_ms: int) -> None:
    assert Limits(answer_seconds=answer_seconds).filler_ms == filler_ms


def test_a_filler_comes_after_the_time_that_is_set() -> None:
    assert Limits(filler_seconds=4).filler_ms == 4000
