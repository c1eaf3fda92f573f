"""Runs functions that were deployed: their uploaded archive and layers, under AWS's own runtime client.

The processes and their Runtime API are those of `sandbox/aws`, in a loop beside moto's threads. A function has the
template's variables, the name of its role as its access key, and every AWS service at this cloud's address. A process
stays for the next event of the same code and settings. Simpler than Lambda: memory has no bound, and a start may take a
minute.
"""

import asyncio
import io
import json
import os
import tempfile
import threading
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.aws.function_process import FunctionProcess

_PYTHON = Path(__file__).parents[3] / ".venv-lambda" / "bin" / "python"
_START_S = 60.0  # Lambda's is 10, on a machine that does nothing else


@dataclass(frozen=True, slots=True)
class Answer:
    payload: str
    """JSON."""
    failed: bool
    log: str
    """What the function printed meanwhile."""


@dataclass(slots=True)
class _Running:
    """A process, its code on the disk and what it has printed."""

    process: FunctionProcess
    folder: tempfile.TemporaryDirectory[str]
    log: list[str]


@dataclass(slots=True)
class Functions:
    """All processes, which end with this one. `variables` are those by which they reach this cloud."""

    variables: Mapping[str, str]
    _idle: dict[str, list[_Running]] = field(default_factory=dict)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def __post_init__(self) -> None:
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def invoke(self, function: Any, archives: Sequence[bytes], event: str) -> Answer:
        """What the function (one of moto's) answers. No answer within its timeout is a failure, as in Lambda."""
        variables = {**self.variables, **_make_variables(function)}
        key = json.dumps([function.function_arn, function.code_sha_256, variables, function.handler])
        try:
            running = self._idle.setdefault(key, []).pop()
        except IndexError:
            running = _make_process(function, archives, variables)
        before = len(running.log)
        answered = asyncio.run_coroutine_threadsafe(running.process.run(str(uuid.uuid4()), event), self._loop)
        outcome = answered.result(2 * _START_S + float(function.timeout))
        if running.process.alive:
            self._idle[key].append(running)
        return Answer(outcome.payload, outcome.failed, "".join(f"{line}\n" for line in running.log[before:]))


def _make_process(function: Any, archives: Sequence[bytes], variables: Mapping[str, str]) -> _Running:
    """Its code is unpacked; it starts with its first event."""
    folder = tempfile.TemporaryDirectory()
    task, opt = (Path(folder.name) / name for name in ("task", "opt"))
    for archive, place in zip(archives, (task, *(opt for _ in archives[1:])), strict=True):
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            packed.extractall(place)
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": f"{task}:{opt / 'python'}",
        "LAMBDA_TASK_ROOT": str(task),
        **variables,
    }
    command = [str(_PYTHON), "-B", "-m", "awslambdaric", function.handler]
    log: list[str] = []
    timeout_s = float(function.timeout)
    process = FunctionProcess(function.function_arn, command, environment, timeout_s, log, init_s=_START_S)
    return _Running(process, folder, log)


def _make_variables(function: Any) -> dict[str, str]:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
    return {
        "_HANDLER": function.handler,
        "AWS_ACCESS_KEY_ID": function.role.rpartition("/")[2],  # by which its permissions are looked up
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
        "AWS_LAMBDA_LOG_STREAM_NAME": "moto",
        "TZ": ":UTC",
        **{name: str(value) for name, value in function.environment_vars.items()},
    }
