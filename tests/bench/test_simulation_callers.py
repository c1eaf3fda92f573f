from statistics import fmean, median

import pytest

from bench.simulation.callers import MEAN_S, Load, generate_demand

HOUR = 3600.0


@pytest.mark.parametrize(("at_s", "calls"), [(0, 10), (99, 10), (100, 50), (150, 75), (200, 100), (900, 100)])
def test_load_changes_in_steps_and_straight_lines(at_s: float, calls: float) -> None:
    assert Load(((0, 10), (100, 10), (100, 50), (200, 100))).compute_level(at_s) == calls


def test_callers_at_once_arrive_within_one_minute() -> None:
    load = Load(((0, 0),), at_once=(120, 600))
    assert [load.compute_callers_per_s(at_s) for at_s in (119, 120, 179, 180)] == [0, 10, 10, 0]
    arrivals = generate_demand(load, HOUR, HOUR, seed=1).arrivals
    assert all(120 <= at_s < 180 for at_s, _ in arrivals)
    assert 540 < len(arrivals) < 660  # two and a half standard deviations of a Poisson number around 600


def test_the_number_of_callers_follows_the_load() -> None:
    demand = generate_demand(Load(((0, 100),)), 10 * HOUR, HOUR, seed=1)
    assert len(demand.in_progress) == 100
    assert len(demand.arrivals) == pytest.approx(100 / MEAN_S * 10 * HOUR, rel=0.03)


def test_half_of_the_calls_end_before_two_and_a_half_minutes_and_none_exceeds_the_limit() -> None:
    lengths = [length_s for _, length_s in generate_demand(Load(((0, 100),)), 10 * HOUR, 55 * 60, seed=1).arrivals]
    assert median(lengths) == pytest.approx(146, rel=0.03)
    assert fmean(lengths) == pytest.approx(MEAN_S, rel=0.03)
    assert max(lengths) <= 55 * 60


def test_the_same_seed_gives_the_same_demand() -> None:
    load = Load(((0, 5),))
    assert generate_demand(load, HOUR, HOUR, seed=7) == generate_demand(load, HOUR, HOUR, seed=7)
    assert generate_demand(load, HOUR, HOUR, seed=7) != generate_demand(load, HOUR, HOUR, seed=8)


def test_nobody_calls_where_there_is_no_load() -> None:
    assert generate_demand(Load(((0, 0),)), HOUR, HOUR, seed=1).arrivals == ()
