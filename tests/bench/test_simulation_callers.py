from statistics import fmean, median

import pytest

from bench.simulation.callers import MEAN_S, Load, people

HOUR = 3600.0


@pytest.mark.parametrize(("at_s", "calls"), [(0, 10), (99, 10), (100, 50), (150, 75), (200, 100), (900, 100)])
def test_load_goes_in_steps_and_straight_lines(at_s: float, calls: float) -> None:
    assert Load(((0, 10), (100, 10), (100, 50), (200, 100))).level(at_s) == calls


def test_those_who_call_at_once_come_within_one_minute() -> None:
    load = Load(((0, 0),), at_once=(120, 600))
    assert [load.callers_per_s(at_s) for at_s in (119, 120, 179, 180)] == [0, 10, 10, 0]
    callers = people(load, HOUR, HOUR, seed=1).callers
    assert all(120 <= at_s < 180 for at_s, _ in callers)
    assert 540 < len(callers) < 660  # two and a half standard deviations of a Poisson number around 600


def test_as_many_call_as_the_load_amounts_to() -> None:
    crowd = people(Load(((0, 100),)), 10 * HOUR, HOUR, seed=1)
    assert len(crowd.already) == 100
    assert len(crowd.callers) == pytest.approx(100 / MEAN_S * 10 * HOUR, rel=0.03)


def test_half_of_the_calls_end_before_two_and_a_half_minutes_and_none_lasts_longer_than_allowed() -> None:
    lengths = [length_s for _, length_s in people(Load(((0, 100),)), 10 * HOUR, 55 * 60, seed=1).callers]
    assert median(lengths) == pytest.approx(146, rel=0.03)
    assert fmean(lengths) == pytest.approx(MEAN_S, rel=0.03)
    assert max(lengths) <= 55 * 60


def test_the_same_seed_gives_the_same_people() -> None:
    load = Load(((0, 5),))
    assert people(load, HOUR, HOUR, seed=7) == people(load, HOUR, HOUR, seed=7)
    assert people(load, HOUR, HOUR, seed=7) != people(load, HOUR, HOUR, seed=8)


def test_nobody_calls_where_there_is_no_load() -> None:
    assert people(Load(((0, 0),)), HOUR, HOUR, seed=1).callers == ()
