"""A request to Twilio as a whole has a limit."""

import socket
import threading
from collections.abc import Iterator

import pytest
from requests import Timeout

from tests.bounds import WAIT_S
from twilio_http import BoundedHttpClient


@pytest.fixture
def dripping() -> Iterator[str]:
    """A server that never ends its answer, and never pauses for long."""
    over = threading.Event()

    def drip(server: socket.socket) -> None:
        connection, _ = server.accept()
        connection.settimeout(WAIT_S)
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{")
            while not over.wait(0.05):
                connection.sendall(b" ")

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(WAIT_S)
        thread = threading.Thread(target=drip, args=(server,))
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        over.set()
        thread.join(WAIT_S)


def test_a_body_that_drips_is_not_waited_for(dripping: str) -> None:
    with pytest.raises(Timeout, match="no whole answer"):
        BoundedHttpClient(0.5).request("GET", dripping)


def test_without_time_nothing_is_sent() -> None:
    client = BoundedHttpClient(5, clock=lambda: 7.0)
    client.until = 7.0

    with pytest.raises(Timeout, match="no time"):
        client.request("GET", "http://127.0.0.1:1")
