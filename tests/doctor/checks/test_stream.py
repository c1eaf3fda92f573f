"""doctor.checks.stream: the real container behind the sandbox's load balancer, and what can be wrong in between."""

import secrets
import threading
from collections.abc import Iterator

import pytest
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from doctor.network import STEP_TIMEOUT_S
from sandbox.aws.load_balancer import LoadBalancer
from sandbox.doctor_target.target import STREAM_HOST, DoctorTarget
from sandbox.loopback import make_listener
from tests.bounds import WAIT_S
from tests.doctor.runs import diagnose, read, write

UNSIGNED, SIGNED = 0, 1


def test_only_twilio_may_open_a_stream(target: DoctorTarget) -> None:
    before = len(target.model.sessions)

    assert diagnose(target, "stream").symbols == "✓✓"
    assert len(target.model.sessions) <= before + 1, "at most one model session was opened, and closed unused"


def test_a_token_is_accepted_as_soon_as_it_is_stored(target: DoctorTarget) -> None:
    write(target, "twilio", read(target, "twilio") | {"TWILIO_AUTH_TOKEN": secrets.token_hex(16)})

    assert diagnose(target, "stream").symbols == "✓✓"


def test_without_a_container_a_stream_is_a_failure(target: DoctorTarget) -> None:
    balancer: LoadBalancer = target.installation.balancer
    balancer.targets.clear()

    message = {finding.message for finding in diagnose(target, "stream").findings}

    why = "no container takes streams: all are full, draining, or none is healthy"
    assert message == {f"StreamUrl answers a handshake with HTTP 503: {why}"}


def test_a_signed_stream_to_another_path_is_a_failure(target: DoctorTarget) -> None:
    target.stack.outputs["StreamUrl"] = f"wss://{STREAM_HOST}/media"

    assert diagnose(target, "stream").symbols == "✓✗"


@pytest.mark.parametrize("url", ["media", "https://example.com/media-stream", "ws://example.com/", "wss://"])
def test_an_invalid_stream_url_is_reported(target: DoctorTarget, url: str) -> None:
    target.stack.outputs["StreamUrl"] = url

    message = {finding.message for finding in diagnose(target, "stream").findings}

    assert message == {f"StreamUrl is {url!r}, but expected was wss://HOST/media-stream"}


def test_a_name_that_does_not_resolve_is_reported(target: DoctorTarget) -> None:
    target.edge.closed.add(STREAM_HOST)

    assert {finding.message for finding in diagnose(target, "stream").findings} == {
        f"the name {STREAM_HOST} does not resolve"
    }


def test_an_expired_certificate_is_reported(target: DoctorTarget) -> None:
    target.edge.issue_certificate(STREAM_HOST, days=-1)

    assert {"certificate has expired" in finding.message for finding in diagnose(target, "stream").findings} == {True}


@pytest.fixture
def accepting_server() -> Iterator[str]:
    """A server that accepts every handshake."""

    def accept(connection: ServerConnection) -> None:
        for _ in connection:
            pass

    with serve(accept, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join(WAIT_S)


@pytest.fixture
def refusing_server() -> Iterator[str]:
    """A server that refuses every handshake with 403."""

    def refuse(connection: ServerConnection, _: Request) -> Response:
        return connection.respond(403, "")

    with serve(lambda _: None, "127.0.0.1", 0, process_request=refuse) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join(WAIT_S)


def test_a_container_with_another_token_refuses_twilio(target: DoctorTarget, refusing_server: str) -> None:
    target.edge.places[STREAM_HOST] = refusing_server

    finding = diagnose(target, "stream").findings[SIGNED]

    assert finding.message == "StreamUrl refuses a stream that is signed with the secret's auth token (403)"
    assert "wait a minute" in finding.remedy


def test_a_container_that_accepts_unsigned_streams_is_a_failure(target: DoctorTarget, accepting_server: str) -> None:
    target.edge.places[STREAM_HOST] = accepting_server

    diagnosis = diagnose(target, "stream")

    assert (diagnosis.symbols, "anybody could talk at your expense" in diagnosis.find_only("✗").message) == ("✗✓", True)


def test_a_stream_that_is_closed_at_once_counts_as_accepted(target: DoctorTarget) -> None:
    with serve(lambda _: None, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        target.edge.places[STREAM_HOST] = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        signs = diagnose(target, "stream").symbols
        server.shutdown()
        thread.join(WAIT_S)

    assert signs == "✗✓"


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 101 Switching Protocols\r\n\r\n"])
def test_a_server_that_does_not_speak_websocket_is_reported(target: DoctorTarget, answer: bytes) -> None:
    with make_listener() as server:
        server.settimeout(STEP_TIMEOUT_S)
        target.edge.places[STREAM_HOST] = f"http://127.0.0.1:{server.getsockname()[1]}"

        def twice() -> None:
            for _ in range(2):
                connection, _ = server.accept()
                connection.settimeout(STEP_TIMEOUT_S)
                connection.recv(4096)
                connection.sendall(answer)
                connection.close()

        thread = threading.Thread(target=twice)
        thread.start()
        assert {finding.message.partition(" (")[0] for finding in diagnose(target, "stream").findings} == {
            f"{STREAM_HOST} does not speak WebSocket"
        }
        thread.join(WAIT_S)
