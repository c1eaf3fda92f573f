"""Lambda's Runtime API: where the process of a function asks for events and leaves its answers.

Each process has one of its own, as in Lambda. Both runtimes of the sandbox speak it, AWS's (`awslambdaric`) and
`worker.py`. Simpler than Lambda's: no extensions, no streamed responses; a process for SnapStart goes on at once, as if
it had been restored.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import asyncio
import contextlib
import json
from dataclasses import dataclass

import h11

from sandbox.aws.invocation_outcome import Outcome
from sandbox.loopback import make_listener

# 6 MB and a little: the number in Lambda's own message.
MAX_RESPONSE_BYTES = 6_291_556
_PREFIX = "/2018-06-01/runtime/"
_READ_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class RuntimeEvent:
    """One event for the process."""

    request_id: str
    event: str  # JSON
    function_arn: str
    deadline_ms: int  # since 1970
    trace_id: str


@dataclass(frozen=True, slots=True)
class Ready:
    """The process asks for its first event: what the function does at its import is done."""


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The process answered more than Lambda takes, and was told so."""


type Report = Ready | Outcome | TooLarge


@dataclass(frozen=True, slots=True)
class _Response:
    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class RuntimeApi:
    """It has its address from the beginning, and serves from `open` to `close`.

    An outcome in `reports` is the answer to the event, or the failure of the process before it was `Ready`.
    """

    def __init__(self) -> None:
        self._socket = make_listener()
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"  # for AWS_LAMBDA_RUNTIME_API
        self.reports: asyncio.Queue[Report] = asyncio.Queue()
        self._events: asyncio.Queue[RuntimeEvent] = asyncio.Queue()
        self._ready = False
        self._current: RuntimeEvent | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server

    async def open(self) -> None:
        """Serve from now on."""
        self._server = await asyncio.start_server(self._serve, sock=self._socket)

    def put(self, event: RuntimeEvent) -> None:
        """The answer to the process when it asks for an event."""
        self._events.put_nowait(event)

    async def close(self) -> None:
        """Serve no more."""
        self._server.close()
        for task in self._serving:
            task.cancel()  # it may wait for an event
        if self._serving:
            await asyncio.wait(self._serving)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            # It is one of these when the process has died, or is no runtime.
            with contextlib.suppress(ConnectionError, h11.RemoteProtocolError):
                await self._answer_requests(reader, writer)
        finally:
            self._serving.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError):  # asked for here, or asyncio logs that nobody did
                await writer.wait_closed()

    async def _answer_requests(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        while request := await _receive(connection, reader):
            _send(connection, writer, await self._answer(*request))
            await writer.drain()
            if connection.our_state is h11.MUST_CLOSE:
                break  # as it was asked to
            connection.start_next_cycle()

    async def _answer(self, method: str, path: str, body: bytes) -> _Response:
        match method, path.removeprefix(_PREFIX).split("/"):
            case "GET", ["invocation", "next"]:
                return await self._wait_for_event()
            case "GET", ["restore", "next"]:
                return _Response(200, b"")
            case "POST", ["invocation", request_id, ("response" | "error") as kind]:
                return self._accept(request_id, body, failed=kind == "error")
            case "POST", ["init", "error"]:
                if self._ready:
                    return _make_error(403, "InvalidStateTransition", "the initialisation is over")
                self.reports.put_nowait(Outcome(body.decode(errors="replace"), failed=True))
                return _Response(202, b'{"status":"OK"}')
            case _:
                return _make_error(404, "NotFound", f"no such route: {method} {path}")

    async def _wait_for_event(self) -> _Response:
        if not self._ready:
            self._ready = True
            self.reports.put_nowait(Ready())
        event = self._current = await self._events.get()
        headers = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": event.request_id,
            "Lambda-Runtime-Deadline-Ms": str(event.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": event.function_arn,
            "Lambda-Runtime-Trace-Id": event.trace_id,
        }
        return _Response(200, event.event.encode(), tuple(headers.items()))

    def _accept(self, request_id: str, body: bytes, *, failed: bool) -> _Response:
        if self._current is None or request_id != self._current.request_id:
            return _make_error(400, "InvalidRequestID", "Invalid request ID")
        self._current = None
        if len(body) > MAX_RESPONSE_BYTES:
            self.reports.put_nowait(TooLarge())
            return _make_error(413, "RequestEntityTooLarge", f"Exceeded maximum of {MAX_RESPONSE_BYTES} bytes.")
        self.reports.put_nowait(Outcome(body.decode(errors="replace"), failed=failed))
        return _Response(202, b'{"status":"OK"}')


async def _receive(connection: h11.Connection, reader: asyncio.StreamReader) -> tuple[str, str, bytes] | None:
    """Method, path and body of the next request; None when there is none. Raises RemoteProtocolError."""
    method = path = ""
    body = bytearray()
    while True:
        match connection.next_event():
            case h11.NEED_DATA:
                connection.receive_data(await reader.read(_READ_BYTES))
            case h11.Request() as request:
                method, path = request.method.decode(), request.target.decode("latin-1")
            case h11.Data() as data:
                body += data.data
            case h11.EndOfMessage():
                return method, path, bytes(body)
            case _:
                return None


def _send(connection: h11.Connection, writer: asyncio.StreamWriter, response: _Response) -> None:
    headers = [*response.headers, ("Content-Length", str(len(response.body)))]
    parts = (
        h11.Response(status_code=response.status, headers=headers),
        h11.Data(data=response.body),
        h11.EndOfMessage(),
    )
    writer.write(b"".join(connection.send(part) or b"" for part in parts))


def _make_error(status: int, kind: str, message: str) -> _Response:
    return _Response(status, json.dumps({"errorMessage": message, "errorType": kind}).encode())
