"""`make bench`: the container under load, compared with other relays. `make bench-quick`: a part of it, in two minutes.

Needs Linux, two cores, and no other work on the machine. The results go to bench-output/, as JSON and as a plot.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from bench import suite
from bench.chart import draw_relays
from bench.first_word import list_variants
from bench.long_call import CASE as LONG_CALL_CASE
from bench.measure import Case, Measurement, measure
from bench.report import print_first_words, print_latencies, print_long_call, print_relays
from bench.servers import PEERS
from bench.targets import print_baseline_comparison, print_targets

OUTPUT = Path("bench-output")
BASELINE = Path(__file__).with_name("baseline.json")
WIDTH = 140
"""Of the table, in columns."""


async def run_bench(console: Console, *, quick: bool, peers: bool) -> dict[str, Any]:
    task = asyncio.current_task()
    assert task is not None  # a coroutine runs in one
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)  # stop the processes, as after Ctrl-C
    cases = suite.QUICK_SUITE.list_cases() if quick else suite.RATIO_SUITE.list_cases() + suite.FULL_SUITE.list_cases()
    if peers:
        cases += [each for server in PEERS for each in suite.list_peer_cases(server)]
    relay_measurements = await _run_cases(console, "relay", cases)
    if quick:
        return {"relay": relay_measurements, "ratios": suite.compute_ratios(relay_measurements)}
    latency_measurements = await _run_cases(console, "barge-in, transfer", suite.LATENCY_CASES)
    first_word_variants = list_variants(OUTPUT)
    first_word_measurements = await _run_cases(console, "first word", [each.case for each in first_word_variants])
    for measurement, variant in zip(first_word_measurements, first_word_variants, strict=True):
        measurement["variant"] = variant.name
    (long_call,) = await _run_cases(console, "a long call", [LONG_CALL_CASE])
    return {
        "relay": relay_measurements,
        "ratios": suite.compute_ratios(relay_measurements),
        "latency": latency_measurements,
        "first_word": first_word_measurements,
        "long_call": long_call,
    }


async def _run_cases(console: Console, what: str, cases: Sequence[Case]) -> list[Measurement]:
    found = []
    began = time.monotonic()
    for number, each in enumerate(cases, 1):
        name = f"{each.server.name}, {each.workload.calls} calls, deltas of {each.behavior.deltas_ms} ms"
        console.print(f"[dim]{time.monotonic() - began:5.0f} s  {what} {number}/{len(cases)}: {name}[/dim]")
        found.append(await measure(each))
    return found


def main(arguments: list[str]) -> int:
    options = _parse_options(arguments)
    # A narrower terminal wraps the lines of the table. rich would cut its cells.
    console = Console(width=max(WIDTH, Console().width), highlight=False)
    if why := _find_obstacle(peers=options.peers):
        console.print(why)
        return 2
    try:
        baseline = _read_baseline()
    except ValueError as error:
        console.print(f"{BASELINE.name}: {error}; `git checkout bench/{BASELINE.name}` restores it.")
        return 2
    OUTPUT.mkdir(exist_ok=True)
    try:
        results = asyncio.run(run_bench(console, quick=options.quick, peers=options.peers))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("Stopped; nothing was written.")
        return 130
    file = OUTPUT / ("quick.json" if options.quick else "results.json")
    file.write_text(json.dumps(results, indent=1) + "\n")
    _print_results(console, results, quick=options.quick)
    print_baseline_comparison(console, results["ratios"], baseline)
    console.print(f"Written: {file}")
    if options.keep and not baseline.keys() <= results["ratios"].keys():
        console.print("The baseline was not changed: not every ratio in it could be measured.")
        return 1
    if options.keep:
        BASELINE.write_text(json.dumps(results["ratios"], indent=1) + "\n")
    return 0


def _parse_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=".venv-bench/bin/python -m bench", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--quick", action="store_true", help="40 calls only, against the committed baseline")
    parser.add_argument("--peers", action="store_true", help="openai-agents and pipecat too")
    parser.add_argument("--keep", action="store_true", help="make the ratios of this run the committed baseline")
    options = parser.parse_args(arguments)
    if options.keep and not options.quick:
        parser.error("argument --keep: only with --quick, whose baseline it is")
    return options


def _find_obstacle(*, peers: bool) -> str:
    """Why the bench cannot run here; "" if it can."""
    if sys.platform != "linux" or (os.cpu_count() or 1) < 2:
        return "The bench needs Linux and two cores: one for the server, one for the load."
    if not shutil.which("taskset"):
        return "The bench needs `taskset`, from util-linux: it gives the server a core of its own."
    missing = [f"{server.name} in {server.environment}" for server in PEERS if not server.python.exists()]
    if peers and missing:
        return f"--peers needs {' and '.join(missing)}: `make bench PEERS=1` installs them."
    return ""


def _read_baseline() -> dict[str, float]:
    """The committed ratios. Raises ValueError with what is wrong with the file."""
    try:
        found = json.loads(BASELINE.read_text())
    except OSError as error:
        raise ValueError(error) from error
    ratios = found.values() if isinstance(found, dict) else ()
    if not ratios or not all(isinstance(each, float) and each > 0 for each in ratios):
        raise ValueError(f"expected a JSON object of ratios over 0, got {found!r}")
    return dict(found)


def _print_results(console: Console, results: dict[str, Any], *, quick: bool) -> None:
    print_relays(console, results["relay"], quick=quick)
    if not quick:
        print_latencies(console, results["latency"])
        print_first_words(console, results["first_word"])
        print_long_call(console, results["long_call"])
        draw_relays(results["relay"], OUTPUT / "relay.svg")
        print_targets(console, results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
