"""Calls of 55 minutes at 20 times the speed, because the cost of a frame must not grow with the length of a call.

Only the frames come faster; timers, pings and the core's clock run in real time. The caller interrupts every three
seconds, which is a minute of the call.
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
    """From the first to the last third of the time: the ratio of CPU, and the growth of memory in MB for each call."""
    samples = measurement["samples"]
    third = max(1, len(samples) // 3)
    first, last = samples[:third], samples[-third:]
    core = sum(each["core"] for each in last) / sum(each["core"] for each in first)
    memory_mb = (sum(each["memory_mb"] for each in last) - sum(each["memory_mb"] for each in first)) / third
    return round(core, 3), round(memory_mb / measurement["calls"], 3)
