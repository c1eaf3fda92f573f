"""Calls of 55 minutes at twenty times the speed: what a frame costs must not grow with the length of a call.

Only what goes by frames is faster: timers, pings and the clock of the core keep to real time. Every three seconds, a
minute of the call's, the caller interrupts.
"""

from bench.measure import Case, Measurement
from bench.servers import WARMLINE
from bench.workload import ModelBehavior, Workload

MINUTES, SPEED = 55, 20
SAMPLES = 11

CASE = Case(
    WARMLINE,
    Workload(0, 6, seconds=MINUTES * 60 / SPEED, speed=SPEED),
    ModelBehavior(interrupt_every_ms=3000),
    sample_every_s=MINUTES * 60 / SPEED / SAMPLES,
)


def compute_growth(measurement: Measurement) -> tuple[float, float]:
    """The last third of the time over the first: CPU, as a ratio, and memory, in MB a call."""
    samples = measurement["samples"]
    third = max(1, len(samples) // 3)
    first, last = samples[:third], samples[-third:]
    core = sum(each["core"] for each in last) / sum(each["core"] for each in first)
    memory_mb = (sum(each["memory_mb"] for each in last) - sum(each["memory_mb"] for each in first)) / third
    return round(core, 3), round(memory_mb / measurement["calls"], 3)
