"""Plots CPU and delay over the number of calls."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt

from bench.measure import Measurement
from bench.picture import save_figure
from bench.suite import MAX_DELAY_MS
from bench.summary import compute_median_cost, compute_median_delay, group_by


def draw_relays(relay_measurements: Sequence[Measurement], file: Path) -> None:
    """Plot CPU for a frame pair, and p99 of the delay. Unknown values are gaps."""
    figure, axes = plt.subplots(1, 2, figsize=(11, 4))
    for (deltas_ms, server), measurements in group_by(relay_measurements, "deltas_ms", "server"):
        by_calls = group_by(measurements, "calls")
        calls = [key[0] for key, _ in by_calls]
        style = "-" if deltas_ms == 20 else "--"
        for axis, values in (
            (axes[0], [compute_median_cost(same) for _, same in by_calls]),
            (axes[1], [compute_median_delay(same, "p99") for _, same in by_calls]),
        ):
            axis.plot(calls, values, style, marker=".", label=f"{server}, deltas of {deltas_ms} ms")
    axes[0].set(xlabel="calls", ylabel="CPU µs a frame pair", ylim=(0, None))
    axes[1].set(xlabel="calls", ylabel="p99 of the added delay, ms", yscale="log")
    axes[1].axhline(MAX_DELAY_MS, color="grey", linewidth=0.8)
    axes[0].legend(fontsize="small")
    save_figure(figure, file)
