"""The sandbox's public names: TLS that a client can check, and the servers behind them."""

import asyncio
import ssl
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.aws.edge import Edge
from sandbox.twilio.loopback_server import serve

A, B = "a.warmline.test", "b.warmline.test"


async def echo(request: Request) -> Response:
    return PlainTextResponse(f"{request.method} {request.headers['host']} {(await request.body()).decode()}")


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    app = Starlette(routes=[Route("/echo", echo, methods=["POST"])])
    async with serve(app) as origin, Edge({A: origin, B: origin}, {"/constant": "<Response/>"}) as edge:
        yield edge


def exchange(
    edge: Edge, host: str, path: str, trust: ssl.SSLContext | None = None, body: bytes = b"", method: str = "POST"
) -> bytes:
    """What a client receives until the connection is closed."""
    with (trust or edge.make_client_context()).wrap_socket(edge.connect(host, 443), server_hostname=host) as client:
        head = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        client.sendall(head.encode() + body)
        received = b""
        while data := client.recv(4096):
            received += data
        return received


async def test_bytes_pass_as_they_are(edge: Edge) -> None:
    answer = await asyncio.to_thread(exchange, edge, A, "/echo", None, b"hello")

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(f"POST {A} hello".encode())


async def test_a_constant_answer_reaches_no_server(edge: Edge) -> None:
    edge.places[A] = "http://127.0.0.1:9"

    answer = await asyncio.to_thread(exchange, edge, A, "/constant")

    assert answer.endswith(b"\r\n\r\n<Response/>")


async def test_nobody_else_trusts_the_certificates(edge: Edge) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        await asyncio.to_thread(exchange, edge, A, "/echo", ssl.create_default_context())


@pytest.mark.parametrize(("days", "name", "said"), [(-1, None, "certificate has expired"), (1, B, "Hostname mismatch")])
async def test_a_certificate_can_be_a_bad_one(edge: Edge, days: int, name: str | None, said: str) -> None:
    edge.issue_certificate(A, days, name)

    with pytest.raises(ssl.SSLCertVerificationError, match=said):
        await asyncio.to_thread(exchange, edge, A, "/echo")
    assert b"200 OK" in await asyncio.to_thread(exchange, edge, B, "/echo")


async def test_other_names_do_not_resolve(edge: Edge) -> None:
    edge.closed.add(B)

    for host, port in ((B, 443), ("api.twilio.com", 443), (A, 80)):
        with pytest.raises(OSError, match="not known"):
            edge.connect(host, port)


async def test_a_server_that_is_away_closes_the_connection(edge: Edge) -> None:
    edge.places[A] = "http://127.0.0.1:9"

    assert await asyncio.to_thread(exchange, edge, A, "/echo") == b""
