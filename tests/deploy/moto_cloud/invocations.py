"""Runs functions that were deployed: their uploaded archive and layers, under AWS's own runtime client.

The runtime client (`awslambdaric`) asks a Runtime API for events, which each process has for itself here:
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. A function has the template's variables, the name of its
role as its access key, and every AWS service at this cloud's address. A process stays for the next event of the same
code and settings, and ends when its Runtime API does. Simpler than Lambda: memory has no bound, and a start may take a
minute.
"""

import io
import json
import os
import subprocess
import tempfile
import threading
import time
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any

_PYTHON = Path(__file__).parents[3] / ".venv-lambda" / "bin" / "python"
_START_S = 60.0  # Lambda's is 10, on a machine that does nothing else
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    payload: bytes
    failed: bool
    log: str
    """What the function printed meanwhile."""


@dataclass(slots=True)
class Order:
    """One event, and what becomes of it."""

    event: bytes
    timeout_s: int
    arn: str
    taken_at: float = 0.0
    payload: bytes = b""
    failed: bool = False
    done: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True)
class Functions:
    """All processes. `surroundings` are the variables that reach this cloud."""

    surroundings: Mapping[str, str]
    _idle: dict[str, list["_Process"]] = field(default_factory=dict)

    def invoke(self, function: Any, archives: Sequence[bytes], event: bytes) -> Answer:
        """What the function (one of moto's) answers. No answer within its timeout is a failure, as in Lambda."""
        variables = {**self.surroundings, **_variables(function)}
        key = json.dumps([function.function_arn, function.code_sha_256, variables, function.handler])
        try:
            process = self._idle.setdefault(key, []).pop()
        except IndexError:
            process = _Process(function.handler, archives, variables)
        answer = process.run(Order(event, int(function.timeout), function.function_arn))
        if process.alive:
            self._idle[key].append(process)
        return answer


class _Process:
    def __init__(self, handler: str, archives: Sequence[bytes], variables: Mapping[str, str]) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 (it stays open as long as the process)
        self._orders: SimpleQueue[Order] = SimpleQueue()
        self._api = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._orders))
        self._api.daemon_threads = True
        threading.Thread(target=self._api.serve_forever, daemon=True).start()
        task, opt = (Path(self._folder.name) / name for name in ("task", "opt"))
        for archive, place in zip(archives, (task, *(opt for _ in archives[1:])), strict=True):
            with zipfile.ZipFile(io.BytesIO(archive)) as packed:
                packed.extractall(place)
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": f"{task}:{opt / 'python'}",
            "LAMBDA_TASK_ROOT": str(task),
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._api.server_port}",
            **variables,
        }
        command = [str(_PYTHON), "-B", "-m", "awslambdaric", handler]
        self._process = subprocess.Popen(command, cwd=task, env=environment, stdout=self._log, stderr=self._log)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def run(self, order: Order) -> Answer:
        before = self._log.seek(0, os.SEEK_END)
        self._orders.put(order)
        asked_at = time.monotonic()
        while not order.done.wait(_LOOK_S) and self.alive:
            now = time.monotonic()
            if now > (order.taken_at + order.timeout_s if order.taken_at else asked_at + _START_S):
                break
        if not order.done.is_set():
            self._process.kill()
            self._process.wait(_START_S)
            self._api.shutdown()
        self._log.seek(before)
        log = self._log.read().decode(errors="replace")
        if order.done.is_set():
            return Answer(order.payload, order.failed, log)
        reason = (
            f"no answer within {order.timeout_s} s, or its process ended: {self._process.returncode}; {log[-2000:]}"
        )
        return Answer(json.dumps({"errorType": "Runtime.ExitError", "errorMessage": reason}).encode(), True, log)


def _variables(function: Any) -> dict[str, str]:
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


def _handler(orders: SimpleQueue[Order]) -> type[BaseHTTPRequestHandler]:
    given: list[Order] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            order = orders.get()
            given.append(order)
            order.taken_at = time.monotonic()
            deadline_ms = int((time.time() + order.timeout_s) * 1000)
            self.send_response(200)
            self.send_header("Lambda-Runtime-Aws-Request-Id", str(uuid.uuid4()))
            self.send_header("Lambda-Runtime-Deadline-Ms", str(deadline_ms))
            self.send_header("Lambda-Runtime-Invoked-Function-Arn", order.arn)
            self.send_header("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(order.event)))
            self.end_headers()
            self.wfile.write(order.event)

        def do_POST(self) -> None:
            """An answer, an error, or the error of a start, for which no event has been given yet."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            order = given.pop() if given else orders.get()
            order.payload, order.failed = body, self.path.endswith("/error")
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()
            order.done.set()

        def log_message(self, *args: object) -> None:
            """The cloud's own log is enough."""

    return Handler
