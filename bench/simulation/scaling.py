"""Target tracking as AWS documents it: what CloudWatch makes of ActiveCalls, and how many tasks follow from it.

Application Auto Scaling publishes what it aims at, not its code: the formula is ECS's usual reading of "in proportion".
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Sequence

from bench.simulation.settings import Settings, Surroundings

type Periods = Sequence[float | None]
"""The value of each minute, oldest first; None where no task reported."""


class ActiveCalls:
    """The metric of one revision: by minute, the statistic over all samples of all its tasks."""

    def __init__(self, period_s: float, statistic: str) -> None:
        self._period_s = period_s
        self._statistic = max if statistic == "Maximum" else statistics.fmean
        self._samples: defaultdict[int, list[int]] = defaultdict(list)

    def report(self, at_s: float, calls: int) -> None:
        self._samples[int(at_s // self._period_s)].append(calls)

    def periods(self, known_until_s: float, count: int) -> Periods:
        """The last so many periods that had ended by then."""
        end = int(known_until_s // self._period_s)
        return [self._value(each) for each in range(max(0, end - count), end)]

    def _value(self, period: int) -> float | None:
        samples = self._samples.get(period)
        return self._statistic(samples) if samples else None


class TargetTracking:
    """The ScalingPolicy: how many tasks there should be."""

    def __init__(self, settings: Settings, surroundings: Surroundings) -> None:
        self._settings = settings
        self._surroundings = surroundings
        self._last_in_s = -math.inf
        self._last_out_s = -math.inf
        self._before_out = 0
        """The tasks before the scale-out whose cooldown is not over: while it lasts, only a larger one counts."""

    def desired(self, now_s: float, periods: Periods, tasks: int, *, starting: bool, may_shrink: bool) -> int:
        """`tasks`: the desired count as it is. `starting`: tasks of the last scale-out do not run yet."""
        high = self._timer(periods, self._surroundings.high_periods, low=False)
        if high is not None:
            return self._out(now_s, high, tasks, starting=starting)
        low = self._timer(periods, self._surroundings.low_periods, low=True)
        if low is not None and may_shrink:
            return self._in(now_s, low, tasks)
        return tasks

    def tasks_run(self, now_s: float) -> None:
        """The tasks of a scale-out run: its cooldown begins."""
        if self._surroundings.waits_for_tasks:
            self._last_out_s = now_s

    def _timer(self, periods: Periods, count: int, *, low: bool) -> float | None:
        """The newest value, if all of the last so many are beyond the threshold; a gap is no evidence."""
        values = [each for each in periods[-count:] if each is not None]
        target = self._settings.target_calls
        beyond = [each < target * self._surroundings.low_share if low else each > target for each in values]
        return values[-1] if len(values) == count and all(beyond) else None

    def _out(self, now_s: float, calls: float, tasks: int, *, starting: bool) -> int:
        under_way = starting and self._surroundings.waits_for_tasks
        cooling = under_way or now_s - self._last_out_s < self._settings.scale_out_cooldown_s
        if not cooling:
            self._before_out = tasks
        wanted = math.ceil(self._before_out * calls / self._settings.target_calls)
        wanted = min(wanted, self._settings.max_tasks)
        if wanted <= tasks:
            return tasks
        self._last_out_s = now_s
        return wanted

    def _in(self, now_s: float, calls: float, tasks: int) -> int:
        if now_s - self._last_in_s < self._settings.scale_in_cooldown_s:
            return tasks
        wanted = max(math.ceil(tasks * calls / self._settings.target_calls), self._settings.min_tasks)
        if wanted >= tasks:
            return tasks
        self._last_in_s = now_s
        return wanted
