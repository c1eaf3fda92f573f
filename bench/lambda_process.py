"""Runs a function in one process under AWS's runtime, and measures its cold start and each event after that."""

import asyncio
import contextlib
import os
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.aws.functions import Function, make_lambda_environment
from sandbox.aws.invocation_outcome import Outcome
from sandbox.aws.runtime_api import Ready, RuntimeApi, RuntimeEvent

TIMEOUT_S = 60.0


class FunctionFailedError(Exception):
    """The function did not answer, or failed. The message has what it reported."""


@dataclass(frozen=True, slots=True)
class ColdStart:
    """From the start of the process to its first answer."""

    cpu_ms: float
    """Of all its threads."""
    wall_ms: float
    init_ms: float
    """The part of `wall_ms` before the event, which is Lambda's init phase."""
    peak_mb: float
    """The maximum resident set size."""


class LambdaProcess:
    """A running process, which handles one event at a time."""

    def __init__(self, api: RuntimeApi, process: "subprocess.Popen[bytes]", name: str) -> None:
        self._api = api
        self._process = process
        self._name = name

    async def wait_until_ready(self) -> None:
        """Wait until it asks for its first event."""
        first = await self._wait_for_report()
        if not isinstance(first, Ready):
            raise FunctionFailedError(f"{self._name} could not be imported: {first}")

    async def handle(self, event: str) -> str:
        runtime_event = RuntimeEvent(
            "00000000-0000-0000-0000-000000000000", event, f"arn:{self._name}", 2**42, "Root=1-0-0"
        )
        self._api.put(runtime_event)
        said = await self._wait_for_report()
        if not isinstance(said, Outcome) or said.failed:
            raise FunctionFailedError(f"{self._name} did not answer: {said}")
        return said.payload

    @property
    def cpu_ms(self) -> float:
        """Processor time of its living threads so far."""
        tasks = Path(f"/proc/{self._process.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e6

    async def _wait_for_report(self) -> object:
        """Raises FunctionFailedError if no report comes in time."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                return await self._api.reports.get()
        except TimeoutError:
            raise FunctionFailedError(f"{self._name} said nothing for {TIMEOUT_S:.0f} s") from None


async def measure_cold_start(name: str, function: Function, event: str) -> ColdStart:
    """Start a process, let it handle one event, and stop it."""
    began = time.perf_counter()
    async with _start_process(name, function) as (process, running):
        await running.wait_until_ready()
        ready = time.perf_counter()
        await running.handle(event)
        answered = time.perf_counter()
        process.kill()
        _, status, used = os.wait4(process.pid, 0)  # noqa: ASYNC222 (it was killed: nothing to wait for)
        process.returncode = os.waitstatus_to_exitcode(status)
    cpu_ms = (used.ru_utime + used.ru_stime) * 1000
    return ColdStart(cpu_ms, (answered - began) * 1000, (ready - began) * 1000, used.ru_maxrss / 1024)


@contextlib.asynccontextmanager
async def start_warm_process(name: str, function: Function) -> AsyncIterator[LambdaProcess]:
    """Start a process that is ready for events; it is stopped at the end."""
    async with _start_process(name, function) as (_, running):
        await running.wait_until_ready()
        yield running


@contextlib.asynccontextmanager
async def _start_process(
    name: str, function: Function
) -> "AsyncIterator[tuple[subprocess.Popen[bytes], LambdaProcess]]":
    api = RuntimeApi()
    await api.open()
    environment = {
        **make_lambda_environment(name, function),
        **function.environment,
        "AWS_LAMBDA_RUNTIME_API": api.address,
    }
    # Not asyncio's: it waits for the process itself, and wait4 could not return the processor time any more.
    process = subprocess.Popen(  # noqa: ASYNC220 (it waits for the fork only)
        (*function.runtime, function.handler),
        cwd=function.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process, LambdaProcess(api, process, name)
    finally:
        process.kill()
        process.wait()
        await api.close()
