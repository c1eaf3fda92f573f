"""The relay changes nothing between a client and the model's server, and notes what passes."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from console.local.model_wire import ModelWire, ModelWireError
from console.local.wire_notes import WireSession
from sandbox.aws.edge import Edge

KEY = "sk-0123456789abcdef"
WAIT_S = 30.0


class Model:
    """A server that keeps what it was asked and sends back what it gets."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.refusal: Response | None = None
        self.close = (1000, "")
        self.url = ""
        self.seen: list[str | bytes] = []

    def answer(self, _: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        return self.refusal

    async def play(self, connection: ServerConnection) -> None:
        async for message in connection:
            self.seen.append(message)
            if message == "close":
                await connection.close(*self.close)
            elif message == "break":
                connection.transport.abort()
            else:
                await connection.send(message)


@pytest.fixture
async def model() -> AsyncIterator[Model]:
    model = Model()
    async with serve(
        model.play,
        "127.0.0.1",
        0,
        process_request=model.answer,
        subprotocols=[Subprotocol("realtime")],
        compression="deflate",
    ) as server:
        model.url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/v1/realtime"
        yield model


@pytest.fixture
async def wire(model: Model) -> AsyncIterator[ModelWire]:
    async with ModelWire(f"{model.url}?intent=voice").run() as wire:
        yield wire


def dial(wire: ModelWire) -> connect:
    return connect(
        f"{wire.url}&model=gpt-realtime-2.1",
        additional_headers={"Authorization": f"Bearer {KEY}"},
        subprotocols=[Subprotocol("realtime")],
        proxy=None,
    )


async def until_closed(wire: ModelWire) -> WireSession:
    """The first session, when it is over."""
    changed = asyncio.Event()
    wire.changed = changed.set
    async with asyncio.timeout(WAIT_S):
        while not wire.sessions or wire.sessions[0].closed_at_ms is None:
            await changed.wait()
            changed.clear()
    return wire.sessions[0]


async def test_messages_pass_unchanged_in_order_both_ways(wire: ModelWire, model: Model) -> None:
    sent: list[str | bytes] = ['{"type": "a"}', "not JSON", b"\x00\x01", "ä" * 70_000, ""]
    async with dial(wire) as client:
        for each in sent:
            await client.send(each)
        came = [await client.recv() for _ in sent]

    assert came == model.seen == sent
    session = await until_closed(wire)
    assert [note.type for note in session.notes if note.to_model] == ["a", "", "", "", ""]
    assert len(session.notes) == 2 * len(sent)


@pytest.mark.parametrize("length", [1, 200, 70_000])
async def test_what_is_added_goes_to_the_model_after_the_clients_next_message(
    wire: ModelWire, model: Model, length: int
) -> None:
    added = f'{{"type": "{"a" * length}"}}'
    async with dial(wire) as client:
        wire.add(wire.sessions[0], added)
        await client.send("one")
        came = [await client.recv(), await client.recv()]
        await client.send("two")
        came.append(await client.recv())

    assert came == model.seen == ["one", added, "two"]
    session = await until_closed(wire)
    assert [note.type for note in session.notes if note.to_model] == ["", "a" * length, ""]
    wire.add(session, added)  # to nobody


async def test_the_handshake_reaches_the_model_with_its_key_its_query_and_its_subprotocol(
    wire: ModelWire, model: Model
) -> None:
    async with dial(wire) as client:
        assert client.subprotocol == "realtime"

    [request] = model.requests
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.path == "/v1/realtime?intent=voice&model=gpt-realtime-2.1"
    assert request.headers["Host"] == model.url.split("/")[2]
    session = await until_closed(wire)
    assert session.model == "gpt-realtime-2.1"
    assert KEY not in repr(session)


@pytest.mark.parametrize("close", [(1000, ""), (1011, "keepalive"), (4000, "invalid_request_error.model_not_found")])
async def test_the_models_close_reaches_the_client(wire: ModelWire, model: Model, close: tuple[int, str]) -> None:
    model.close = close
    async with dial(wire) as client:
        await client.send("close")
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()

    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == close
    session = await until_closed(wire)
    assert session.close == f"the model closed it: {close[0]} {close[1]}".rstrip()


async def test_the_clients_close_reaches_the_model(wire: ModelWire) -> None:
    async with dial(wire) as client:
        await client.close(1001, "going away")

    assert (await until_closed(wire)).close == "Warmline closed it: 1001 going away"


async def test_a_connection_that_breaks_breaks_for_the_client(wire: ModelWire) -> None:
    async with dial(wire) as client:
        await client.send("break")
        with pytest.raises(ConnectionClosedError) as closed:
            await client.recv()

    assert closed.value.rcvd is None
    assert (await until_closed(wire)).close == "the connection broke"


async def test_a_refused_handshake_is_passed_on_with_its_text(wire: ModelWire, model: Model) -> None:
    body = f"Incorrect API key provided: {KEY}".encode()
    headers = Headers({"Content-Length": str(len(body)), "Retry-After": "7", "Connection": "close"})
    model.refusal = Response(429, "Too Many Requests", headers, body)
    with pytest.raises(InvalidStatus) as refused:
        async with dial(wire):
            pass

    response = refused.value.response
    assert (response.status_code, response.body, response.headers["Retry-After"]) == (429, body, "7")
    session = await until_closed(wire)
    assert session.refusal == "HTTP/1.1 429 Too Many Requests\nIncorrect API key provided: …"


async def test_a_model_that_cannot_be_reached_is_a_bad_gateway() -> None:
    async with ModelWire("ws://127.0.0.1:1/v1/realtime").run() as wire:
        with pytest.raises(InvalidStatus) as refused:
            async with dial(wire):
                pass

        assert refused.value.response.status_code == 502
        assert (await until_closed(wire)).refusal is not None


async def test_a_dropped_session_breaks_for_the_client_alone(wire: ModelWire) -> None:
    async with dial(wire) as client, dial(wire) as other:
        wire.drop(wire.sessions[0])
        with pytest.raises(ConnectionClosedError):
            await client.recv()
        await other.send("still here")
        assert await other.recv() == "still here"

    assert (await until_closed(wire)).close == "the connection was cut off on purpose"
    wire.drop(wire.sessions[0])


async def test_all_sessions_can_be_dropped_at_once(wire: ModelWire) -> None:
    async with dial(wire) as client, dial(wire) as other:
        wire.drop_all()
        for each in (client, other):
            with pytest.raises(ConnectionClosedError):
                await each.recv()


async def test_what_is_no_handshake_reaches_nobody(wire: ModelWire, model: Model) -> None:
    port = int(wire.url.split(":")[2].split("/")[0])
    for request in (b"", b"x" * 100_000, b"\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        with contextlib.suppress(ConnectionError):
            writer.write_eof()
            assert await reader.read() == b""
        writer.close()

    assert model.requests == []


async def test_the_end_of_the_relay_ends_what_is_connected(model: Model) -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with ModelWire(f"{model.url}?intent=voice").run() as wire:
            client: ClientConnection = await stack.enter_async_context(dial(wire))
        with pytest.raises(ConnectionClosed):
            await client.recv()


@pytest.mark.parametrize("url", ["", "https://api.openai.com/v1/realtime", "wss://", Subprotocol("realtime")])
def test_what_is_no_websocket_url_is_refused(url: str) -> None:
    with pytest.raises(ModelWireError, match="expected the model's URL to begin with ws:// or wss://"):
        ModelWire(url)


async def test_a_model_behind_tls_is_reached(model: Model) -> None:
    async with Edge({"localhost": model.url}) as edge:
        with contextlib.closing(edge.connect("localhost", 443)) as found:
            port = found.getpeername()[1]
        target = f"wss://localhost:{port}/v1/realtime?intent=voice"
        async with ModelWire(target, tls=edge.make_client_context()).run() as wire, dial(wire) as client:
            await client.send("hello")
            assert await client.recv() == "hello"

    assert model.requests[0].headers["Host"] == f"localhost:{port}"


async def test_a_model_whose_certificate_nobody_trusts_is_not_reached(model: Model) -> None:
    trusts_nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    async with ModelWire(model.url.replace("ws:", "wss:"), tls=trusts_nobody).run() as wire:
        with pytest.raises(InvalidStatus) as refused:
            async with dial(wire):
                pass

    assert refused.value.response.status_code == 502
