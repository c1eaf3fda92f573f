"""Sums up the measurements of a case that was repeated."""

import math
import statistics
from collections.abc import Iterable, Sequence
from typing import Any

from bench.measure import Measurement
from bench.suite import MIN_RETURNED, is_late


def group_by(measurements: Iterable[Measurement], *keys: str) -> list[tuple[tuple[Any, ...], list[Measurement]]]:
    groups: dict[tuple[Any, ...], list[Measurement]] = {}
    for each in measurements:
        groups.setdefault(tuple(each[key] for key in keys), []).append(each)
    return sorted(groups.items(), key=lambda item: item[0])


def compute_median_cost(measurements: Sequence[Measurement]) -> float:
    """CPU µs for a frame pair. NaN where no measurement kept pace: frames that were not relayed cost nothing."""
    kept = [each["cpu_us_per_pair"] for each in measurements if each["came_back"] >= MIN_RETURNED]
    return statistics.median(kept) if kept else math.nan


def compute_median_delay(measurements: Sequence[Measurement], percentile: str) -> float:
    """In ms. NaN where no frame was recognized, or where the load itself was late."""
    delays = [each["delays_ms"][percentile] for each in measurements if each["delays_ms"] and not is_late(each)]
    return statistics.median(delays) if delays else math.nan


def list_lags(measurements: Sequence[Measurement]) -> list[float]:
    """How late the load sent its frames, p99 in ms."""
    return [each["lag_ms"].get("p99", 0.0) for each in measurements]


def compute_p99(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] if ordered else float("inf")
