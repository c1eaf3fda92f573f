"""Prints the measurements of a run as tables and lines."""

import math
from collections.abc import Iterable, Sequence
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.long_call import MINUTES, SPEED, compute_growth
from bench.measure import Measurement
from bench.servers import BARE, NAIVE, PEERS, WARMLINE
from bench.suite import LATENCY_CALLS, MAX_BUSY, MAX_LAG_MS, MIN_RETURNED, compute_cost, find_capacity, is_disturbed
from bench.summary import compute_median_cost, compute_median_delay, compute_p99, group_by, list_lags

LEGEND = """\
A pair is one frame of 20 ms from the phone to the model and one back. delta: how much audio the model sends at once.
Where a case was repeated: CPU, core, delay and memory are medians, lost is the sum. cheap half is the mean CPU of the
cheaper half of the valid measurements. It is what is compared, because other guests of the host can add half to a
measurement. core: how much of one core was used. load's lag: how late the load sent its own frames (p99 in ms, the
maximum); from 5 ms on the delay may be the load's own, and is not shown. steal, others: what the host and other
processes used of the machine (the maximum); from 5 % on a measurement is disturbed, and not valid."""


def _format_row(measurements: Sequence[Measurement]) -> dict[str, str]:
    """The columns after deltas, calls and server."""
    return {
        "CPU µs a pair": _format_known(compute_median_cost(measurements)),
        "cheap half": _format_known(compute_cost(measurements)),
        "core": f"{median(each['core'] for each in measurements):.0%}",
        "delay p50": _format_known(compute_median_delay(measurements, "p50")),
        "p99 ms": _format_known(compute_median_delay(measurements, "p99")),
        "lost": _format_lost(measurements),
        "MB a call": f"{median(each['mb_per_call'] for each in measurements):.2f}",
        "load's lag": f"{max(list_lags(measurements)):.1f}",
        "steal": f"{max(each['steal'] for each in measurements):.0%}",
        "others": f"{max(each['others'] for each in measurements):.0%}",
        "": _describe_limits(measurements),
    }


def print_relays(console: Console, measurements: Sequence[Measurement], *, quick: bool = False) -> None:
    """Print CPU, delay and memory of every server at every number of calls."""
    table = Table(title="A frame in and a frame out", title_justify="left")
    for key, same in group_by(measurements, "deltas_ms", "calls", "server"):
        (deltas_ms, calls, server), row = key, _format_row(same)
        if not table.columns:
            for column in ("deltas", "calls", "server", *row):
                table.add_column(column, justify="left" if column == "server" else "right")
        table.add_row(f"{deltas_ms} ms", str(calls), server, *row.values())
    console.print(table)
    console.print(LEGEND)
    for each in (NAIVE, WARMLINE, BARE):
        capacity = find_capacity(measurements, each.name)
        held = "" if quick else f" One core held {capacity} calls at deltas of 20 ms."
        console.print(f"{each.name}: {each.note}.{held}")
    measured = {each["server"] for each in measurements}
    for peer in PEERS:
        if peer.name in measured:
            console.print(f"{peer.name}: {peer.note}")


def _format_known(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1f}"


def _format_lost(measurements: Sequence[Measurement]) -> str:
    lost = [each["frames_lost"] for each in measurements if each["frames_lost"] is not None]
    return str(sum(lost)) if lost else "–"


def _describe_limits(measurements: Sequence[Measurement]) -> str:
    """What, other than the server, may have caused these figures."""
    notes = []
    if max(each["busy"] for each in measurements) > MAX_BUSY:
        notes.append("the load is the limit")
    if (late_ms := max(list_lags(measurements))) >= MAX_LAG_MS:
        notes.append(f"the load was late by up to {late_ms:.0f} ms")
    if any(is_disturbed(each) for each in measurements):
        notes.append(f"{sum(map(is_disturbed, measurements))} of {len(measurements)} disturbed")
    if (back := min(each["came_back"] for each in measurements)) < MIN_RETURNED:
        notes.append(f"{back:.0%} of the audio came back in time")
    return ", ".join(notes)


def print_latencies(console: Console, measurements: Sequence[Measurement]) -> None:
    for name, key in (("speech_started → clear", "barge_in_ms"), ("last mark → transfer invoked", "transfer_ms")):
        waits_ms = [each for measurement in measurements for each in measurement[key]]
        console.print(f"{name}: {_format_percentiles(waits_ms)} ms at {LATENCY_CALLS} calls, {len(waits_ms)} times")
    pauses = [each for measurement in measurements for each in measurement["gc_ms"]]
    console.print(f"garbage collections of 1 ms and more: {len(pauses)}, the longest {max(pauses, default=0):.1f} ms")


def print_long_call(console: Console, measurement: Measurement) -> None:
    core, memory_mb = compute_growth(measurement)
    console.print(
        f"{MINUTES} minutes at {SPEED} times the speed, {measurement['calls']} calls: in the last third "
        f"×{core:.2f} the CPU of the first, {memory_mb:+.2f} MB a call, {measurement['frames_lost']} frames lost"
    )


def print_first_words(console: Console, measurements: Iterable[Measurement]) -> None:
    table = Table(title="Handshake → first byte of the greeting, ms", title_justify="left")
    for column in ("variant", "p50", "p99"):
        table.add_column(column, justify="left" if column == "variant" else "right")
    for measurement in measurements:
        spread = measurement["first_byte_ms"]
        table.add_row(measurement["variant"], f"{spread.get('p50', 0):.0f}", f"{spread.get('p99', 0):.0f}")
    console.print(table)


def _format_percentiles(values: Sequence[float]) -> str:
    ordered = sorted(values)
    return f"p50 {ordered[len(ordered) // 2]:.1f}, p99 {compute_p99(ordered):.1f}" if ordered else "never"
