"""Stand-ins of DynamoDB, Secrets Manager and Twilio's REST API that answer at once, for functions under measurement.

They remember nothing: a write succeeds and gives back what it wrote, a read finds nothing. They serve from threads of
this process, so what they take is no part of a function's processor time; it is a part of its wall time.
"""

import json
import socket
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class InstantServices:
    """All of them on one port of loopback, while it is entered."""

    def __init__(self, secret: Mapping[str, str]) -> None:
        self.connections = 0
        """How many were ever opened."""
        self.took_ms = 0.0
        """What they took to answer; set it to 0 before what is to be measured."""
        self._secret = json.dumps(secret)

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def environment(self) -> dict[str, str]:
        """Settings with which a function finds them."""
        services = ("DYNAMODB", "SECRETS_MANAGER", "LAMBDA")
        keys = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
        return keys | {f"AWS_ENDPOINT_URL_{name}": self.origin for name in services} | {"TWILIO_API_URL": self.origin}

    def answer(self, operation: str, body: bytes) -> dict[str, Any]:
        """To an operation of AWS ("UpdateItem"), or of Twilio (empty), which only updates calls."""
        match operation:
            case "GetSecretValue":
                return {"ARN": "arn:aws:secretsmanager:us-east-1:0:secret:w", "SecretString": self._secret}
            case "Query":
                return {"Items": [], "Count": 0, "ScannedCount": 0}
            case "UpdateItem":
                asked = json.loads(body)
                values = asked["ExpressionAttributeValues"]
                return {"Attributes": asked["Key"] | {name.lstrip(":"): value for name, value in values.items()}}
            case "PutItem":
                return {}
            case "":
                return {"sid": "CA" + "0" * 32, "status": "in-progress"}
        raise AssertionError(f"no function under measurement asks for {operation}")


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # a connection may stay open for as long as its process lives

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection, address


def _handler(services: InstantServices) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            services.connections += 1

        def do_POST(self) -> None:
            began = time.perf_counter()
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
            data = json.dumps(services.answer(operation, body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            services.took_ms += (time.perf_counter() - began) * 1000
            self.wfile.write(data)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (http.server's name)
            pass

    return Handler
