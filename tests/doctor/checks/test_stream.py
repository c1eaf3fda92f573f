"""doctor.checks.stream: the real container behind the sandbox's balancer, and what can be wrong on the way to it."""

import secrets
import threading
from collections.abc import Iterator

import pytest
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from doctor.network import STEP_TIMEOUT_S
from sandbox.aws.load_balancer import Balancer
from sandbox.doctor_target.target import STREAM_HOST, DoctorTarget
from sandbox.loopback import listening
from tests.bounds import WAIT_S
from tests.doctor.runs import diagnose, read, write

UNSIGNED, SIGNED = 0, 1


def test_the_door_is_open_to_twilio_alone(target: DoctorTarget) -> None:
    before = len(target.model.sessions)

    assert diagnose(target, "stream").symbols == "✓✓"
    assert len(target.model.sessions) <= before + 1, "at most the line to the model was opened, and closed unused"


def test_a_token_that_was_stored_a_moment_ago_is_good_already(target: DoctorTarget) -> None:
    write(target, "twilio", read(target, "twilio") | {"TWILIO_AUTH_TOKEN": secrets.token_hex(16)})

    assert diagnose(target, "stream").symbols == "✓✓"


def test_without_a_container_nobody_answers(target: DoctorTarget) -> None:
    balancer: Balancer = target.installation.balancer
    balancer.targets.clear()

    message = {finding.message for finding in diagnose(target, "stream").findings}

    why = "no container takes streams: all are full, draining, or none is healthy"
    assert message == {f"StreamUrl answers a handshake with HTTP 503: {why}"}


def test_another_path_is_nobodys(target: DoctorTarget) -> None:
    target.stack.outputs["StreamUrl"] = f"wss://{STREAM_HOST}/media"

    assert diagnose(target, "stream").symbols == "✓✗"


@pytest.mark.parametrize("url", ["media", "https://example.com/media-stream", "ws://example.com/", "wss://"])
def test_another_kind_of_url_is_a_line(target: DoctorTarget, url: str) -> None:
    target.stack.outputs["StreamUrl"] = url

    message = {finding.message for finding in diagnose(target, "stream").findings}

    assert message == {f"StreamUrl is {url!r}, but expected was wss://HOST/media-stream"}


def test_a_name_that_does_not_resolve_is_a_line(target: DoctorTarget) -> None:
    target.edge.closed.add(STREAM_HOST)

    assert {finding.message for finding in diagnose(target, "stream").findings} == {
        f"the name {STREAM_HOST} does not resolve"
    }


def test_an_expired_certificate_is_a_line(target: DoctorTarget) -> None:
    target.edge.certify(STREAM_HOST, days=-1)

    assert {"certificate has expired" in finding.message for finding in diagnose(target, "stream").findings} == {True}


@pytest.fixture
def open_door() -> Iterator[str]:
    """Whoever comes is let in."""

    def welcome(connection: ServerConnection) -> None:
        for _ in connection:
            pass

    with serve(welcome, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join(WAIT_S)


@pytest.fixture
def shut_door() -> Iterator[str]:
    """Whoever comes gets 403."""

    def refuse(connection: ServerConnection, _: Request) -> Response:
        return connection.respond(403, "")

    with serve(lambda _: None, "127.0.0.1", 0, process_request=refuse) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()
        thread.join(WAIT_S)


def test_a_container_that_does_not_know_the_token_refuses_twilio(target: DoctorTarget, shut_door: str) -> None:
    target.edge.places[STREAM_HOST] = shut_door

    finding = diagnose(target, "stream").findings[SIGNED]

    assert finding.message == "StreamUrl refuses a stream that is signed with the secret's auth token (403)"
    assert "wait a minute" in finding.remedy


def test_a_door_that_is_open_to_everybody_is_wrong(target: DoctorTarget, open_door: str) -> None:
    target.edge.places[STREAM_HOST] = open_door

    diagnosis = diagnose(target, "stream")

    assert (diagnosis.symbols, "anybody could talk at your expense" in diagnosis.only("✗").message) == ("✗✓", True)


def test_a_stream_that_is_closed_as_soon_as_it_is_accepted_was_accepted(target: DoctorTarget) -> None:
    with serve(lambda _: None, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        target.edge.places[STREAM_HOST] = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        signs = diagnose(target, "stream").symbols
        server.shutdown()
        thread.join(WAIT_S)

    assert signs == "✗✓"


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 101 Switching Protocols\r\n\r\n"])
def test_a_server_of_another_kind_is_a_line(target: DoctorTarget, answer: bytes) -> None:
    with listening() as server:
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
            f"StreamUrl: {STREAM_HOST} does not speak WebSocket"
        }
        thread.join(WAIT_S)
