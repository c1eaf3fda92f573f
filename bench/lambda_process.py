"""One process of a function under AWS's own runtime, measured: until its first answer, and for each one after that."""

import asyncio
import contextlib
import os
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.aws.functions import Function, set_by_lambda
from sandbox.aws.invocation_outcome import Outcome
from sandbox.aws.runtime_api import Order, Ready, RuntimeApi

ANSWER_S = 60.0


class FailedError(Exception):
    """The function did not answer, or not as it should; the message has what it said."""


@dataclass(frozen=True, slots=True)
class Cold:
    """From the start of the process to its first answer."""

    cpu_ms: float
    """Of all its threads."""
    wall_ms: float
    import_ms: float
    """The part of `wall_ms` before the event: Lambda's init phase."""
    peak_mb: float
    """Memory at most."""


class LambdaProcess:
    """A process that is running; events are given to it one at a time."""

    def __init__(self, api: RuntimeApi, process: "subprocess.Popen[bytes]", name: str) -> None:
        self._api = api
        self._start_process = process
        self._name = name

    async def ready(self) -> None:
        """Until it asks for its first event."""
        first = await self._said()
        if not isinstance(first, Ready):
            raise FailedError(f"{self._name} could not be imported: {first}")

    async def answer(self, event: str) -> str:
        order = Order("00000000-0000-0000-0000-000000000000", event, f"arn:{self._name}", 2**42, "Root=1-0-0")
        self._api.give(order)
        said = await self._said()
        if not isinstance(said, Outcome) or said.failed:
            raise FailedError(f"{self._name} did not answer: {said}")
        return said.payload

    @property
    def cpu_ms(self) -> float:
        """What its living threads took of the processor so far."""
        tasks = Path(f"/proc/{self._start_process.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e6

    async def _said(self) -> object:
        """Raises FailedError when the process ends without a word, or takes too long."""
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._api.reports.get()
        except TimeoutError:
            raise FailedError(f"{self._name} said nothing for {ANSWER_S:.0f} s") from None


async def cold(name: str, function: Function, event: str) -> Cold:
    """Start a process, give it one event, end it."""
    began = time.perf_counter()
    async with _started(name, function) as (process, running):
        await running.ready()
        ready = time.perf_counter()
        await running.answer(event)
        answered = time.perf_counter()
        process.kill()
        _, status, used = os.wait4(process.pid, 0)  # noqa: ASYNC222 (it has been killed)
        process.returncode = os.waitstatus_to_exitcode(status)
    cpu_ms = (used.ru_utime + used.ru_stime) * 1000
    return Cold(cpu_ms, (answered - began) * 1000, (ready - began) * 1000, used.ru_maxrss / 1024)


@contextlib.asynccontextmanager
async def warm(name: str, function: Function) -> AsyncIterator[LambdaProcess]:
    """A process that is ready for events."""
    async with _started(name, function) as (_, running):
        await running.ready()
        yield running


@contextlib.asynccontextmanager
async def _started(name: str, function: Function) -> "AsyncIterator[tuple[subprocess.Popen[bytes], LambdaProcess]]":
    api = RuntimeApi()
    await api.open()
    environment = {**set_by_lambda(name, function), **function.environment, "AWS_LAMBDA_RUNTIME_API": api.address}
    # Not asyncio's: that takes the exit status, and the account of the processor time with it.
    process = subprocess.Popen(  # noqa: ASYNC220 (a fork is all that it waits for)
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
