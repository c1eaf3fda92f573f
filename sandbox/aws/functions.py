"""Lambda functions of the sandbox's cloud: each runs for real, in processes of its own.

One event at a time in a process; another process starts when all are busy, an idle one is used again. Simpler
than Lambda: idle processes never go away.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import os
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue

from sandbox.aws.faults import Fails, Fault, Throttles, wait_out
from sandbox.aws.function_process import FunctionProcess
from sandbox.aws.invocation_outcome import Outcome, make_failure

REGION = "us-east-1"
# For a function as it lies in the checkout. -P: the script's own folder is not importable.
SOURCE_RUNTIME = (sys.executable, "-P", str(Path(__file__).with_name("worker.py")))


@dataclass(frozen=True, slots=True)
class EventInvokeConfig:
    """What becomes of asynchronous events; the defaults are Lambda's.

    https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
    """

    oldest_s: float = 21_600.0
    """MaximumEventAgeInSeconds: an event that is older is dropped, whatever it waits for."""
    retries: int = 2
    """MaximumRetryAttempts, after the function itself failed."""


@dataclass(frozen=True, slots=True)
class Function:
    """What template.yaml says of a function."""

    folder: Path
    handler: str  # "module.function"
    environment: Mapping[str, str] = field(default_factory=dict)
    layers: tuple[Path, ...] = ()  # folders of modules: what would be /opt/python
    timeout_s: float = 3.0
    memory_mb: int = 128
    concurrency: int = 10  # the quota of a new AWS account
    event_invoke_config: EventInvokeConfig = EventInvokeConfig()
    runtime: tuple[str, ...] = SOURCE_RUNTIME  # the command that runs it; its last argument is the handler


@dataclass(frozen=True, slots=True)
class Invocation:
    """One event and what became of it."""

    request_id: str
    event: str  # JSON
    outcome: Outcome


@dataclass(slots=True)
class EventQueue:
    """How asynchronous events reach the function. A test may change it."""

    retries_after_s: tuple[float, ...] = (60.0, 120.0)
    """The pauses before an event that failed is tried again."""
    throttled_s: float = 1.0
    """The pause after an event met too many others. It doubles each time, up to five minutes."""
    delivers_twice: bool = False
    """Each event comes again although it did not fail: the queue is only eventually consistent."""
    dropped: list[str] = field(default_factory=list)
    """Events that failed each time, or grew too old: AsyncEventsDropped."""
    done: SimpleQueue[str] = field(default_factory=SimpleQueue)
    """Gets each event when it will not come any more, for whoever waits for that."""


class TooManyRequestsError(Exception):
    """All the processes that the function may have are busy."""


class RunningFunction:
    """A function and its processes.

    It lives in the event loop of the cloud. `fault` may be set, `log` and `invocations` may be read, from
    anywhere.
    """

    def __init__(self, name: str, function: Function, account_id: str, aws_environment: Mapping[str, str]) -> None:
        self.name = name
        self.arn = f"arn:aws:lambda:{REGION}:{account_id}:function:{name}"
        self.fault: Fault | None = None
        self.queue = EventQueue()
        self.event_invoke_config = function.event_invoke_config
        self.log: list[str] = []  # what the function printed, a line each, between Lambda's START and END
        self.invocations: list[Invocation] = []  # those that ended, in the order they ended
        self._function = function
        self._aws_environment = aws_environment
        self._idle: list[tuple[Function, FunctionProcess]] = []  # with what each process runs
        self._busy: set[FunctionProcess] = set()

    async def invoke(self, event: str) -> Invocation:
        """Run the function on this JSON text and wait for its end. Raises TooManyRequestsError."""
        request_id = str(uuid.uuid4())
        match self.fault:
            case Fails(reason):
                return self._record(request_id, event, make_failure("RuntimeError", reason, request_id))
            case Throttles(once):
                self.fault = None if once else self.fault
                raise TooManyRequestsError
            case fault:
                await wait_out(fault)
        return self._record(request_id, event, await self._run(request_id, event))

    def update(self, function: Function) -> None:
        """Events from now on are for this one; the processes of the one before end when they have no event."""
        self._function = replace(function)  # another one, even if it is equal
        self.event_invoke_config = function.event_invoke_config

    async def close(self) -> None:
        """Kill every process and wait until it is gone."""
        for process in (*(process for _, process in self._idle), *self._busy):
            await process.kill()

    async def _run(self, request_id: str, event: str) -> Outcome:
        function = self._function
        if len(self._busy) >= function.concurrency:
            raise TooManyRequestsError
        process = await self._take_idle(function) or self._make_process(function)
        self._busy.add(process)
        try:
            outcome = await process.run(request_id, event)
        except BaseException:
            await process.kill()
            raise
        finally:
            self._busy.discard(process)
        if process.alive:
            self._idle.append((function, process))
        return outcome

    async def _take_idle(self, function: Function) -> FunctionProcess | None:
        """A process that waits for an event of this function; those of another one end."""
        while self._idle:
            run, process = self._idle.pop()
            if run is function:
                return process
            await process.kill()
        return None

    def _make_process(self, function: Function) -> FunctionProcess:
        command = (*function.runtime, function.handler)
        settings = make_lambda_environment(self.name, function)
        environment = {**settings, **self._aws_environment, **function.environment}
        return FunctionProcess(self.arn, command, environment, function.timeout_s, self.log)

    def _record(self, request_id: str, event: str, outcome: Outcome) -> Invocation:
        invocation = Invocation(request_id, event, outcome)
        self.invocations.append(invocation)
        return invocation


def make_lambda_environment(name: str, function: Function) -> dict[str, str]:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
    return {
        "_HANDLER": function.handler,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": "2026/01/01/[$LATEST]sandbox",
        "AWS_REGION": REGION,
        "LAMBDA_TASK_ROOT": str(function.folder),
        "LANG": "en_US.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(map(str, function.layers)),
        "TZ": ":UTC",
    }
