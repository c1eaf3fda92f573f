"""The demand: when people call, and how long they talk."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

MEAN_S = 240.0
"""Four minutes: an assumption, like the shape below."""
SPREAD = 1.0
"""Standard deviation of the logarithm of the lengths. Half end before 2:26, one in twenty lasts over 12:34."""
_MU = math.log(MEAN_S) - SPREAD**2 / 2


@dataclass(frozen=True, slots=True)
class Load:
    """How many calls there would be at a time if nobody was refused. Straight lines between the points."""

    points: tuple[tuple[float, float], ...]
    """Each is (seconds, calls). Two points at the same time are a step."""
    at_once: tuple[float, int] | None = None
    """(seconds, callers): so many people more call within the minute from then on."""

    def compute_callers_per_s(self, at_s: float) -> float:
        extra = 0.0
        if self.at_once and self.at_once[0] <= at_s < self.at_once[0] + 60:
            extra = self.at_once[1] / 60
        return self.compute_level(at_s) / MEAN_S + extra

    def compute_level(self, at_s: float) -> float:
        """The calls at a time that the rate of callers leads to in the long run."""
        before = self.points[0]
        for point in self.points:
            if point[0] > at_s:
                share = (at_s - before[0]) / (point[0] - before[0]) if point[0] > before[0] else 0.0
                return before[1] + (point[1] - before[1]) * max(share, 0.0)
            before = point
        return before[1]

    @property
    def most_per_s(self) -> float:
        return max(level for _, level in self.points) / MEAN_S + (self.at_once[1] / 60 if self.at_once else 0)


@dataclass(frozen=True, slots=True)
class Demand:
    """All calls of a run, before the settings decide what becomes of them."""

    in_progress: tuple[float, ...]
    """The remaining seconds of each call that is in progress at the start."""
    arrivals: tuple[tuple[float, float], ...]
    """Each is (time of the call in seconds, length in seconds if it is answered)."""


def generate_demand(load: Load, end_s: float, longest_s: float, seed: int) -> Demand:
    """Random calls. The same seed gives the same calls."""
    rng = random.Random(f"people {seed}")
    in_progress = tuple(_draw_remaining_s(rng, longest_s) for _ in range(round(load.compute_level(0))))
    times_s = _generate_arrival_times(load, end_s, rng)
    return Demand(in_progress, tuple((at_s, _draw_length_s(rng, longest_s)) for at_s in times_s))


def _generate_arrival_times(load: Load, end_s: float, rng: random.Random) -> Iterator[float]:
    """The times of the calls: a Poisson process whose rate changes, by thinning."""
    at_s = 0.0
    while load.most_per_s:
        at_s += rng.expovariate(load.most_per_s)
        if at_s >= end_s:
            return
        if rng.random() * load.most_per_s < load.compute_callers_per_s(at_s):
            yield at_s


def _draw_length_s(rng: random.Random, longest_s: float) -> float:
    """The length of a new call."""
    return min(rng.lognormvariate(_MU, SPREAD), longest_s)


def _draw_remaining_s(rng: random.Random, longest_s: float) -> float:
    """The remaining length of a call in progress: the longer a call, the likelier it is one of these."""
    return min(rng.lognormvariate(_MU + SPREAD**2, SPREAD), longest_s) * rng.random()
