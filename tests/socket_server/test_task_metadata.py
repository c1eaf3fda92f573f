"""Which revision of the task definition this is, as ECS tells it."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from socket_server.task_metadata import LOCAL, UNKNOWN, task_revision

# Of https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-examples.html, cut.
TASK = b'{"Cluster": "c", "TaskARN": "arn:aws:ecs:us-east-1:1:task/c/1", "Family": "warmline", "Revision": "7"}'


class Endpoint(BaseHTTPRequestHandler):
    """ECS's; a test says what it answers."""

    status, body = 200, TASK

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/v4/abc/task" else 404)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def endpoint() -> Iterator[tuple[str, type[Endpoint]]]:
    class Own(Endpoint):
        pass

    with HTTPServer(("127.0.0.1", 0), Own) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}/v4/abc", Own
        server.shutdown()
        serving.join()


async def test_outside_of_ecs_there_is_no_revision() -> None:
    assert await task_revision("") == LOCAL


async def test_a_task_knows_its_family_and_revision(
    endpoint: tuple[str, type[Endpoint]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # the answer is on this machine, not behind a proxy
    assert await task_revision(endpoint[0]) == "warmline:7"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, TASK),
        (200, b""),
        (200, b"{"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"Family": "warmline"}'),
        (200, b'{"Family": "a b", "Revision": "7"}'),
        (200, b'{"Family": "warmline", "Revision": "seven"}'),
        (200, b'{"Family": "warmline", "Revision": null}'),
        (200, b"\xff"),
        (200, b" " * 2_000_000),
    ],
)
async def test_an_answer_that_is_none_stops_nothing(
    status: int, body: bytes, endpoint: tuple[str, type[Endpoint]], caplog: pytest.LogCaptureFixture
) -> None:
    endpoint[1].status, endpoint[1].body = status, body
    assert await task_revision(endpoint[0]) == UNKNOWN
    assert "revision of the task not learnt" in caplog.text


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense", "http://[", "ftp://127.0.0.1:9"])
async def test_an_endpoint_that_is_none_stops_nothing(url: str) -> None:
    assert await task_revision(url) == UNKNOWN


async def test_an_endpoint_that_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert await task_revision(f"http://127.0.0.1:{silent.getsockname()[1]}") == UNKNOWN
