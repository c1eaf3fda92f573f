"""Pictures of a run, as SVG; the same bytes for the same figures."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib.pyplot as plt

from bench.picture import save
from bench.simulation.scenarios import RAMP_MINUTES, Scenario
from bench.simulation.simulation import simulated

SEED = 0


def course(scenario: Scenario, file: Path) -> None:
    """Per drawn variant: calls and places over time, and below the callers who reached a person."""
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
        minutes = simulated(scenario.day, variant.settings, SEED, variant.surroundings).minutes
        at = [each.at_s / 60 for each in minutes]
        places = [each.taking * variant.settings.max_calls for each in minutes]
        upper.plot(at, [each.wanted for each in minutes], color="0.6", linestyle="--", label="would talk")
        upper.plot(at, [each.calls for each in minutes], color="tab:blue", label="talk")
        upper.step(at, places, where="pre", color="tab:green", label="places")
        draining = [each.draining for each in minutes]
        if any(draining):
            beside = upper.twinx()
            beside.step(at, draining, where="pre", color="tab:orange", linewidth=0.9)
            beside.set(ylim=(0, 4 * max(draining)), yticks=(0, max(draining)))
            upper.plot([], [], color="tab:orange", linewidth=0.9, label="draining tasks (right)")
        upper.set_title(variant.name, fontsize="medium")
        lower.stairs([each.person for each in minutes], [0, *at], fill=True, color="tab:red")
        lower.set_xlabel("minute")
    axes[0][0].set(ylabel="calls", ylim=(0, None))
    axes[1][0].set_ylabel("to a person,\na minute")
    axes[0][0].legend(fontsize="small", loc="best")
    save(figure, file)


def ramps(found: Mapping[str, Sequence[float]], file: Path) -> None:
    """The share of callers without a place, over how fast the morning comes."""
    figure, axis = plt.subplots(figsize=(7, 3.6))
    for name, shares in found.items():
        axis.plot(RAMP_MINUTES, shares, marker=".", label=name)
    axis.set(xlabel="minutes from 20 to 300 calls at a time", ylabel="% of callers who reach a person", ylim=(0, None))
    axis.legend(fontsize="small")
    save(figure, file)
