import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from console.tunnel.reverse_proxy import ReverseProxy
from sandbox.twilio.loopback_server import serve

ANSWERS = {"/probe": "here"}


def make_app(name: str) -> Starlette:
    async def answer(request: Request) -> Response:
        body = (await request.body()).decode()
        return PlainTextResponse(f"{name} {request.method} {request.url.path} {request.headers['host']} {body}")

    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        async for text in socket.iter_text():
            await socket.send_text(f"{name} {socket.headers['x-twilio-signature']} {text}")

    return Starlette(routes=[WebSocketRoute("/{path:path}", echo), Route("/{path:path}", answer, methods=["POST"])])


@pytest.fixture
async def proxy() -> AsyncIterator[ReverseProxy]:
    async with contextlib.AsyncExitStack() as stack:
        ports = [
            int((await stack.enter_async_context(serve(make_app(name)))).rpartition(":")[2])
            for name in ("webhooks", "streams")
        ]
        origins = {"/voice": ports[0], "/media-stream": ports[1], "/fallback": 9}  # nobody listens on port 9
        yield await stack.enter_async_context(ReverseProxy(origins, ANSWERS))


@pytest.fixture
async def client(proxy: ReverseProxy) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{proxy.port}", trust_env=False) as client:
        yield client


async def test_a_request_goes_to_the_server_behind_its_path_as_it_came(client: httpx.AsyncClient) -> None:
    answer = await client.post("/voice/incoming?a=1", content=b"CallSid=CA1", headers={"Host": "tunnel.test"})

    assert answer.text == "webhooks POST /voice/incoming tunnel.test CallSid=CA1"


async def test_requests_of_one_client_go_each_to_its_own_server(client: httpx.AsyncClient) -> None:
    texts = [(await client.post(path)).text.split()[0] for path in ("/voice/a", "/media-stream", "/voice/b")]

    assert texts == ["webhooks", "streams", "webhooks"]


async def test_a_websocket_passes_both_ways_with_the_headers_of_its_handshake(proxy: ReverseProxy) -> None:
    url = f"ws://127.0.0.1:{proxy.port}/media-stream"

    async with connect(url, additional_headers={"X-Twilio-Signature": "signed"}, proxy=None) as socket:
        await socket.send("hello")
        assert await socket.recv() == "streams signed hello"


async def test_an_open_stream_is_counted_until_it_is_closed(proxy: ReverseProxy) -> None:
    url = f"ws://127.0.0.1:{proxy.port}/media-stream"

    async with connect(url, additional_headers={"X-Twilio-Signature": "signed"}, proxy=None):
        assert proxy.count_open("/media-stream") == 1
    await proxy.wait_until_closed("/media-stream")

    assert proxy.count_open("/media-stream") == 0


@pytest.mark.parametrize(
    "path", ["/", "/2015-03-31/functions/transfer/invocations", "/voicemail", "//voice/incoming", "/probe/more"]
)
async def test_nothing_else_of_this_machine_can_be_reached(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.post(path)).status_code == 404


async def test_the_probe_is_answered_here(client: httpx.AsyncClient) -> None:
    answer = await client.get("/probe?x")

    assert (answer.status_code, answer.text) == (200, "here")


async def test_a_server_that_does_not_listen_is_a_bad_gateway(client: httpx.AsyncClient) -> None:
    assert (await client.post("/fallback")).status_code == 502


@pytest.mark.parametrize(
    "head", [b"\r\n\r\n", b"\x16\x03\x01\x00\r\n\r\n", b"GET\r\n\r\n", b"GET /voice\xff HTTP/1.1 x\r\n\r\n"]
)
async def test_garbage_gets_404(proxy: ReverseProxy, head: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(head)

    assert (await reader.read()).startswith(b"HTTP/1.1 404")
    writer.close()


async def test_a_head_without_an_end_closes_the_connection(proxy: ReverseProxy) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(b"GET /voice HTTP/1.1\r\n" + b"a" * 200_000)

    with contextlib.suppress(ConnectionError):
        assert await reader.read() == b""
    writer.close()


async def test_a_port_that_is_in_use_is_refused(proxy: ReverseProxy) -> None:
    with pytest.raises(OSError, match="Address already in use"):
        ReverseProxy({}, {}, proxy.port)
