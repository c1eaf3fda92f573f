"""One invocation: what is refused at once is asked again, what took its time is not."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
    ResponseStreamingError,
)

from socket_server.aws.lambda_invocation import ERROR_CHARACTERS, PAUSES_S, invoke
from socket_server.aws.transfer_client import CLIENT
from socket_server.core.errors import FunctionFailedError
from tests.bounds import WAIT_S

URL = {"endpoint_url": "http://127.0.0.1"}
REQUEST: dict[str, object] = {
    "action": "transfer",
    "reason": "it's “urgent”",
    "summary": "a bicycle",
    "destination": "x",
}


class Client:
    """boto3's client as far as it is used: answers as told, the last answer for ever."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)
        self.asked: list[object] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - boto3's names
        assert FunctionName == "transfer"
        self.asked.append(json.loads(Payload))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return cast(dict[str, Any], answer)


def answered(payload: bytes, **more: str) -> dict[str, object]:
    return {"StatusCode": 200, "Payload": BytesIO(payload), **more}


def failed(error: object) -> dict[str, object]:
    return answered(json.dumps(error).encode(), FunctionError="Unhandled")


def refused(status: int) -> ClientError:
    told: Any = {"Error": {"Code": "x"}, "ResponseMetadata": {"HTTPStatusCode": status}}  # Any: as much as is read
    return ClientError(told, "Invoke")


def asked(client: Client, seconds: float = 60) -> bytes:
    return invoke(cast(Any, client), "transfer", REQUEST, time.monotonic() + seconds)  # one method of it is used


@pytest.mark.parametrize(
    "error",
    [
        refused(429),
        refused(500),
        refused(503),
        ConnectionClosedError(**URL),
        EndpointConnectionError(**URL),
        ResponseStreamingError(error="cut"),
    ],
    ids=str,
)
def test_what_is_refused_at_once_is_asked_again(error: Exception) -> None:
    client = Client(error, error, answered(b"{}"))
    assert asked(client) == b"{}"
    assert client.asked == [REQUEST] * 3


def test_it_is_asked_again_a_few_times_only() -> None:
    client = Client(refused(429))
    with pytest.raises(ClientError):
        asked(client)
    assert len(client.asked) == 1 + len(PAUSES_S)


@pytest.mark.parametrize(
    "error",
    [
        refused(400),
        refused(403),
        refused(404),
        ReadTimeoutError(**URL),
        ConnectTimeoutError(**URL),
        NoCredentialsError(),
    ],
    ids=str,
)
def test_what_took_its_time_or_will_not_change_is_not_asked_again(error: BotoCoreError | ClientError) -> None:
    client = Client(error, answered(b"{}"))
    with pytest.raises(type(error)):
        asked(client)
    assert len(client.asked) == 1


def test_nothing_is_begun_when_the_time_is_up() -> None:
    client = Client(refused(429))
    with pytest.raises(ClientError):
        asked(client, PAUSES_S[0] / 2)
    assert len(client.asked) == 1
    with pytest.raises(TimeoutError):
        asked(client, 0)
    assert len(client.asked) == 1


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        ({"errorType": "KeyError", "errorMessage": "'call_sid'", "stackTrace": []}, "KeyError: 'call_sid'"),
        ({"errorMessage": "Task timed out after 10.00 seconds"}, "?: Task timed out after 10.00 seconds"),
        ({"errorType": "E", "errorMessage": "got a bicycle"}, "E: got …"),
        ([], "?: "),
    ],
)
def test_the_functions_own_error_is_told(payload: object, told: str) -> None:
    client = Client(failed(payload))
    with pytest.raises(FunctionFailedError) as raised:
        asked(client)
    assert str(raised.value) == told
    assert len(client.asked) == 1


@pytest.mark.parametrize("quote", [str, repr, json.dumps])
def test_no_words_of_the_caller_are_in_an_error_however_it_quotes_them(quote: Callable[[object], str]) -> None:
    client = Client(failed({"errorType": "E", "errorMessage": f"{quote(REQUEST)} {REQUEST['reason']}"}))
    with pytest.raises(FunctionFailedError) as raised:
        asked(client)
    assert [word for word in ("urgent", "bicycle") if word in str(raised.value)] == []


def test_an_error_of_any_length_is_a_short_line() -> None:
    client = Client(failed({"errorType": "E", "errorMessage": "x" * 9000}))
    with pytest.raises(FunctionFailedError) as raised:
        asked(client)
    assert len(str(raised.value)) == ERROR_CHARACTERS


class DyingConnections(ThreadingHTTPServer):
    """Lambda's end, which cuts the first connection with a request in it."""

    requests = 0


class Handler(BaseHTTPRequestHandler):
    server: DyingConnections

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.requests += 1
        if self.server.requests == 1:
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *arguments: object) -> None: ...  # noqa: A002 - the library's name


def test_a_connection_that_dies_under_a_request_costs_no_transfer() -> None:
    with DyingConnections(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        client = boto3.session.Session().client(
            "lambda",
            endpoint_url=f"http://127.0.0.1:{server.server_port}",
            region_name="us-east-1",
            aws_access_key_id="none",
            aws_secret_access_key="none",
            config=CLIENT,
        )
        try:
            assert invoke(client, "transfer", REQUEST, time.monotonic() + 60) == b"{}"
        finally:
            client.close()
            server.shutdown()
            serving.join(WAIT_S)
    assert server.requests == 2
