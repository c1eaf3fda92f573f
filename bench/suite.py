"""Which rounds are run, in which order, and what is made of them.

All servers take turns at each step, so that each has the same chance of a quiet minute. What is kept is the ratio to
the naive and to the bare relay, each in the cheaper half of those of its turns that count: what else runs on the host
makes a round dearer, by up to a half and unseen in `steal`, so the dear half tells of the host. The cheapest round
alone would let one lucky minute decide. There is one way in which the host makes a round cheaper, frames that are late
and come in heaps, so a round in which a server fell behind does not count. The typical cost is the median, which the
table has beside it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bench.measure import Figures, Round
from bench.servers import BARE, GC_LOGGED, NAIVE, WARMLINE, Server
from bench.workload import Habits, Plan

DISTURBED = 0.05
BUSY = 0.85
LATE_MS = 5.0
"""By which the load sent its frames too late, at p99: from there on the delay may be its own."""
HOLDS_MS = 20.0
KEEPS_PACE = 0.97
"""Of the audio. What is on its way at the end of a round is missing too: a delta of 200 ms is 2 % of ten seconds."""


@dataclass(frozen=True, slots=True)
class Suite:
    calls: tuple[int, ...]
    deltas_ms: tuple[int, ...]
    turns: int
    seconds: float
    servers: tuple[Server, ...]

    def rounds(self) -> list[Round]:
        return [
            Round(server, Plan(0, calls, seconds=self.seconds), Habits(deltas_ms=deltas_ms))
            for calls in self.calls
            for deltas_ms in self.deltas_ms
            for _ in range(self.turns)
            for server in self.servers
        ]


ALL = (NAIVE, WARMLINE, BARE)
QUICK = Suite((40,), (20,), 3, 5.0, ALL)
RATIOS = Suite((40,), (20, 200), 5, 10.0, ALL)
"""Where the targets lie."""
FULL = Suite((1, 80, 160, 200, 240), (20, 200), 1, 10.0, ALL)

PEER_CALLS = (1, 15, 40)


def of_peer(server: Server) -> list[Round]:
    """A framework is measured where it still keeps pace."""
    return [Round(server, Plan(0, calls, seconds=FULL.seconds), Habits()) for calls in PEER_CALLS]


MOMENTS = (
    Round(WARMLINE, Plan(0, 80, seconds=20), Habits(interrupt_every_ms=2000)),
    Round(WARMLINE, Plan(0, 80, seconds=15), Habits(transfer_after_ms=5000)),
    Round(GC_LOGGED, Plan(0, 80, seconds=20), Habits(interrupt_every_ms=2000)),
)
"""Barge-in, hand-over and garbage collections, under the load of 80 calls."""


def ratios(figures: list[Figures]) -> dict[str, float]:
    """Warmline's CPU per frame pair over each relay's: "naive, 20 ms, 40 calls" -> 0.31."""
    found = {}
    for deltas_ms, calls in sorted({(each["deltas_ms"], each["calls"]) for each in figures}):
        step = [each for each in figures if (each["deltas_ms"], each["calls"]) == (deltas_ms, calls)]
        ours = undisturbed([each for each in step if each["server"] == WARMLINE.name])
        for other in (NAIVE.name, BARE.name):
            ratio = ours / undisturbed([each for each in step if each["server"] == other])
            if not math.isnan(ratio):
                found[f"{other}, {deltas_ms} ms, {calls} calls"] = round(ratio, 3)
    return found


def undisturbed(rounds: Sequence[Figures]) -> float:
    """CPU µs a pair, the mean of the cheaper half of the rounds that count; NaN if that is less than half of them.

    A round does not count if somebody disturbed it, or if the load was its limit, or if the server fell behind.
    """
    costs = sorted(float(each["cpu_us_per_pair"]) for each in rounds if _counts(each))
    cheaper = costs[: (len(costs) + 1) // 2]
    return sum(cheaper) / len(cheaper) if cheaper and 2 * len(costs) >= len(rounds) else math.nan


def _counts(figures: Figures) -> bool:
    return not disturbed(figures) and figures["busy"] < BUSY and _kept_pace(figures)


def disturbed(figures: Figures) -> bool:
    """The host, or another process, took a part of the machine's time."""
    return bool(max(figures["steal"], figures["others"]) >= DISTURBED)


def late(figures: Figures) -> bool:
    """The delay that was found may be the load's own."""
    return bool(figures["lag_ms"].get("p99", 0.0) >= LATE_MS)


def _kept_pace(figures: Figures) -> bool:
    return bool(figures["came_back"] >= KEEPS_PACE and figures["delays_ms"].get("p50", HOLDS_MS) < HOLDS_MS)


def holds(figures: list[Figures], server: str, deltas_ms: int = 20) -> int:
    """Most calls, up the steps, that one core carried with p99 of the delay under 20 ms and no frame lost; 0 if none.

    A step is carried in every turn that nobody disturbed, or in every one if all were.
    """
    held = 0
    own = [each for each in figures if (each["server"], each["deltas_ms"]) == (server, deltas_ms)]
    for calls in sorted({each["calls"] for each in own}):
        turns = [each for each in own if each["calls"] == calls]
        counted = [each for each in turns if not disturbed(each)] or turns
        if not all(map(_carried, counted)):
            break
        held = int(calls)
    return held


def _carried(figures: Figures) -> bool:
    in_time = figures["delays_ms"].get("p99", HOLDS_MS) < HOLDS_MS
    return bool(in_time and not figures["frames_lost"] and not figures["lost_calls"])
