"""doctor.network: every request ends in a response or in an error with a message."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from doctor.errors import DoctorError
from doctor.network import MAX_BODY_BYTES, Network
from sandbox.aws.edge import Edge
from sandbox.loopback import make_listener
from tests.bounds import WAIT_S

HOST = "server.warmline.test"


@pytest.fixture
def edge() -> Iterator[Edge]:
    """A public name before whatever a test puts behind it."""
    started, over = threading.Event(), threading.Event()
    edges: list[Edge] = []

    async def serve() -> None:
        async with Edge({HOST: "http://127.0.0.1:9"}) as edge:
            edges.append(edge)
            started.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(WAIT_S)
    yield edges[0]
    over.set()
    thread.join(WAIT_S)


def make_network(edge: Edge, answer: bytes) -> Network:
    """A network in which the name leads to a server that answers so, once."""
    server = make_listener()
    server.settimeout(WAIT_S)
    edge.places[HOST] = f"http://127.0.0.1:{server.getsockname()[1]}"

    def serve() -> None:
        with server:
            connection, _ = server.accept()
        connection.settimeout(WAIT_S)
        with connection:
            while b"\r\n\r\n" not in connection.recv(65_536):
                pass
            connection.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return Network(edge.connect, edge.make_client_context())


def test_a_response_is_returned_completely(edge: Edge) -> None:
    network = make_network(edge, b"HTTP/1.1 418 Teapot\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nab\xff")

    answer = network.request("GET", f"https://{HOST}/")

    assert (answer.status, answer.content_type, answer.text) == (418, "text/plain", "ab\ufffd")


def test_a_redirect_is_not_followed(edge: Edge) -> None:
    network = make_network(
        edge, b"HTTP/1.1 302 Found\r\nLocation: https://elsewhere.test/\r\nContent-Length: 0\r\n\r\n"
    )

    assert network.request("GET", f"https://{HOST}/").status == 302


def test_a_long_response_is_cut(edge: Edge) -> None:
    network = make_network(edge, b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * (MAX_BODY_BYTES + 1000))

    assert len(network.request("GET", f"https://{HOST}/").body) == MAX_BODY_BYTES


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_an_answer_that_is_not_http_is_an_error(edge: Edge, answer: bytes) -> None:
    network = make_network(edge, answer)

    with pytest.raises(DoctorError, match=f"{HOST} answered with something other than HTTP"):
        network.request("GET", f"https://{HOST}/")


def test_a_server_that_does_not_speak_tls_is_an_error() -> None:
    server = make_listener()
    server.settimeout(WAIT_S)

    def serve() -> None:
        connection, _ = server.accept()
        connection.settimeout(WAIT_S)
        connection.sendall(b"220 mail ready\r\n")
        connection.recv(4096)
        connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    port = server.getsockname()[1]
    with pytest.raises(DoctorError, match="localhost does not speak TLS"):
        Network().open_tls("localhost", port)
    thread.join(WAIT_S)
    server.close()


def test_a_refused_connection_is_an_error() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # and does not listen

        with pytest.raises(DoctorError, match="localhost could not be reached: Connection refused"):
            Network().open_tls("localhost", held.getsockname()[1])


@pytest.mark.parametrize("url", ["http://warmline.test/", "https:///voice", "voice", "ftp://warmline.test"])
def test_only_https_urls_are_requested(url: str) -> None:
    with pytest.raises(DoctorError, match="expected an https URL"):
        Network().request("GET", url)
