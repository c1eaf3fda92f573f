"""`make bench`: the container under load, beside what it is compared with. `make bench-quick`: the same in two minutes.

Needs Linux, two cores and nothing else that runs meanwhile. Results are kept in bench-output/ as JSON and as a picture.
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
from bench.chart import picture
from bench.first_word import variants
from bench.long_call import ROUND as LONG_CALL
from bench.measure import Figures, Round, measure
from bench.report import against_baseline, first_words, long_call, moments, relays, targets
from bench.servers import PEERS

OUTPUT = Path("bench-output")
BASELINE = Path(__file__).with_name("baseline.json")
WIDTH = 140
"""Of the table, in columns."""


async def bench(console: Console, *, quick: bool, peers: bool) -> dict[str, Any]:
    task = asyncio.current_task()
    assert task is not None  # this is one
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)  # as for Ctrl-C: nothing is left behind
    rounds = suite.QUICK.rounds() if quick else suite.RATIOS.rounds() + suite.FULL.rounds()
    if peers:
        rounds += [each for server in PEERS for each in suite.of_peer(server)]
    relayed = await _run(console, "relay", rounds)
    if quick:
        return {"relay": relayed, "ratios": suite.ratios(relayed)}
    at_moments = await _run(console, "barge-in, hand-over", suite.MOMENTS)
    greeted = variants(OUTPUT)
    words = await _run(console, "first word", [each.round for each in greeted])
    for figures, variant in zip(words, greeted, strict=True):
        figures["variant"] = variant.name
    (long_call,) = await _run(console, "a long call", [LONG_CALL])
    return {
        "relay": relayed,
        "ratios": suite.ratios(relayed),
        "moments": at_moments,
        "first_word": words,
        "long_call": long_call,
    }


async def _run(console: Console, what: str, rounds: Sequence[Round]) -> list[Figures]:
    found = []
    began = time.monotonic()
    for number, each in enumerate(rounds, 1):
        name = f"{each.server.name}, {each.plan.calls} calls, deltas of {each.habits.deltas_ms} ms"
        console.print(f"[dim]{time.monotonic() - began:5.0f} s  {what} {number}/{len(rounds)}: {name}[/dim]")
        found.append(await measure(each))
    return found


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    # A narrower terminal wraps the table; cut, it would tell nothing.
    console = Console(width=max(WIDTH, Console().width), highlight=False)
    if why := _cannot_run(peers=options.peers):
        console.print(why)
        return 2
    try:
        baseline = _baseline()
    except ValueError as error:
        console.print(f"{BASELINE.name}: {error}; `git checkout bench/{BASELINE.name}` has a good one.")
        return 2
    OUTPUT.mkdir(exist_ok=True)
    try:
        results = asyncio.run(bench(console, quick=options.quick, peers=options.peers))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("Stopped; nothing is kept.")
        return 130
    kept = OUTPUT / ("quick.json" if options.quick else "results.json")
    kept.write_text(json.dumps(results, indent=1) + "\n")
    _tell(console, results, quick=options.quick)
    against_baseline(console, results["ratios"], baseline)
    console.print(f"Kept: {kept}")
    if options.keep and not baseline.keys() <= results["ratios"].keys():
        console.print("The baseline stays as it was: not all of it was measured undisturbed.")
        return 1
    if options.keep:
        BASELINE.write_text(json.dumps(results["ratios"], indent=1) + "\n")
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
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


def _cannot_run(*, peers: bool) -> str:
    """What the machine lacks; "" if nothing."""
    if sys.platform != "linux" or (os.cpu_count() or 1) < 2:
        return "The bench needs Linux and two cores: one for the server, one for the load."
    if not shutil.which("taskset"):
        return "The bench needs `taskset`, which util-linux has: it gives the server a core of its own."
    lacking = [f"{server.name} in {server.environment}" for server in PEERS if not server.python.exists()]
    if peers and lacking:
        return f"--peers needs {' and '.join(lacking)}: `make bench PEERS=1` installs them."
    return ""


def _baseline() -> dict[str, float]:
    """ValueError says what is wrong with it."""
    try:
        found = json.loads(BASELINE.read_text())
    except OSError as error:
        raise ValueError(error) from error
    ratios = found.values() if isinstance(found, dict) else ()
    if not ratios or not all(isinstance(each, float) and each > 0 for each in ratios):
        raise ValueError(f"expected a JSON object of ratios over 0, got {found!r}")
    return dict(found)


def _tell(console: Console, results: dict[str, Any], *, quick: bool) -> None:
    relays(console, results["relay"], quick=quick)
    if not quick:
        moments(console, results["moments"])
        first_words(console, results["first_word"])
        long_call(console, results["long_call"])
        picture(results["relay"], OUTPUT / "relay.svg")
        targets(console, results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
