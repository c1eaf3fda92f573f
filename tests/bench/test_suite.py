"""What is computed from the measurements of a suite."""

import pytest

from bench.measure import Measurement
from bench.suite import compute_ratios, find_capacity


def make_measurement(server: str, cost: float, **changed: object) -> Measurement:
    return {
        "server": server,
        "calls": 40,
        "deltas_ms": 20,
        "cpu_us_per_pair": cost,
        "steal": 0.0,
        "others": 0.0,
        "busy": 0.3,
        "came_back": 1.0,
        "delays_ms": {"p50": 0.5, "p99": 3.0},
        "frames_lost": 0,
        "lost_calls": 0,
        **changed,
    }


def test_the_cheaper_half_of_the_measurements_is_compared() -> None:
    measurements = [make_measurement("warmline", cost) for cost in (60.0, 500.0, 50.0)]
    measurements += [make_measurement("naive", cost) for cost in (125.0, 1100.0, 150.0, 900.0)]
    measurements += [make_measurement("bare", cost) for cost in (40.0,)]
    assert compute_ratios(measurements) == {"naive, 20 ms, 40 calls": 0.4, "bare, 20 ms, 40 calls": 1.375}


def test_each_number_of_calls_is_compared_separately() -> None:
    measurements = [make_measurement(name, cost) for name, cost in (("warmline", 60.0), ("bare", 50.0))]
    measurements += [make_measurement(name, cost, deltas_ms=200) for name, cost in (("warmline", 30.0), ("bare", 20.0))]
    measurements += [make_measurement(name, cost, calls=80) for name, cost in (("warmline", 40.0), ("bare", 40.0))]
    assert compute_ratios(measurements) == {
        "bare, 20 ms, 40 calls": 1.2,
        "bare, 20 ms, 80 calls": 1.0,
        "bare, 200 ms, 40 calls": 1.5,
    }


@pytest.mark.parametrize(
    "invalid",
    [
        {"steal": 0.06},
        {"others": 0.06},
        {"busy": 0.9},
        {"came_back": 0.9},
        {"delays_ms": {"p50": 400.0, "p99": 600.0}},
        {"delays_ms": {}},
    ],
)
def test_an_invalid_measurement_does_not_count(invalid: dict[str, object]) -> None:
    measurements = [
        make_measurement("warmline", 60.0),
        make_measurement("naive", 120.0),
        make_measurement("naive", 10.0, **invalid),
    ]
    assert compute_ratios(measurements) == {"naive, 20 ms, 40 calls": 0.5}
    assert compute_ratios([*measurements, make_measurement("naive", 10.0, **invalid)]) == {}  # too few that count


def test_without_a_valid_measurement_of_ours_there_is_no_ratio() -> None:
    assert compute_ratios([make_measurement("warmline", 60.0, steal=0.5), make_measurement("naive", 120.0)]) == {}


@pytest.mark.parametrize(
    ("changed", "held"),
    [
        ({}, 200),
        ({"delays_ms": {"p50": 1.0, "p99": 20.0}}, 40),
        ({"frames_lost": 1}, 40),
        ({"lost_calls": 1}, 40),
        ({"deltas_ms": 200}, 40),
        ({"server": "bare"}, 40),
    ],
)
def test_the_capacity_is_what_a_server_carried_in_time_without_a_loss(changed: dict[str, object], held: int) -> None:
    more = {"calls": 200, **changed}
    server = str(more.pop("server", "warmline"))
    assert (
        find_capacity([make_measurement("warmline", 60.0), make_measurement(server, 60.0, **more)], "warmline") == held
    )


def test_the_capacity_ends_below_the_first_number_of_calls_that_was_not_carried() -> None:
    slow = {"delays_ms": {"p50": 1.0, "p99": 20.0}}
    steps = [make_measurement("bare", 60.0, calls=calls) for calls in (1, 40, 240)]
    assert find_capacity([*steps, make_measurement("bare", 60.0, calls=80, **slow)], "bare") == 40
    assert find_capacity([*steps, make_measurement("bare", 60.0, **slow)], "bare") == 1
    assert find_capacity([*steps, make_measurement("bare", 60.0, others=0.2, **slow)], "bare") == 240
