"""The targets of the bench, and the comparison with the committed baseline."""

import math
from collections.abc import Sequence
from typing import Any

from rich.console import Console

from bench.long_call import compute_growth
from bench.measure import Measurement
from bench.servers import BARE, NAIVE, WARMLINE
from bench.suite import find_capacity
from bench.summary import compute_p99

TOLERANCE = 1.15
"""The ratios of two runs on one machine differ by up to a tenth."""

MAX_GROWTH_MB = 0.1
"""For a call of 55 minutes with 1,100 interruptions: the ids of everything said are kept."""

NAIVE_TARGET, BARE_TARGET = 0.45, 1.3
MIN_CALLS = 80
"""With fewer calls than this, the memory for a call cannot be told from the process's own."""
CALLS, MB_PER_CALL, BARGE_IN_MS, TRANSFER_MS, GC_MS = 200, 0.25, 5.0, 10.0, 10.0

type Check = tuple[str, bool, float]
"""The target, whether it was reached, and the value."""


def print_targets(console: Console, results: dict[str, Any]) -> None:
    """Print each target and whether it was reached."""
    checks = [
        *_check_ratios(results["ratios"]),
        *_check_capacity(results["relay"]),
        *_check_latency(results["latency"]),
        *_check_growth(results["long_call"]),
    ]
    for name, reached, value in checks:
        console.print(f"{'[green]reached[/green]' if reached else '[red]missed [/red]'}  {name}: {value}")


def _check_ratios(ratios: dict[str, float]) -> list[Check]:
    """The ratio is NaN, and the target is missed, where too few measurements are valid."""
    checks = []
    for server, most in ((NAIVE.name, NAIVE_TARGET), (BARE.name, BARE_TARGET)):
        for deltas_ms in (20, 200):
            name = f"{server}, {deltas_ms} ms, 40 calls"
            ratio = ratios.get(name, math.nan)
            checks.append((f"at most {most} of {name}", ratio <= most, ratio))
    return checks


def _check_capacity(measurements: Sequence[Measurement]) -> list[Check]:
    capacity = find_capacity(measurements, WARMLINE.name)
    busy = [each for each in measurements if each["server"] == WARMLINE.name and each["calls"] >= MIN_CALLS]
    mb_per_call = max((each["mb_per_call"] for each in busy), default=math.inf)
    return [
        (f"{CALLS} calls on one core", capacity >= CALLS, capacity),
        (f"under {MB_PER_CALL} MB a call", mb_per_call < MB_PER_CALL, mb_per_call),
    ]


def _check_latency(measurements: Sequence[Measurement]) -> list[Check]:
    barge_in_ms = compute_p99([ms for each in measurements for ms in each["barge_in_ms"]])
    transfer_ms = compute_p99([ms for each in measurements for ms in each["transfer_ms"]])
    pause_ms = max((ms for each in measurements for ms in each["gc_ms"]), default=0.0)
    return [
        (f"barge-in p99 under {BARGE_IN_MS} ms", barge_in_ms < BARGE_IN_MS, round(barge_in_ms, 1)),
        (f"transfer p99 under {TRANSFER_MS} ms", transfer_ms < TRANSFER_MS, round(transfer_ms, 1)),
        (f"no garbage collection over {GC_MS} ms", pause_ms <= GC_MS, pause_ms),
    ]


def _check_growth(measurement: Measurement) -> list[Check]:
    core, memory_mb = compute_growth(measurement)
    return [
        ("a long call costs no more CPU at its end", core < TOLERANCE, core),
        (f"and under {MAX_GROWTH_MB} MB more memory", memory_mb < MAX_GROWTH_MB, memory_mb),
    ]


def print_baseline_comparison(console: Console, ratios: dict[str, float], baseline: dict[str, float]) -> None:
    """Print what got better or worse. The exit status does not depend on it."""
    for name, was in baseline.items():
        if name not in ratios:
            reason = "too few measurements are valid; run it again, alone"
            console.print(f"[red]not compared[/red]: {name}: {reason}")
            continue
        change = ratios[name] / was
        word = "[red]worse[/red]" if change > TOLERANCE else "as good"
        word = "[green]better[/green]" if change < 1 / TOLERANCE else word
        target = NAIVE_TARGET if name.startswith(NAIVE.name) else BARE_TARGET
        detail = f"{ratios[name]:.2f}, was {was:.2f} (×{change:.2f}); target {target}, less is better"
        again = "; run it again to be sure" if change > TOLERANCE else ""
        console.print(f"{word}: warmline's CPU over that of {name}: {detail}{again}")
