"""The tables, targets and comparisons that a run prints."""

import io

from rich.console import Console

from bench.report import print_relays
from bench.targets import print_baseline_comparison, print_targets


def compare(ratios: dict[str, float], baseline: dict[str, float]) -> str:
    output = io.StringIO()
    print_baseline_comparison(Console(file=output, width=200), ratios, baseline)
    return output.getvalue()


def test_what_got_worse_is_printed_with_both_values() -> None:
    assert compare({"naive": 0.6}, {"naive": 0.5}) == (
        "worse: warmline's CPU over that of naive: 0.60, was 0.50 (×1.20); target 0.45, less is better; "
        "run it again to be sure\n"
    )


def test_a_small_change_is_not_called_worse() -> None:
    assert compare({"naive": 0.54}, {"naive": 0.5}).startswith("as good: ")


def test_what_got_better_is_printed() -> None:
    assert compare({"bare": 1.2}, {"bare": 1.4}).startswith("better: ")


def test_what_could_not_be_compared_is_printed() -> None:
    assert compare({}, {"bare": 1.4}) == "not compared: bare: too few measurements are valid; run it again, alone\n"


def test_a_ratio_that_is_not_in_the_baseline_is_not_compared() -> None:
    assert compare({"bare": 9.0}, {}) == ""


def row(*more: dict[str, object], **values: object) -> str:
    """The row of one measurement with these values, and of `more` measurements of the same case."""
    usual = {
        "server": "peer",
        "calls": 40,
        "deltas_ms": 20,
        "cpu_us_per_pair": 51.0,
        "core": 0.1,
        "delays_ms": {"p50": 0.5, "p99": 3.0},
        "frames_lost": 0,
        "came_back": 1.0,
        "mb_per_call": 0.1,
        "steal": 0.0,
        "others": 0.0,
        "busy": 0.3,
        "lag_ms": {"p50": 0.1, "p99": 0.8},
    }
    output = io.StringIO()
    print_relays(Console(file=output, width=200), [usual | each for each in (values, *more)])
    cells = next(line for line in output.getvalue().splitlines() if "peer" in line).split("│")
    return " ".join(cell.strip() for cell in cells[4:-1] if cell.strip())


def test_a_measurement_is_a_row() -> None:
    assert row() == "51.0 51.0 10% 0.5 3.0 0 0.10 0.8 0% 0%"


def test_repeated_measurements_are_one_row_with_the_median_and_the_cheaper_half() -> None:
    repeats: tuple[dict[str, object], ...] = ({"cpu_us_per_pair": 44.0}, {"cpu_us_per_pair": 40.0, "steal": 0.2})
    assert row(*repeats, cpu_us_per_pair=80.0).startswith("44.0 44.0 ")


def test_a_server_that_fell_behind_shows_no_cost() -> None:
    assert row(came_back=0.4) == "– – 10% 0.5 3.0 0 0.10 0.8 0% 0% 40% of the audio came back in time"


def test_no_delay_is_shown_if_the_load_was_late() -> None:
    late: dict[str, object] = {"lag_ms": {"p50": 0.1, "p99": 18.7}}
    assert row(late) == "51.0 51.0 10% 0.5 3.0 0 0.10 18.7 0% 0% the load was late by up to 19 ms"
    assert row(**late).startswith("51.0 51.0 10% – – 0 0.10 18.7 ")


def test_no_delay_is_shown_if_no_frame_was_recognized() -> None:
    assert row(delays_ms={}, frames_lost=None) == "51.0 – 10% – – – 0.10 0.8 0% 0%"


def test_each_target_is_printed_with_its_value() -> None:
    samples = [{"core": 0.1, "memory_mb": memory} for memory in (50.0, 50.5, 51.0)]
    output = io.StringIO()
    print_targets(
        Console(file=output, width=200),
        {
            "relay": [],
            "ratios": {"naive, 20 ms, 40 calls": 0.44, "bare, 200 ms, 40 calls": 1.31},
            "latency": [{"barge_in_ms": [1.0], "transfer_ms": [9.0, 11.0], "gc_ms": []}],
            "long_call": {"samples": samples, "calls": 2},
        },
    )
    words = (line.split(maxsplit=1) for line in output.getvalue().splitlines())
    printed = {name: word for word, name in words}
    assert printed == {
        "at most 0.45 of naive, 20 ms, 40 calls: 0.44": "reached",
        "at most 0.45 of naive, 200 ms, 40 calls: nan": "missed",
        "at most 1.3 of bare, 20 ms, 40 calls: nan": "missed",
        "at most 1.3 of bare, 200 ms, 40 calls: 1.31": "missed",
        "200 calls on one core: 0": "missed",
        "under 0.25 MB a call: inf": "missed",
        "barge-in p99 under 5.0 ms: 1.0": "reached",
        "transfer p99 under 10.0 ms: 11.0": "missed",
        "no garbage collection over 10.0 ms: 0.0": "reached",
        "a long call costs no more CPU at its end: 1.0": "reached",
        "and under 0.1 MB more memory: 0.5": "missed",
    }
