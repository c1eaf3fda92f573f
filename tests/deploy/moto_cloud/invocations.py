"""Runs a function that was deployed, for one event: its uploaded archive and layers, under AWS's own runtime client.

The runtime client (`awslambdaric`) asks a Runtime API for events, which is a server of this module for this one run:
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. The function has the environment that the template
gave it, the credentials of its role's name, and every AWS service at this cloud's address. Memory has no bound here.
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
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_PYTHON = Path(__file__).parents[3] / ".venv-lambda" / "bin" / "python"
_PATH = "/2018-06-01/runtime"


@dataclass(slots=True)
class Answer:
    payload: bytes = b""
    failed: bool = False
    log: str = ""
    ended: threading.Event = field(default_factory=threading.Event)


class _Api(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """The process is killed when it has answered, whatever it still wanted."""


def run(function: Any, archives: list[bytes], event: bytes, surroundings: Mapping[str, str]) -> Answer:
    """What the function (of moto's) answers to the event. Its end by the timeout is a failure, as in Lambda."""
    answer = Answer()
    with tempfile.TemporaryDirectory() as folder, _Api(("127.0.0.1", 0), _handler(answer, event, function)) as api:
        threading.Thread(target=api.serve_forever, daemon=True).start()
        try:
            _unpack(archives, Path(folder))
            _run_process(
                function, Path(folder), answer, _environment(function, Path(folder), api.server_port, surroundings)
            )
        finally:
            answer.ended.set()
            api.shutdown()
    return answer


def _unpack(archives: list[bytes], folder: Path) -> None:
    """The function's archive as /var/task, those of its layers as /opt."""
    for name, archive in zip(("task", *("opt" for _ in archives[1:])), archives, strict=True):
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            packed.extractall(folder / name)


def _run_process(function: Any, folder: Path, answer: Answer, environment: Mapping[str, str]) -> None:
    command = [_PYTHON, "-m", "awslambdaric", function.handler]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=folder / "task", env=environment, stdout=log, stderr=log)
        try:
            until = time.monotonic() + int(function.timeout)
            while not answer.ended.wait(0.05) and process.poll() is None:
                if time.monotonic() > until:
                    break
        finally:
            process.kill()
            process.wait()
        log.seek(0)
        answer.log = log.read().decode(errors="replace")
    if not answer.ended.is_set():
        answer.failed = True
        reason = f"Task timed out after {function.timeout} seconds, or its process ended with {process.returncode}"
        answer.payload = json.dumps(
            {"errorType": "Runtime.ExitError", "errorMessage": f"{reason}: {answer.log[-2000:]}"}
        ).encode()


def _environment(function: Any, folder: Path, port: int, surroundings: Mapping[str, str]) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": f"{folder / 'task'}:{folder / 'opt' / 'python'}",
        "LAMBDA_TASK_ROOT": str(folder / "task"),
        "_HANDLER": function.handler,
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
        "AWS_LAMBDA_LOG_GROUP_NAME": function.logs_group_name,
        "AWS_LAMBDA_LOG_STREAM_NAME": "moto",
        "TZ": ":UTC",
        **surroundings,
        **{name: str(value) for name, value in function.environment_vars.items()},
    }


def _handler(answer: Answer, event: bytes, function: Any) -> type[BaseHTTPRequestHandler]:
    handed_out = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if handed_out.is_set():
                answer.ended.wait()  # there is no second event: the process is killed
                self.close_connection = True
                return
            handed_out.set()
            self.send_response(200)
            self.send_header("Lambda-Runtime-Aws-Request-Id", str(uuid.uuid4()))
            self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + int(function.timeout)) * 1000)))
            self.send_header("Lambda-Runtime-Invoked-Function-Arn", function.function_arn)
            self.send_header("Lambda-Runtime-Trace-Id", "Root=1-00000000-000000000000000000000000")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(event)))
            self.end_headers()
            self.wfile.write(event)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not answer.ended.is_set():
                answer.payload, answer.failed = body, self.path.endswith("/error")
                answer.ended.set()
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """The cloud's own log is enough."""

    return Handler
