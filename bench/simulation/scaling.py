"""Target tracking as AWS documents it: from the samples of ActiveCalls to a number of tasks.

AWS documents the aim of Application Auto Scaling, not its formula. Here the tasks grow in proportion to the metric.
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Sequence

from bench.simulation.settings import Assumptions, Settings

type Periods = Sequence[float | None]
"""The value of each minute, oldest first; None where no task reported."""


class ActiveCalls:
    """The metric of one revision: for each period, the statistic over all samples of all its tasks."""

    def __init__(self, period_s: float, statistic: str) -> None:
        self._period_s = period_s
        self._statistic = max if statistic == "Maximum" else statistics.fmean
        self._samples: defaultdict[int, list[int]] = defaultdict(list)

    def report(self, at_s: float, calls: int) -> None:
        self._samples[int(at_s // self._period_s)].append(calls)

    def list_periods(self, known_until_s: float, count: int) -> Periods:
        """The last `count` periods that had ended by then."""
        end = int(known_until_s // self._period_s)
        return [self._read_value(each) for each in range(max(0, end - count), end)]

    def _read_value(self, period: int) -> float | None:
        samples = self._samples.get(period)
        return self._statistic(samples) if samples else None


class TargetTracking:
    """The template's ScalingPolicy: decides how many tasks there should be."""

    def __init__(self, settings: Settings, assumptions: Assumptions) -> None:
        self._settings = settings
        self._assumptions = assumptions
        self._last_scale_in_s = -math.inf
        self._last_scale_out_s = -math.inf
        self._tasks_before_scale_out = 0
        """The tasks before the last scale-out. During its cooldown only a larger scale-out is made."""

    def compute_desired(self, now_s: float, periods: Periods, tasks: int, *, starting: bool, may_shrink: bool) -> int:
        """`tasks`: the desired count so far. `starting`: tasks of the last scale-out do not run yet."""
        high = self._find_breach(periods, self._assumptions.high_periods, low=False)
        if high is not None:
            return self._scale_out(now_s, high, tasks, starting=starting)
        low = self._find_breach(periods, self._assumptions.low_periods, low=True)
        if low is not None and may_shrink:
            return self._scale_in(now_s, low, tasks)
        return tasks

    def start_cooldown(self, now_s: float) -> None:
        """To be called when the tasks of a scale-out run."""
        if self._assumptions.waits_for_tasks:
            self._last_scale_out_s = now_s

    def _find_breach(self, periods: Periods, count: int, *, low: bool) -> float | None:
        """The newest value if the last `count` are all beyond the threshold. None: they are not, or one is missing."""
        values = [each for each in periods[-count:] if each is not None]
        target = self._settings.target_calls
        beyond = [each < target * self._assumptions.low_share if low else each > target for each in values]
        return values[-1] if len(values) == count and all(beyond) else None

    def _scale_out(self, now_s: float, calls: float, tasks: int, *, starting: bool) -> int:
        under_way = starting and self._assumptions.waits_for_tasks
        cooling = under_way or now_s - self._last_scale_out_s < self._settings.scale_out_cooldown_s
        if not cooling:
            self._tasks_before_scale_out = tasks
        wanted = math.ceil(self._tasks_before_scale_out * calls / self._settings.target_calls)
        wanted = min(wanted, self._settings.max_tasks)
        if wanted <= tasks:
            return tasks
        self._last_scale_out_s = now_s
        return wanted

    def _scale_in(self, now_s: float, calls: float, tasks: int) -> int:
        if now_s - self._last_scale_in_s < self._settings.scale_in_cooldown_s:
            return tasks
        wanted = max(math.ceil(tasks * calls / self._settings.target_calls), self._settings.min_tasks)
        if wanted >= tasks:
            return tasks
        self._last_scale_in_s = now_s
        return wanted
