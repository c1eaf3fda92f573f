"""A stand-in of something that is reached over HTTP: it answers on loopback, from threads of this process.

For functions, tests and benches that ask a little. What carries load, or streams, is served by `sandbox/aws` and
`sandbox/twilio` themselves.
"""

import contextlib
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

_END_S = 10.0  # an answer that is being given is given to its end; others wait in threads of their own


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    target: str
    """Path and query."""
    headers: Message
    """A mapping whose names have no case."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class HttpStandIn(ABC):
    """Serves while it is entered; `origin` is where."""

    origin: str
    connections = 0
    """How many were ever opened."""

    @abstractmethod
    def respond(self, request: Request) -> Response | None:
        """What a request gets; None: its connection is closed. Called in a thread of the connection's own."""

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), partial(_Handler, self))
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(_END_S)
        self._server.server_close()
        self._server.end_connections()


class _Server(ThreadingHTTPServer):
    """Ends the connections that its clients keep, and waits for their threads."""

    def __init__(self, *where: Any) -> None:
        super().__init__(*where)
        self._connections: dict[threading.Thread, socket.socket] = {}

    def process_request(self, request: Any, client_address: Any) -> None:
        thread = threading.Thread(target=self.process_request_thread, args=(request, client_address))
        self._connections[thread] = request
        thread.start()

    def end_connections(self) -> None:
        """Nothing more is read from them; what was asked for is answered."""
        for connection in self._connections.values():
            with contextlib.suppress(OSError):  # closed already
                connection.shutdown(socket.SHUT_RD)
        for thread in self._connections:
            thread.join(_END_S)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as AWS and Twilio keep them
    disable_nagle_algorithm = True  # head and body leave in two pieces

    def __init__(self, stand_in: HttpStandIn, *connection: Any) -> None:
        self._stand_in = stand_in
        stand_in.connections += 1
        super().__init__(*connection)  # serves the whole connection

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        response = self._stand_in.respond(Request(self.command, self.path, self.headers, body))
        if response is None:
            self.close_connection = True
            return
        self.send_response(response.status)
        for name, value in {**response.headers, "Content-Length": str(len(response.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)

    do_POST = do_PUT = do_GET  # noqa: N815 (http.server's names)

    def log_message(self, *_: object) -> None:
        """Whoever asks says what went wrong."""
