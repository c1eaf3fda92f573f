"""`make bench-cold`: what a cold start of the functions costs, beside the least that it could cost.

The functions as `sam build` made them for this machine (`python -m sandbox.aws.artifacts`) run under AWS's runtime,
and so do two bare handlers, which import boto3 and make the same clients, the second one Twilio's too. From the start
of the process to its first answer, in turn, so that a busy machine is busy for both; the ratio is the median of that of
each pair. A bare handler sends nothing anywhere; ours reads the secret, writes the record and asks Twilio.

boto3 has bytecode, as in Lambda's image. Whatever is not in that image is compiled at every cold start unless the
artifact has its bytecode, because Lambda's file system cannot be written to: `--compiled` measures copies that have it,
Twilio's package for the bare handler included.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.bytecode import compiled
from bench.instant_services import InstantServices
from bench.lambda_process import Cold, FailedError, cold, warm
from events.sign import EXAMPLE_TOKEN, EXAMPLE_URL
from sandbox.aws.artifacts import RUNTIME, Artifacts, ArtifactsError
from sandbox.aws.functions import Function

ROOT = Path(__file__).parents[1]
BARE = Path(__file__).with_name("bare_handlers")
COLUMNS = {"cpu_ms": "CPU", "wall_ms": "wall", "import_ms": "before the event", "peak_mb": "MB"}
RATIO = 1.25
WARM_EVENTS, WARM_P99_MS = 1000, 10.0
SECRET = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": EXAMPLE_TOKEN,
    "STREAM_TOKEN_SECRET": "s" * 43,
}
SETTINGS = {
    "SECRET_ID": "warmline",
    "CALLS_TABLE": "calls",
    "STREAM_URL": "wss://stream.warmline.test/media-stream",
    "TRANSFER_FUNCTION": "transfer",
    "VOICE_URL": EXAMPLE_URL,
    "POWERTOOLS_SERVICE_NAME": "warmline",
}


@dataclass(frozen=True, slots=True)
class Pair:
    name: str
    ours: Function
    bare: Function
    event: str


@dataclass(frozen=True, slots=True)
class Colds:
    name: str
    ours: list[Cold]
    bare: list[Cold]

    def ratio(self, figure: str) -> float:
        """The median of all pairs' ratios."""
        both = zip(self.ours, self.bare, strict=True)
        return statistics.median(float(getattr(ours, figure) / getattr(bare, figure)) for ours, bare in both)


@dataclass(frozen=True, slots=True)
class Warm:
    """An event and its answer in a process that has answered before."""

    name: str
    own_p50_ms: float
    own_p99_ms: float
    """Of the processor: what the function takes by itself, whatever it waits for and whoever else is busy."""
    wall_p50_ms: float
    """Without the stand-ins' time."""
    wall_p99_ms: float


def pairs(artifacts: Artifacts, services: dict[str, str]) -> list[Pair]:
    besides = {"VOICE_URL": EXAMPLE_URL} | services  # without it, what is signed is what API Gateway sees
    voice = artifacts.function("VoiceWebhookFunction", SETTINGS, besides)
    transfer = artifacts.function("TransferFunction", SETTINGS, services)
    bare_voice = Function(BARE / "voice_webhook", "bare.lambda_handler", services, runtime=RUNTIME)
    bare_transfer = Function(BARE / "transfer", "bare.lambda_handler", services, (transfer.folder,), runtime=RUNTIME)
    return [
        Pair("voice_webhook", voice, bare_voice, (ROOT / "events/voice_webhook/incoming.json").read_text()),
        Pair("transfer", transfer, bare_transfer, (ROOT / "events/transfer/transfer.json").read_text()),
    ]


def with_bytecode(pair: Pair, folder: Path) -> Pair:
    ours = compiled(pair.ours, folder / pair.name / "ours")
    if not pair.bare.layers:
        return replace(pair, ours=ours)
    return replace(pair, ours=ours, bare=replace(pair.bare, layers=(ours.folder,)))


async def colds(pair: Pair, rounds: int, console: Console) -> Colds:
    found = Colds(pair.name, [], [])
    began = time.monotonic()
    for number in range(rounds + 1):
        said = f"{number}/{rounds}" if number else "the first, not counted"
        console.print(f"[dim]{time.monotonic() - began:5.0f} s  cold starts of {pair.name}: {said}[/dim]")
        ours, bare = await cold(pair.name, pair.ours, pair.event), await cold("bare", pair.bare, pair.event)
        if number:  # the first one reads everything from the disk
            found.ours.append(ours)
            found.bare.append(bare)
    return found


async def warmed(pair: Pair, services: InstantServices) -> Warm:
    own_ms, wall_ms = [], []
    async with warm(pair.name, pair.ours) as process:
        await process.answer(pair.event)
        for _ in range(WARM_EVENTS):
            services.took_ms = 0.0
            cpu_ms, began = process.cpu_ms, time.perf_counter()
            await process.answer(pair.event)
            wall_ms.append((time.perf_counter() - began) * 1000 - services.took_ms)
            own_ms.append(process.cpu_ms - cpu_ms)
    own, wall = (statistics.quantiles(times, n=100) for times in (own_ms, wall_ms))
    return Warm(pair.name, own[49], own[98], wall[49], wall[98])


def cold_table(found: Iterable[Colds], note: str) -> Table:
    table = Table(title=f"Cold: start to first answer, median ms ({note})", title_justify="left")
    for column in ("", *COLUMNS.values()):
        table.add_column(column, justify="right" if column else "left")
    for each in found:
        for name, ones in ((each.name, each.ours), ("bare handler", each.bare)):
            medians = (statistics.median(getattr(one, figure) for one in ones) for figure in COLUMNS)
            table.add_row(name, *(f"{median:.0f}" for median in medians))
        table.add_row("ratio", *(f"{each.ratio(figure):.2f}" for figure in COLUMNS), end_section=True)
    return table


def warm_table(found: Iterable[Warm]) -> Table:
    table = Table(title=f"Warm: {WARM_EVENTS} events and their answers, ms", title_justify="left")
    for column in ("", "CPU p50", "CPU p99", "wall p50", "wall p99"):
        table.add_column(column, justify="right" if column else "left")
    for each in found:
        figures = (each.own_p50_ms, each.own_p99_ms, each.wall_p50_ms, each.wall_p99_ms)
        table.add_row(each.name, *(f"{figure:.1f}" for figure in figures))
    return table


async def measured(rounds: int, *, bytecode: bool, console: Console) -> tuple[list[Colds], list[Warm]]:
    with InstantServices(SECRET) as services, tempfile.TemporaryDirectory() as folder:
        chosen = pairs(Artifacts(), services.environment)
        if bytecode:
            chosen = [with_bytecode(pair, Path(folder)) for pair in chosen]
        cold_ones = [await colds(pair, rounds, console) for pair in chosen]
        console.print(f"[dim]{WARM_EVENTS} warm events of each[/dim]")
        return cold_ones, [await warmed(pair, services) for pair in chosen]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.cold_start", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15, help="pairs of cold starts (%(default)s)")
    parser.add_argument("--compiled", action="store_true", help="measure copies of the artifacts that have bytecode")
    parser.add_argument("--json", type=Path, default=Path("bench-output/cold_start.json"), help="%(default)s")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error(f"argument --rounds: expected 1 or more, got {options.rounds}")
    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    if sys.platform != "linux":
        console.print("Cold starts are measured on Linux only: AWS's runtime runs nowhere else.")
        return 2
    try:
        run = measured(options.rounds, bytecode=options.compiled, console=console)
        cold_ones, warm_ones = asyncio.run(run)
    except KeyboardInterrupt:
        console.print("Stopped; nothing is kept.")
        return 130
    except (ArtifactsError, FailedError) as error:
        console.print(str(error))
        return 2
    console.print(cold_table(cold_ones, "copies with bytecode" if options.compiled else "as built"))
    console.print(warm_table(warm_ones))
    kept = {
        "cold": [asdict(each) | {"cpu_ratio": each.ratio("cpu_ms")} for each in cold_ones],
        "warm": [asdict(each) for each in warm_ones],
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(kept, indent=1) + "\n")
    reached = all(each.ratio("cpu_ms") <= RATIO for each in cold_ones) and warm_ones[0].own_p99_ms < WARM_P99_MS
    console.print(
        f"{'Reached' if reached else 'Missed'}: CPU at most {RATIO} × bare, warm p99 under {WARM_P99_MS:.0f} ms"
    )
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
