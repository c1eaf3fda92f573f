"""CPU and delay over calls, as a picture."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib.pyplot as plt

from bench.measure import Figures
from bench.picture import save
from bench.report import cost, delay, grouped
from bench.suite import HOLDS_MS


def picture(relayed: Sequence[Figures], file: Path) -> None:
    """CPU a pair and p99 of the delay, over calls; a gap where there is none to tell."""
    figure, axes = plt.subplots(1, 2, figsize=(11, 4))
    for (deltas_ms, server), rounds in grouped(relayed, "deltas_ms", "server"):
        by_calls = grouped(rounds, "calls")
        calls = [key[0] for key, _ in by_calls]
        style = "-" if deltas_ms == 20 else "--"
        for axis, values in (
            (axes[0], [cost(same) for _, same in by_calls]),
            (axes[1], [delay(same, "p99") for _, same in by_calls]),
        ):
            axis.plot(calls, values, style, marker=".", label=f"{server}, deltas of {deltas_ms} ms")
    axes[0].set(xlabel="calls", ylabel="CPU µs a frame pair", ylim=(0, None))
    axes[1].set(xlabel="calls", ylabel="p99 of the added delay, ms", yscale="log")
    axes[1].axhline(HOLDS_MS, color="grey", linewidth=0.8)
    axes[0].legend(fontsize="small")
    save(figure, file)
