"""Which cases are measured, in which order, and which measurements are valid.

The servers take turns, so that each has the same chance of a quiet machine. The result is the ratio of Warmline's CPU
to that of the naive and of the bare relay. Each cost is the mean of the cheaper half of the valid measurements: other
guests of the host make a measurement dearer by up to a half, unseen in `steal`, so the dearer half tells more about the
host than about the server. The cheapest measurement alone would depend on one lucky minute. The host can also make a
measurement cheaper: late frames come in bursts. So a measurement in which a server fell behind is not valid. The
table also shows the median, which is the typical cost.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.measure import Case, Measurement
from bench.servers import BARE, GC_LOG, NAIVE, WARMLINE, Server
from bench.workload import ModelBehavior, Workload

MAX_FOREIGN_SHARE = 0.05
MAX_BUSY = 0.85
MAX_LAG_MS = 5.0
"""How late the load may send its frames, at p99. From there on the measured delay may be its own."""
MAX_DELAY_MS = 20.0
MIN_RETURNED = 0.97
"""The share of the audio that has to come back. A delta of 200 ms still under way at the end is 2 % of ten seconds."""


@dataclass(frozen=True, slots=True)
class Suite:
    calls: tuple[int, ...]
    deltas_ms: tuple[int, ...]
    repeats: int
    seconds: float
    servers: tuple[Server, ...]

    def list_cases(self) -> list[Case]:
        return [
            Case(server, Workload(0, calls, seconds=self.seconds), ModelBehavior(deltas_ms=deltas_ms))
            for calls in self.calls
            for deltas_ms in self.deltas_ms
            for _ in range(self.repeats)
            for server in self.servers
        ]


COMPARED = (NAIVE, WARMLINE, BARE)
QUICK_SUITE = Suite((40,), (20,), 3, 5.0, COMPARED)
RATIO_SUITE = Suite((40,), (20, 200), 5, 10.0, COMPARED)
"""The targets are about these cases."""
FULL_SUITE = Suite((1, 80, 160, 200, 240), (20, 200), 1, 10.0, COMPARED)

PEER_CALLS = (1, 15, 40)


def list_peer_cases(server: Server) -> list[Case]:
    """A framework is measured only with as many calls as it can carry."""
    return [Case(server, Workload(0, calls, seconds=FULL_SUITE.seconds), ModelBehavior()) for calls in PEER_CALLS]


LATENCY_CALLS = 80
LATENCY_CASES = (
    Case(WARMLINE, Workload(0, LATENCY_CALLS, seconds=20), ModelBehavior(interrupt_every_ms=2000)),
    Case(WARMLINE, Workload(0, LATENCY_CALLS, seconds=15), ModelBehavior(transfer_after_ms=5000)),
    Case(GC_LOG, Workload(0, LATENCY_CALLS, seconds=20), ModelBehavior(interrupt_every_ms=2000)),
)
"""Barge-in, transfer and garbage collections."""


def compute_ratios(measurements: list[Measurement]) -> dict[str, float]:
    """Warmline's CPU per frame pair over each relay's: "naive, 20 ms, 40 calls" -> 0.31."""
    found = {}
    for deltas_ms, calls in sorted({(each["deltas_ms"], each["calls"]) for each in measurements}):
        same = [each for each in measurements if (each["deltas_ms"], each["calls"]) == (deltas_ms, calls)]
        ours = compute_cost([each for each in same if each["server"] == WARMLINE.name])
        for other in (NAIVE.name, BARE.name):
            ratio = ours / compute_cost([each for each in same if each["server"] == other])
            if not math.isnan(ratio):
                found[f"{other}, {deltas_ms} ms, {calls} calls"] = round(ratio, 3)
    return found


def compute_cost(measurements: Sequence[Measurement]) -> float:
    """CPU µs for a frame pair: the mean of the cheaper half of the valid measurements. NaN if under half are valid.

    A measurement is not valid if it was disturbed, if the load was the bottleneck, or if the server fell behind.
    """
    costs = sorted(float(each["cpu_us_per_pair"]) for each in measurements if _is_valid(each))
    cheaper = costs[: (len(costs) + 1) // 2]
    return sum(cheaper) / len(cheaper) if cheaper and 2 * len(costs) >= len(measurements) else math.nan


def _is_valid(measurement: Measurement) -> bool:
    return not is_disturbed(measurement) and measurement["busy"] < MAX_BUSY and _keeps_pace(measurement)


def is_disturbed(measurement: Measurement) -> bool:
    """Whether the host or another process used too much of the machine."""
    return bool(max(measurement["steal"], measurement["others"]) >= MAX_FOREIGN_SHARE)


def is_late(measurement: Measurement) -> bool:
    """Whether the measured delay may be the load's own."""
    return bool(measurement["lag_ms"].get("p99", 0.0) >= MAX_LAG_MS)


def _keeps_pace(measurement: Measurement) -> bool:
    delay_ms = measurement["delays_ms"].get("p50", MAX_DELAY_MS)
    return bool(measurement["came_back"] >= MIN_RETURNED and delay_ms < MAX_DELAY_MS)


def find_capacity(measurements: Sequence[Measurement], server: str, deltas_ms: int = 20) -> int:
    """The most calls that one core carried with a p99 delay under 20 ms and no lost frame. 0: none.

    Every undisturbed measurement with that many calls counts, or every measurement if all were disturbed.
    """
    capacity = 0
    own = [each for each in measurements if (each["server"], each["deltas_ms"]) == (server, deltas_ms)]
    for calls in sorted({each["calls"] for each in own}):
        same = [each for each in own if each["calls"] == calls]
        counted = [each for each in same if not is_disturbed(each)] or same
        if not all(map(_is_carried, counted)):
            break
        capacity = int(calls)
    return capacity


def _is_carried(measurement: Measurement) -> bool:
    in_time = measurement["delays_ms"].get("p99", MAX_DELAY_MS) < MAX_DELAY_MS
    return bool(in_time and not measurement["frames_lost"] and not measurement["lost_calls"])
