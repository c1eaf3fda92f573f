"""Which revision of the task definition this is, as ECS tells it."""

import socket
from collections.abc import Iterator

import pytest

from sandbox.http_stand_in import HttpStandIn, Request, Response
from socket_server.aws.ecs_metadata import LOCAL, UNKNOWN, read_task_revision

# Of https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-examples.html, cut.
TASK = b'{"Cluster": "c", "TaskARN": "arn:aws:ecs:us-east-1:1:task/c/1", "Family": "warmline", "Revision": "7"}'


class Endpoint(HttpStandIn):
    """ECS's; a test says what it answers."""

    status, body = 200, TASK

    @property
    def url(self) -> str:
        return f"{self.origin}/v4/abc"

    def respond(self, request: Request) -> Response:
        return Response(self.status if request.target == "/v4/abc/task" else 404, self.body)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as endpoint:
        yield endpoint


async def test_outside_of_ecs_there_is_no_revision() -> None:
    assert await read_task_revision("") == LOCAL


async def test_a_task_knows_its_family_and_revision(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # the answer is on this machine, not behind a proxy
    assert await read_task_revision(endpoint.url) == "warmline:7"


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
    status: int, body: bytes, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.status, endpoint.body = status, body
    assert await read_task_revision(endpoint.url) == UNKNOWN
    assert "revision of the task not learnt" in caplog.text


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense", "http://[", "ftp://127.0.0.1:9"])
async def test_an_endpoint_that_is_none_stops_nothing(url: str) -> None:
    assert await read_task_revision(url) == UNKNOWN


async def test_an_endpoint_that_says_nothing_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert await read_task_revision(f"http://127.0.0.1:{silent.getsockname()[1]}") == UNKNOWN
