"""`make bench-cold`: measures cold starts of the functions, beside handlers that only make the same clients.

The functions as `sam build` made them for this machine (`python -m sandbox.aws.artifacts`) run under AWS's runtime, and
so do two bare handlers, which import boto3 and make the same clients, the second one Twilio's too. Each measurement
lasts from the start of the process to its first answer. Function and bare handler take turns, so that other work on the
machine hits both; the ratio is the median over all pairs. A bare handler sends no request; ours reads the secret,
writes the record and calls Twilio.

boto3 has bytecode, as in Lambda's image. Everything else is compiled at each cold start unless the artifact has its
bytecode, because Lambda's file system is read-only. `--compiled` measures copies that have bytecode, also of Twilio's
package for the bare handler.
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

from bench.bytecode import compile_copy
from bench.instant_services import InstantServices
from bench.lambda_process import ColdStart, FunctionFailedError, measure_cold_start, start_warm_process
from events.sign import EXAMPLE_TOKEN, EXAMPLE_URL
from sandbox.aws.artifacts import RUNTIME, Artifacts, ArtifactsError
from sandbox.aws.functions import Function

ROOT = Path(__file__).parents[1]
BARE_HANDLERS = Path(__file__).with_name("bare_handlers")
COLUMNS = {"cpu_ms": "CPU", "wall_ms": "wall", "init_ms": "before the event", "peak_mb": "MB"}
MAX_CPU_RATIO = 1.25
WARM_EVENTS, MAX_WARM_P99_MS = 1000, 10.0
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
class ColdStarts:
    name: str
    ours: list[ColdStart]
    bare: list[ColdStart]

    def compute_ratio(self, field_name: str) -> float:
        """The median ratio over all pairs."""
        both = zip(self.ours, self.bare, strict=True)
        return statistics.median(float(getattr(ours, field_name) / getattr(bare, field_name)) for ours, bare in both)


@dataclass(frozen=True, slots=True)
class WarmLatency:
    """The time for one event in a process that has handled events before."""

    name: str
    cpu_p50_ms: float
    cpu_p99_ms: float
    """Processor time. Other work on the machine and waiting for services do not count."""
    wall_p50_ms: float
    """Without the time that the stand-ins took."""
    wall_p99_ms: float


def list_pairs(artifacts: Artifacts, services: dict[str, str]) -> list[Pair]:
    besides = {"VOICE_URL": EXAMPLE_URL} | services  # without it, what is signed is what API Gateway sees
    voice = artifacts.read_function("VoiceWebhookFunction", SETTINGS, besides)
    transfer = artifacts.read_function("TransferFunction", SETTINGS, services)
    bare_voice = Function(BARE_HANDLERS / "voice_webhook", "bare.lambda_handler", services, runtime=RUNTIME)
    bare_transfer = Function(
        BARE_HANDLERS / "transfer", "bare.lambda_handler", services, (transfer.folder,), runtime=RUNTIME
    )
    return [
        Pair("voice_webhook", voice, bare_voice, (ROOT / "events/voice_webhook/incoming.json").read_text()),
        Pair("transfer", transfer, bare_transfer, (ROOT / "events/transfer/transfer.json").read_text()),
    ]


def compile_pair(pair: Pair, folder: Path) -> Pair:
    ours = compile_copy(pair.ours, folder / pair.name / "ours")
    if not pair.bare.layers:
        return replace(pair, ours=ours)
    return replace(pair, ours=ours, bare=replace(pair.bare, layers=(ours.folder,)))


async def measure_cold_starts(pair: Pair, count: int, console: Console) -> ColdStarts:
    cold_starts = ColdStarts(pair.name, [], [])
    began = time.monotonic()
    for number in range(count + 1):
        said = f"{number}/{count}" if number else "the first, not counted"
        console.print(f"[dim]{time.monotonic() - began:5.0f} s  cold starts of {pair.name}: {said}[/dim]")
        ours, bare = (
            await measure_cold_start(pair.name, pair.ours, pair.event),
            await measure_cold_start("bare", pair.bare, pair.event),
        )
        if number:  # the first one reads all files from the disk
            cold_starts.ours.append(ours)
            cold_starts.bare.append(bare)
    return cold_starts


async def measure_warm_latency(pair: Pair, services: InstantServices) -> WarmLatency:
    cpu_times_ms, wall_ms = [], []
    async with start_warm_process(pair.name, pair.ours) as process:
        await process.handle(pair.event)
        for _ in range(WARM_EVENTS):
            services.busy_ms = 0.0
            cpu_ms, began = process.cpu_ms, time.perf_counter()
            await process.handle(pair.event)
            wall_ms.append((time.perf_counter() - began) * 1000 - services.busy_ms)
            cpu_times_ms.append(process.cpu_ms - cpu_ms)
    own, wall = (statistics.quantiles(times, n=100) for times in (cpu_times_ms, wall_ms))
    return WarmLatency(pair.name, own[49], own[98], wall[49], wall[98])


def make_cold_table(cold_starts: Iterable[ColdStarts], note: str) -> Table:
    table = Table(title=f"Cold: start to first answer, median ms ({note})", title_justify="left")
    for column in ("", *COLUMNS.values()):
        table.add_column(column, justify="right" if column else "left")
    for each in cold_starts:
        for name, ones in ((each.name, each.ours), ("bare handler", each.bare)):
            medians = (statistics.median(getattr(one, field_name) for one in ones) for field_name in COLUMNS)
            table.add_row(name, *(f"{median:.0f}" for median in medians))
        table.add_row("ratio", *(f"{each.compute_ratio(field_name):.2f}" for field_name in COLUMNS), end_section=True)
    return table


def make_warm_table(latencies: Iterable[WarmLatency]) -> Table:
    table = Table(title=f"Warm: {WARM_EVENTS} events and their answers, ms", title_justify="left")
    for column in ("", "CPU p50", "CPU p99", "wall p50", "wall p99"):
        table.add_column(column, justify="right" if column else "left")
    for each in latencies:
        times_ms = (each.cpu_p50_ms, each.cpu_p99_ms, each.wall_p50_ms, each.wall_p99_ms)
        table.add_row(each.name, *(f"{ms:.1f}" for ms in times_ms))
    return table


async def measure_all(count: int, *, bytecode: bool, console: Console) -> tuple[list[ColdStarts], list[WarmLatency]]:
    with InstantServices(SECRET) as services, tempfile.TemporaryDirectory() as folder:
        chosen = list_pairs(Artifacts(), services.environment)
        if bytecode:
            chosen = [compile_pair(pair, Path(folder)) for pair in chosen]
        cold_starts = [await measure_cold_starts(pair, count, console) for pair in chosen]
        console.print(f"[dim]{WARM_EVENTS} warm events of each[/dim]")
        return cold_starts, [await measure_warm_latency(pair, services) for pair in chosen]


def main(arguments: list[str]) -> int:
    options = _parse_options(arguments)
    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    if sys.platform != "linux":
        console.print("Cold starts are measured on Linux only: AWS's runtime runs nowhere else.")
        return 2
    try:
        cold_starts, latencies = asyncio.run(measure_all(options.pairs, bytecode=options.compiled, console=console))
    except KeyboardInterrupt:
        console.print("Stopped; nothing was written.")
        return 130
    except (ArtifactsError, FunctionFailedError) as error:
        console.print(str(error))
        return 2
    console.print(make_cold_table(cold_starts, "copies with bytecode" if options.compiled else "as built"))
    console.print(make_warm_table(latencies))
    _write_json(options.json, cold_starts, latencies)
    met = all(each.compute_ratio("cpu_ms") <= MAX_CPU_RATIO for each in cold_starts)
    met = met and latencies[0].cpu_p99_ms < MAX_WARM_P99_MS
    limits = f"CPU at most {MAX_CPU_RATIO} × bare, warm p99 under {MAX_WARM_P99_MS:.0f} ms"
    console.print(f"{'Reached' if met else 'Missed'}: {limits}")
    return 0 if met else 1


def _parse_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.cold_start", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=15, help="pairs of cold starts (%(default)s)")
    parser.add_argument("--compiled", action="store_true", help="measure copies of the artifacts that have bytecode")
    parser.add_argument("--json", type=Path, default=Path("bench-output/cold_start.json"), help="%(default)s")
    options = parser.parse_args(arguments)
    if options.pairs < 1:
        parser.error(f"argument --pairs: expected 1 or more, got {options.pairs}")
    return options


def _write_json(file: Path, cold_starts: list[ColdStarts], latencies: list[WarmLatency]) -> None:
    results = {
        "cold": [asdict(each) | {"cpu_ratio": each.compute_ratio("cpu_ms")} for each in cold_starts],
        "warm": [asdict(each) for each in latencies],
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
