"""Something reached over HTTP: what it is asked, what it answers, its connections."""

import threading
from collections.abc import Iterator

import httpx
import pytest

from sandbox.http_stand_in import HttpStandIn, Request, Response


class Recorder(HttpStandIn):
    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.answer: Response | None = Response()

    def respond(self, request: Request) -> Response | None:
        self.asked.append(request)
        return self.answer


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder() as recorder:
        yield recorder


@pytest.fixture
def client(recorder: Recorder) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=recorder.origin, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_a_request_arrives_whole(recorder: Recorder, client: httpx.Client, method: str) -> None:
    client.request(method, "/a?b=c", headers={"X-Amz-Target": "Table.Query"}, content=b"{}")

    (asked,) = recorder.asked
    assert (asked.method, asked.target, asked.headers["x-amz-target"], asked.body) == (
        method,
        "/a?b=c",
        "Table.Query",
        b"{}",
    )


def test_an_answer_arrives_whole(recorder: Recorder, client: httpx.Client) -> None:
    recorder.answer = Response(418, b"tea", {"X-Pot": "brown"})

    answer = client.get("/")

    assert (answer.status_code, answer.content, answer.headers["x-pot"]) == (418, b"tea", "brown")


def test_a_connection_is_kept_from_one_request_to_the_next(recorder: Recorder, client: httpx.Client) -> None:
    client.get("/")
    client.get("/")

    assert recorder.connections == 1


def test_a_request_without_an_answer_loses_its_connection(recorder: Recorder, client: httpx.Client) -> None:
    recorder.answer = None

    with pytest.raises(httpx.RemoteProtocolError, match="disconnected"):
        client.get("/")


def test_after_its_end_nobody_answers() -> None:
    with Recorder() as recorder:
        pass

    with pytest.raises(httpx.ConnectError):
        httpx.get(recorder.origin, trust_env=False)


def test_a_connection_that_its_client_keeps_does_not_outlive_it() -> None:
    before = set(threading.enumerate())
    with httpx.Client(trust_env=False) as client:
        with Recorder() as recorder:
            client.get(recorder.origin)

        assert set(threading.enumerate()) <= before
