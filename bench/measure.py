"""Measures one case: starts a server, the stand-ins and the load, each as a process, and returns cost and delay.

The server has one core to itself, load and stand-ins share the other. Other work on the machine changes the figures:
`steal` is the part of the time that the host took away, `others` the part that other processes used. `busy` is how much
of their core load and stand-ins used: above 0.85 they are the bottleneck, not the server.
"""

import asyncio
import json
import os
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.resource_usage import read_cpu_s, read_cpu_ticks, read_memory_mb, sample_until
from bench.servers import Server, build_environment
from bench.workload import ModelBehavior, Workload

SERVER_CORE, LOAD_CORE = 0, 1
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
START_TIMEOUT_S = 60.0
LOGS = Path("bench-output")

type Measurement = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """What is measured, and under which load."""

    server: Server
    workload: Workload
    behavior: ModelBehavior
    settings: tuple[tuple[str, str], ...] = ()
    """Settings of the container, beside the usual ones."""
    sample_every_s: float = 1000.0
    """How often CPU and memory are sampled."""


@dataclass(frozen=True, slots=True)
class _Usage:
    """What the processes and the machine used while the load was measured."""

    seconds: float
    cpu_s: list[float]
    """Of server, load and model."""
    ticks: list[int]
    """Of the machine; see `read_cpu_ticks`."""
    idle_mb: float
    """The server's memory before the load."""
    memory_mb: float
    samples: list[dict[str, float]]


async def measure(case: Case) -> Measurement:
    """Measure one case, and stop every process again. Raises RuntimeError if one does not start."""
    async with _start_process("bench.model", asdict(case.behavior), core=LOAD_CORE) as model, _reserve_port() as port:
        ports = await _read_line(model)
        settings = build_environment(case.server, port, ports["port"], ports["cloud_port"], dict(case.settings))
        async with _start_server(case.server, settings, port) as server:
            idle_mb = read_memory_mb(server.pid)
            workload = asdict(case.workload) | {"port": port, "delta_ms": case.behavior.deltas_ms}
            async with _start_process("bench.load", workload, core=LOAD_CORE) as load:
                usage = await _measure_usage(case, server.pid, load, model, idle_mb)
                load_stats = await _read_line(load)
        assert model.stdin is not None  # a pipe
        model.stdin.close()
        model_stats = await _read_line(model)
    return _combine(case, usage, load_stats, model_stats)


async def _measure_usage(
    case: Case,
    server_pid: int,
    load: asyncio.subprocess.Process,
    model: asyncio.subprocess.Process,
    idle_mb: float,
) -> _Usage:
    """From the line with which the load starts measuring to the one with which it stops."""
    pids = (server_pid, load.pid, model.pid)
    await _read_line(load)
    cpu_s, ticks = [read_cpu_s(pid) for pid in pids], read_cpu_ticks()
    began = time.monotonic()
    samples = await sample_until(server_pid, case.sample_every_s, asyncio.create_task(_read_line(load)))
    return _Usage(
        seconds=time.monotonic() - began,
        cpu_s=[read_cpu_s(pid) - before for pid, before in zip(pids, cpu_s, strict=True)],
        ticks=[after - before for before, after in zip(ticks, read_cpu_ticks(), strict=True)],
        idle_mb=idle_mb,
        memory_mb=read_memory_mb(server_pid),
        samples=samples,
    )


def _combine(case: Case, usage: _Usage, load_stats: dict[str, Any], model_stats: dict[str, Any]) -> Measurement:
    server_s, load_s, model_s = usage.cpu_s
    machine_ticks = sum(usage.ticks)
    idle_ticks, steal_ticks = usage.ticks[3] + usage.ticks[4], usage.ticks[7]
    sent = load_stats["sent"]
    return {
        "server": case.server.name,
        "calls": case.workload.calls,
        "deltas_ms": case.behavior.deltas_ms,
        "cpu_us_per_pair": round(server_s * 1e6 / max(1, sent), 1),
        "core": round(server_s / usage.seconds, 3),
        "busy": round((load_s + model_s) / usage.seconds, 3),
        "steal": round(steal_ticks / machine_ticks, 3),
        "others": round(max(0.0, 1 - (idle_ticks + sum(usage.cpu_s) / TICK_S) / machine_ticks), 3),
        "memory_mb": round(usage.memory_mb, 1),
        "mb_per_call": round((usage.memory_mb - usage.idle_mb) / case.workload.calls, 3),
        "samples": usage.samples,
        "frames_lost": None if case.server.transcodes else sent - load_stats["found"],
        "came_back": round(load_stats["came_back"] / max(1, sent), 3),
        **{
            name: load_stats[name]
            for name in ("delays_ms", "lag_ms", "first_byte_ms", "sent", "unexpected", "lost_calls")
        },
        "barge_in_ms": _compute_barge_in_ms(model_stats["speech_started"], load_stats["clears"]),
        "transfer_ms": _compute_transfer_ms(load_stats["last_marks"], model_stats["transfers"]),
        "gc_ms": _read_gc_pauses(_log_path(case.server)),
    }


def _read_gc_pauses(log: Path) -> list[float]:
    """The lengths of the garbage collections, if the server logs them."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if '"gc_ms"' in line]
    return sorted(float(json.loads(line)["gc_ms"]) for line in lines)


def _compute_barge_in_ms(started: list[tuple[int, int]], clears: list[tuple[int, int]]) -> list[float]:
    """From each `speech_started` that the model sent to the next `clear` of the same call."""
    waits = []
    by_call: dict[int, list[int]] = {}
    for call, at_ns in clears:
        by_call.setdefault(call, []).append(at_ns)
    for call, at_ns in started:
        answer = next((each for each in by_call.get(call, ()) if each >= at_ns), None)
        if answer is not None:
            waits.append((answer - at_ns) / 1e6)
    return sorted(waits)


def _compute_transfer_ms(last_marks: dict[str, int], transfers: list[tuple[str, int]]) -> list[float]:
    """From the last mark that the phone returned to the invocation of the transfer function."""
    return sorted((at_ns - last_marks[call]) / 1e6 for call, at_ns in transfers if call in last_marks)


@asynccontextmanager
async def _start_process(
    module: str, argument: dict[str, Any], *, core: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *("taskset", "-c", str(core), sys.executable, "-m", module, json.dumps(argument)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**26,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _log_path(server: Server) -> Path:
    return LOGS / f"{server.name}.log"


@asynccontextmanager
async def _start_server(
    server: Server, settings: dict[str, str], port: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    log = _log_path(server)
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as output:
        process = await asyncio.create_subprocess_exec(
            *("taskset", "-c", str(SERVER_CORE), str(server.python), "-m", server.module),
            env=settings,
            stdout=output,
            stderr=output,
        )
    try:
        await _wait_until_listening(process, port, log)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _wait_until_listening(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    async with asyncio.timeout(START_TIMEOUT_S):
        while process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            return
    raise RuntimeError(f"the server ended before it listened; see its log {log}")


async def _read_line(process: asyncio.subprocess.Process) -> Any:
    """The next line of JSON that a process of the bench writes."""
    assert process.stdout is not None  # a pipe
    async with asyncio.timeout(START_TIMEOUT_S * 5):
        line = await process.stdout.readline()
    if not line:
        raise RuntimeError(
            f"load or model of the bench ended early, with {await process.wait()}; see above, and {LOGS}"
        )
    return json.loads(line)


@asynccontextmanager
async def _reserve_port() -> AsyncIterator[int]:
    """A free port. While it is bound here, Linux gives it to no program that asks for any port; a server that names it
    and sets SO_REUSEADDR, as each of ours does, can still listen on it."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])
