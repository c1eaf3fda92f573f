"""Draws plots as SVG files. The same figures give the same bytes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from bench.picture import save_figure
from bench.simulation.counts import Minute
from bench.simulation.scenarios import RAMP_MINUTES, Scenario
from bench.simulation.simulation import simulate

SEED = 0


def plot_scenario(scenario: Scenario, file: Path) -> None:
    """For each variant in `drawn`: calls and places over time, and below that the callers who reached a person."""
    variants = [each for each in scenario.variants if each.name in scenario.drawn]
    figure, axes = plt.subplots(
        2,
        len(variants),
        figsize=(3.6 * len(variants), 4.6),
        sharex=True,
        sharey="row",
        squeeze=False,
        height_ratios=(3, 1),
    )
    for variant, upper, lower in zip(variants, *axes, strict=True):
        result = simulate(scenario.schedule, variant.settings, SEED, variant.assumptions)
        _plot_minutes(result.minutes, variant.settings.max_calls, upper, lower)
        upper.set_title(variant.name, fontsize="medium")
    axes[0][0].set(ylabel="calls", ylim=(0, None))
    axes[1][0].set_ylabel("to a person,\na minute")
    axes[0][0].legend(fontsize="small", loc="best")
    save_figure(figure, file)


def _plot_minutes(minutes: Sequence[Minute], max_calls: int, upper: Axes, lower: Axes) -> None:
    at = [each.at_s / 60 for each in minutes]
    upper.plot(at, [each.wanted for each in minutes], color="0.6", linestyle="--", label="would talk")
    upper.plot(at, [each.calls for each in minutes], color="tab:blue", label="talk")
    upper.step(at, [each.taking * max_calls for each in minutes], where="pre", color="tab:green", label="places")
    draining = [each.draining for each in minutes]
    if any(draining):
        right = upper.twinx()
        right.step(at, draining, where="pre", color="tab:orange", linewidth=0.9)
        right.set(ylim=(0, 4 * max(draining)), yticks=(0, max(draining)))
        upper.plot([], [], color="tab:orange", linewidth=0.9, label="draining tasks (right)")
    lower.stairs([each.person for each in minutes], [0, *at], fill=True, color="tab:red")
    lower.set_xlabel("minute")


def plot_ramps(shares_by_variant: Mapping[str, Sequence[float]], file: Path) -> None:
    """The share of callers whom no task accepted, over the minutes in which the load rises."""
    figure, axis = plt.subplots(figsize=(7, 3.6))
    for name, shares in shares_by_variant.items():
        axis.plot(RAMP_MINUTES, shares, marker=".", label=name)
    axis.set(xlabel="minutes from 20 to 300 calls at a time", ylabel="% of callers who reach a person", ylim=(0, None))
    axis.legend(fontsize="small")
    save_figure(figure, file)
