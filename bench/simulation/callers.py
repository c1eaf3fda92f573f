"""When people call and how long they talk."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

MEAN_S = 240.0
"""Four minutes: an assumption, like the shape below."""
SPREAD = 1.0
"""Of the lengths' logarithm. With a mean of four minutes: half end before 2:26, one in twenty lasts over 12:34."""
_MU = math.log(MEAN_S) - SPREAD**2 / 2


@dataclass(frozen=True, slots=True)
class Load:
    """How many people would talk at a time, at points in time, if nobody was refused; straight lines in between."""

    points: tuple[tuple[float, float], ...]
    """Seconds, calls at a time. Two points at one moment are a step."""
    at_once: tuple[float, int] | None = None
    """From this second on, so many people more call within one minute."""

    def callers_per_s(self, at_s: float) -> float:
        extra = 0.0
        if self.at_once and self.at_once[0] <= at_s < self.at_once[0] + 60:
            extra = self.at_once[1] / 60
        return self.level(at_s) / MEAN_S + extra

    def level(self, at_s: float) -> float:
        """The calls at a time that the rate of callers amounts to in the long run."""
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
class People:
    """Who calls in a run, whatever the settings are."""

    already: tuple[float, ...]
    """Of each call in progress at the beginning: how many seconds it goes on."""
    callers: tuple[tuple[float, float], ...]
    """The second at which somebody calls, and how many seconds they talk if they get to."""


def people(load: Load, end_s: float, longest_s: float, seed: int) -> People:
    """People by chance: the same for the same seed."""
    chance = random.Random(f"people {seed}")
    already = tuple(_rest_s(chance, longest_s) for _ in range(round(load.level(0))))
    return People(already, tuple((at_s, _length_s(chance, longest_s)) for at_s in _arrivals(load, end_s, chance)))


def _arrivals(load: Load, end_s: float, chance: random.Random) -> Iterator[float]:
    """The moments at which people call: a Poisson process whose rate changes, by thinning."""
    at_s = 0.0
    while load.most_per_s:
        at_s += chance.expovariate(load.most_per_s)
        if at_s >= end_s:
            return
        if chance.random() * load.most_per_s < load.callers_per_s(at_s):
            yield at_s


def _length_s(chance: random.Random, longest_s: float) -> float:
    """How long somebody talks who has just called."""
    return min(chance.lognormvariate(_MU, SPREAD), longest_s)


def _rest_s(chance: random.Random, longest_s: float) -> float:
    """How long somebody goes on who is found talking: long calls are found more often, anywhere in their course."""
    return min(chance.lognormvariate(_MU + SPREAD**2, SPREAD), longest_s) * chance.random()
