"""Calls of 55 minutes at twenty times the speed: what a frame costs must not grow with the length of a call.

Only what goes by frames is faster: timers, pings and the clock of the core keep to real time. Every three seconds, a
minute of the call's, the caller interrupts.
"""

from bench.measure import Figures, Round
from bench.servers import WARMLINE
from bench.workload import Habits, Plan

MINUTES, SPEED = 55, 20
LOOKS = 11

ROUND = Round(
    WARMLINE,
    Plan(0, 6, seconds=MINUTES * 60 / SPEED, speed=SPEED),
    Habits(interrupt_every_ms=3000),
    look_every_s=MINUTES * 60 / SPEED / LOOKS,
)


def growth(figures: Figures) -> tuple[float, float]:
    """The last third of the time over the first: CPU, as a ratio, and memory, in MB a call."""
    looks = figures["looks"]
    third = max(1, len(looks) // 3)
    first, last = looks[:third], looks[-third:]
    core = sum(each["core"] for each in last) / sum(each["core"] for each in first)
    memory_mb = (sum(each["memory_mb"] for each in last) - sum(each["memory_mb"] for each in first)) / third
    return round(core, 3), round(memory_mb / figures["calls"], 3)
