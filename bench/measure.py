"""One measurement: a server, the stand-ins and the load, each a process; what the server cost and how late it was.

The server has one core for itself, load and stand-ins the other. A machine that somebody else uses at the same time
gives other figures: `steal` is the part of the time that the host took away, `others` that other processes had. `busy`
is how much of their core load and stand-ins used: beyond 0.85 they are the limit and not the server.
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

from bench.servers import Server, surroundings
from bench.workload import Habits, Plan

SERVER_CORE, LOAD_CORE = 0, 1
CPUCLOCK_SCHED = 2  # linux/posix-timers.h
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
PATIENCE_S = 60.0
LOGS = Path("bench-output")

type Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Round:
    server: Server
    plan: Plan
    habits: Habits
    settings: tuple[tuple[str, str], ...] = ()
    """Of the container, beyond the usual ones."""
    look_every_s: float = 1000.0
    """How often CPU and memory are looked at while the round lasts."""


async def measure(what: Round) -> Figures:
    """Run one round and stop everything again. Raises RuntimeError if a process does not come up."""
    async with _process("bench.model", asdict(what.habits), core=LOAD_CORE) as model, _reserved_port() as port:
        told = await _line(model)
        settings = surroundings(what.server, port, told["port"], told["cloud_port"], dict(what.settings))
        async with _server(what.server, settings, port) as server:
            idle_mb = _memory_mb(server.pid)
            plan = asdict(what.plan) | {"port": port, "gathered_ms": what.habits.deltas_ms}
            async with _process("bench.load", plan, core=LOAD_CORE) as load:
                await _line(load)
                before, machine = [_cpu_s(each.pid) for each in (server, load, model)], _machine()
                began = time.monotonic()
                looks = await _looks(server.pid, what.look_every_s, asyncio.create_task(_line(load)))
                seconds = time.monotonic() - began
                after, memory_mb = [_cpu_s(each.pid) for each in (server, load, model)], _memory_mb(server.pid)
                machine = _spent(machine, _machine())
                seen = await _line(load)
            used = [end - start for start, end in zip(before, after, strict=True)]
        assert model.stdin is not None  # a pipe
        model.stdin.close()
        heard = await _line(model)
    return {
        "server": what.server.name,
        "calls": what.plan.calls,
        "deltas_ms": what.habits.deltas_ms,
        "cpu_us_per_pair": round(used[0] * 1e6 / max(1, seen["sent"]), 1),
        "core": round(used[0] / seconds, 3),
        "busy": round((used[1] + used[2]) / seconds, 3),
        "steal": round(machine[7] / sum(machine), 3),
        "others": round(max(0.0, 1 - (machine[3] + machine[4] + sum(used) / TICK_S) / sum(machine)), 3),
        "memory_mb": round(memory_mb, 1),
        "mb_per_call": round((memory_mb - idle_mb) / what.plan.calls, 3),
        "looks": looks,
        "frames_lost": None if what.server.transcodes else seen["sent"] - seen["found"],
        "came_back": round(seen["came_back"] / max(1, seen["sent"]), 3),
        **{name: seen[name] for name in ("delays_ms", "lag_ms", "first_byte_ms", "sent", "strange", "lost_calls")},
        "barge_in_ms": _barge_in(heard["speech_started"], seen["clears"]),
        "hand_over_ms": _hand_over(seen["last_marks"], heard["transfers"]),
        "gc_ms": _collections(_log_of(what.server)),
    }


async def _looks(pid: int, every_s: float, over: asyncio.Task[Any]) -> list[dict[str, float]]:
    """The part of its core that the process used since the last look, and its memory, until the round is over."""
    looks, cpu_s, at_s = [], _cpu_s(pid), time.monotonic()
    try:
        while not (await asyncio.wait([over], timeout=every_s))[0]:
            now_cpu_s, now_s = _cpu_s(pid), time.monotonic()
            core = (now_cpu_s - cpu_s) / (now_s - at_s)
            looks.append({"core": round(core, 3), "memory_mb": round(_memory_mb(pid), 1)})
            cpu_s, at_s = now_cpu_s, now_s
        await over
    finally:
        over.cancel()
    return looks


def _collections(log: Path) -> list[float]:
    """How long each garbage collection lasted, of a server that logs them."""
    lines = [line for line in log.read_text(errors="replace").splitlines() if '"gc_ms"' in line]
    return sorted(float(json.loads(line)["gc_ms"]) for line in lines)


def _barge_in(started: list[tuple[int, int]], clears: list[tuple[int, int]]) -> list[float]:
    """From each `speech_started` that the model sent to the `clear` that came of it."""
    waits = []
    by_call: dict[int, list[int]] = {}
    for call, at_ns in clears:
        by_call.setdefault(call, []).append(at_ns)
    for call, at_ns in started:
        answer = next((each for each in by_call.get(call, ()) if each >= at_ns), None)
        if answer is not None:
            waits.append((answer - at_ns) / 1e6)
    return sorted(waits)


def _hand_over(last_marks: dict[str, int], transfers: list[tuple[str, int]]) -> list[float]:
    """From the last mark that came back to the transfer function's being invoked."""
    return sorted((at_ns - last_marks[call]) / 1e6 for call, at_ns in transfers if call in last_marks)


@asynccontextmanager
async def _process(module: str, argument: dict[str, Any], *, core: int) -> AsyncIterator[asyncio.subprocess.Process]:
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


def _log_of(server: Server) -> Path:
    return LOGS / f"{server.name}.log"


@asynccontextmanager
async def _server(server: Server, settings: dict[str, str], port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    log = _log_of(server)
    log.parent.mkdir(exist_ok=True)
    with log.open("w") as output:
        process = await asyncio.create_subprocess_exec(
            *("taskset", "-c", str(SERVER_CORE), str(server.python), "-m", server.module),
            env=settings,
            stdout=output,
            stderr=output,
        )
    try:
        await _listening(process, port, log)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _listening(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.1)
                continue
            writer.close()
            return
    raise RuntimeError(f"the server ended before it listened; its last words are in {log}")


async def _line(process: asyncio.subprocess.Process) -> Any:
    """The next thing that a process of the bench tells."""
    assert process.stdout is not None  # a pipe
    async with asyncio.timeout(PATIENCE_S * 5):
        line = await process.stdout.readline()
    if not line:
        raise RuntimeError(
            f"load or model of the bench ended early, with {await process.wait()}; see above, and {LOGS}"
        )
    return json.loads(line)


@asynccontextmanager
async def _reserved_port() -> AsyncIterator[int]:
    """A port for a server that wants it told. While it is held bound, Linux gives it to nobody who names no port; a
    server that names it and sets SO_REUSEADDR, as each here does, can listen there."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])


def _cpu_s(pid: int) -> float:
    """User and system time of a process with all its threads, by the clock that clock_getcpuclockid(3) names.

    Python does not give that function; /proc/PID/stat counts in steps of 10 ms, two hundredths of what is compared.
    """
    return time.clock_gettime((~pid << 3) | CPUCLOCK_SCHED)


def _memory_mb(pid: int) -> float:
    """The resident set."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


def _machine() -> list[int]:
    """The ticks of all cores: user, nice, system, idle, iowait, irq, softirq, steal."""
    return [int(each) for each in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]


def _spent(before: list[int], after: list[int]) -> list[int]:
    return [end - start for start, end in zip(before, after, strict=True)]
