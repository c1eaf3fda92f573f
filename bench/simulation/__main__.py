"""Runs all scenarios, prints the tables, and writes the plots and simulation.json to docs/scale. Takes two minutes."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from pathlib import Path

from bench.simulation import plots
from bench.simulation.scenarios import RAMP_MINUTES, SCENARIOS, Row, run_ramps, run_scenario, to_json

FOLDER = Path(__file__).parents[2] / "docs" / "scale"
COLUMNS = (
    "variant",
    "callers",
    "refused",
    "waited",
    "waited 3 s",
    "person",
    "moved",
    "cut, person",
    "most tasks",
    "task-hours",
    "calls a task",
)


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    print(f"\n{title}\n")
    lines = [
        tuple(columns),
        *(tuple(f"{each:g}" if isinstance(each, float) else str(each) for each in r) for r in rows),
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(len(columns))]
    for line in lines:
        first, *others = zip(line, widths, strict=True)
        print(f"{first[0]:<{first[1]}}", *(f"{each:>{width}}" for each, width in others), sep="  ")


def main() -> None:
    argparse.ArgumentParser(prog="python -m bench.simulation", description=__doc__).parse_args()
    print("This takes a minute or two and overwrites docs/scale/.", flush=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    output: dict[str, object] = {}
    for scenario in SCENARIOS:
        rows: list[Row] = run_scenario(scenario)
        print_table(scenario.title, COLUMNS, (astuple(each) for each in rows))
        output[scenario.name] = to_json(scenario, rows)
        if scenario.drawn:
            plots.plot_scenario(scenario, FOLDER / f"{scenario.name}.svg")
    shares = run_ramps()
    print_table(
        "Per cent of callers who reach a person, by minutes from 20 to 300 calls at a time",
        ("variant", *(str(each) for each in RAMP_MINUTES)),
        ((name, *per_cent) for name, per_cent in shares.items()),
    )
    output["ramps"] = {"minutes": RAMP_MINUTES, "per_cent_to_a_person": shares}
    plots.plot_ramps(shares, FOLDER / "ramps.svg")
    (FOLDER / "simulation.json").write_text(json.dumps(output, indent=1) + "\n")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped.")
