"""One process of a Lambda function, seen from the cloud: starts `worker.py`, gives it events, keeps its log.

A process that exceeds the function's time is killed, as in Lambda.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

_INIT_S = 10.0  # Lambda's limit of the phase in which the module is imported
# 6 MB and a little: the number in Lambda's own message.
MAX_RESPONSE_BYTES = 6_291_556
_LINE_BYTES = 16 * 1024 * 1024  # a payload has 6 MB at most, and grows when it becomes a JSON string


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a function answered."""

    payload: str  # JSON: the result, or a description of the error
    failed: bool


def failure(kind: str, message: str, request_id: str) -> Outcome:
    """The outcome of a function that could not answer for itself."""
    described = {"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": []}
    return Outcome(json.dumps(described), failed=True)


class _Answer(msgspec.Struct):
    """A line of the worker. None of the three is set when it died instead."""

    ready: bool = False
    payload: str | None = None
    error: dict[str, object] | None = None


class FunctionProcess:
    """Runs one event at a time; the first one starts the process."""

    def __init__(
        self,
        arn: str,
        search_path: tuple[Path, ...],
        environment: Mapping[str, str],
        timeout_s: float,
        log: list[str],
    ) -> None:
        self._arn = arn
        self._search_path = search_path  # the function's folder, where it runs, and its layers
        self._environment = environment
        self._timeout_s = timeout_s
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    @property
    def alive(self) -> bool:
        """False before the first event, and when the process can take no more."""
        return self._process is not None and self._process.returncode is None

    async def run(self, request_id: str, event: str) -> Outcome:
        """Give the process this event (JSON) and wait for what it answers."""
        limit_s = _INIT_S
        try:
            if self._process is None:
                async with asyncio.timeout(limit_s):
                    started = await self._start()
                if not started.ready:
                    return await self._death(started, request_id)
            limit_s = self._timeout_s
            self._log.append(f"START RequestId: {request_id} Version: $LATEST")
            async with asyncio.timeout(limit_s):
                return await self._one_event(request_id, event)
        except TimeoutError:
            await self.kill()
            message = f"RequestId: {request_id} Error: Task timed out after {limit_s:.2f} seconds"
            self._log.append(message)
            return failure("Sandbox.Timedout", message, request_id)

    async def kill(self) -> None:
        """End the process at once and wait until it is gone."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    async def _start(self) -> _Answer:
        script = Path(__file__).with_name("worker.py")
        # -P: the script's folder is not importable. A session of its own: Ctrl-C in the terminal is not for
        # the function.
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", str(script), *map(str, self._search_path)),
            cwd=self._search_path[0],
            env=dict(self._environment),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LINE_BYTES,
            start_new_session=True,
        )
        return await self._answer()

    async def _one_event(self, request_id: str, event: str) -> Outcome:
        assert self._process is not None
        assert self._process.stdin is not None
        deadline_ms = time.time_ns() // 1_000_000 + int(self._timeout_s * 1000)
        order = {
            "request_id": request_id,
            "arn": self._arn,
            "deadline_ms": deadline_ms,
            "event": json.loads(event),
        }
        with contextlib.suppress(ConnectionError):  # it died: no answer comes either, which says so
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            await self._process.stdin.drain()
        await self._read_log(until=f"END RequestId: {request_id}")
        answer = await self._answer()
        if answer.payload is not None:
            if len(answer.payload.encode()) > MAX_RESPONSE_BYTES:
                message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
                return failure("Function.ResponseSizeTooLarge", message, request_id)
            return Outcome(answer.payload, failed=False)
        if answer.error is not None:
            return Outcome(json.dumps(answer.error), failed=True)
        return await self._death(answer, request_id)

    async def _death(self, last: _Answer, request_id: str) -> Outcome:
        """The process has ended by itself: its module could not be imported, or the function called exit."""
        assert self._process is not None
        await self._read_log(until=None)
        status = await self._process.wait()
        if last.error is not None:
            return Outcome(json.dumps(last.error), failed=True)
        message = f"RequestId: {request_id} Error: Runtime exited with error: exit status {status}"
        self._log.append(message)
        return failure("Runtime.ExitError", message, request_id)

    async def _answer(self) -> _Answer:
        assert self._process is not None
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        return msgspec.json.decode(line, type=_Answer) if line else _Answer()

    async def _read_log(self, until: str | None) -> None:
        """Keep what the function printed: the log is complete when the answer is given."""
        assert self._process is not None
        assert self._process.stderr is not None
        while line := await self._process.stderr.readline():
            text = line.decode(errors="replace").rstrip("\n")
            if text:
                self._log.append(text)
            if text == until:
                return
