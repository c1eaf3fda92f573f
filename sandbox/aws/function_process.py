"""One process of a Lambda function, seen from the cloud: starts a runtime, gives it events, keeps its log.

A process that exceeds the function's time is killed, as in Lambda.
"""

import asyncio
import contextlib
import secrets
import signal
import time
from collections.abc import Mapping, Sequence

from sandbox.aws.function_logs import Output
from sandbox.aws.invocation_outcome import Outcome, make_failure
from sandbox.aws.runtime_api import MAX_RESPONSE_BYTES, Ready, Report, RuntimeApi, RuntimeEvent, TooLarge

_INIT_S = 10.0  # Lambda's limit of the phase in which the module is imported


class _ProcessEndedError(Exception):
    """The process has ended without an answer; the message says how."""


class FunctionProcess:
    """Runs one event at a time; the first one starts the process.

    `command` starts a runtime, which finds in `environment` all that Lambda would tell it.
    """

    def __init__(
        self,
        arn: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        timeout_s: float,
        log: list[str],
        *,
        init_s: float = _INIT_S,
    ) -> None:
        """`init_s`: more than Lambda gives, where a machine is slower than Lambda."""
        self._arn = arn
        self._command = command
        self._environment = environment
        self._timeout_s = timeout_s
        self._log = log
        self._init_s = init_s
        self._resources = contextlib.AsyncExitStack()  # the process and its connections, while it runs
        self._process: asyncio.subprocess.Process | None = None
        self._api: RuntimeApi
        self._output: Output

    @property
    def alive(self) -> bool:
        """False before the first event, and when the process can take no more."""
        return self._process is not None and self._process.returncode is None

    async def run(self, request_id: str, event: str) -> Outcome:
        """Give the process this event (JSON) and wait for what it answers."""
        limit_s = self._init_s
        try:
            if self._process is None:
                async with asyncio.timeout(limit_s):
                    first = await self._start()
                if isinstance(first, Outcome):
                    await self.kill()  # it ends by itself, too
                    return first
            limit_s = self._timeout_s
            self._log.append(f"START RequestId: {request_id} Version: $LATEST")
            async with asyncio.timeout(limit_s):
                answer = await self._handle_event(request_id, event)
        except TimeoutError:
            return await self._fail("Sandbox.Timedout", f"Task timed out after {limit_s:.2f} seconds", request_id)
        except _ProcessEndedError as error:
            return await self._fail("Runtime.ExitError", f"Runtime exited with error: {error}", request_id)
        if isinstance(answer, TooLarge):
            await self.kill()  # AWS's own runtime ends when an answer is refused
            message = f"Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE_BYTES} bytes)."
            return make_failure("Function.ResponseSizeTooLarge", message, request_id)
        return answer

    async def kill(self) -> None:
        """End the process at once and wait until it is gone."""
        await self._resources.aclose()

    async def _start(self) -> Ready | Outcome:
        """Until the process asks for its first event, or has failed before."""
        self._api = RuntimeApi()
        self._resources.push_async_callback(self._api.close)
        await self._api.open()
        self._output = Output(self._log)
        self._resources.callback(self._output.close)
        try:
            # A session of its own: Ctrl-C in the terminal is not for the function.
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                cwd=self._environment["LAMBDA_TASK_ROOT"],
                env={**self._environment, "AWS_LAMBDA_RUNTIME_API": self._api.address},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=self._output.writing,
                stderr=self._output.writing,
                start_new_session=True,
            )
        finally:
            self._output.close_writing()
        self._resources.push_async_callback(self._end, self._process)
        first = await self._wait_for_report()
        assert not isinstance(first, TooLarge), "it has no limit"
        return first

    async def _handle_event(self, request_id: str, event: str) -> Outcome | TooLarge:
        now_ns = time.time_ns()
        runtime_event = RuntimeEvent(
            request_id,
            event,
            self._arn,
            deadline_ms=now_ns // 1_000_000 + int(self._timeout_s * 1000),
            trace_id=f"Root=1-{now_ns // 1_000_000_000:08x}-{secrets.token_hex(12)};Sampled=0",
        )
        self._api.put(runtime_event)
        answer = await self._wait_for_report()
        assert not isinstance(answer, Ready), "it was ready before"
        self._output.flush()
        self._log.append(f"END RequestId: {request_id}")
        return answer

    async def _wait_for_report(self) -> Report:
        """What the process says next. Raises _ProcessEndedError."""
        assert self._process is not None
        said = asyncio.create_task(self._api.reports.get())
        ended = asyncio.create_task(self._process.wait())
        try:
            await asyncio.wait((said, ended), return_when=asyncio.FIRST_COMPLETED)
            if said.done():  # its last words, if it has ended as well
                return said.result()
            raise _ProcessEndedError(_describe_exit(ended.result()))
        finally:
            said.cancel()
            ended.cancel()

    async def _fail(self, kind: str, what: str, request_id: str) -> Outcome:
        await self.kill()
        message = f"RequestId: {request_id} Error: {what}"
        self._log.append(message)
        return make_failure(kind, message, request_id)

    @staticmethod
    async def _end(process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _describe_exit(status: int) -> str:
    """In Lambda's words."""
    if status >= 0:
        return f"exit status {status}"
    return f"signal: {(signal.strsignal(-status) or str(-status)).lower()}"
