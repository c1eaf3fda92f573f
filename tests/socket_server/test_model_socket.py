"""The model's socket against a server of the `websockets` library."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Opcode

from socket_server.errors import ModelRefusedError
from socket_server.model_socket import ModelSocket, open_model_socket, realtime_url


class Heard:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    def model_text(self, text: bytes) -> None:
        self.told.put_nowait(("text", text.decode()))

    def model_garbage(self, reason: str) -> None:
        self.told.put_nowait(("garbage", reason))

    def model_lost(self, reason: str) -> None:
        self.told.put_nowait(("lost", reason))

    async def next(self) -> tuple[str, str]:
        return await asyncio.wait_for(self.told.get(), 10)


type Serve = Callable[[Callable[[ServerConnection], Awaitable[None]]], Awaitable[str]]


@pytest.fixture
async def served() -> AsyncIterator[Serve]:
    """Serves connections by a handler; gives the URL."""
    async with AsyncExitStack() as stack:

        async def start(handler: Callable[[ServerConnection], Awaitable[None]]) -> str:
            server = await stack.enter_async_context(serve(handler, "127.0.0.1", 0, compression=None))
            return f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/v1/realtime"

        yield start


async def open_socket(url: str, heard: Heard) -> ModelSocket:
    return await open_model_socket(url, "the-key", heard, ssl.create_default_context())


async def test_text_goes_both_ways_and_the_key_is_in_the_handshake(served: Serve) -> None:
    keys: list[str | None] = []

    async def echo(connection: ServerConnection) -> None:
        assert connection.request is not None
        keys.append(connection.request.headers.get("Authorization"))
        async for message in connection:
            await connection.send(message)

    heard = Heard()
    socket = await open_socket(await served(echo), heard)
    socket.send_text(b'{"type":"a"}')
    assert await heard.next() == ("text", '{"type":"a"}')
    assert keys == ["Bearer the-key"]
    socket.close()


async def test_a_message_in_fragments_is_one_text(served: Serve) -> None:
    async def speak(connection: ServerConnection) -> None:
        await connection.send(["one ", "two ", "three"])
        await connection.wait_closed()

    heard = Heard()
    socket = await open_socket(await served(speak), heard)
    assert await heard.next() == ("text", "one two three")
    socket.close()


@pytest.mark.parametrize("message", [b"\x00\x01", [b"\x00", b"\x01"]], ids=["whole", "in fragments"])
async def test_a_binary_message_is_garbage(served: Serve, message: bytes | list[bytes]) -> None:
    async def speak(connection: ServerConnection) -> None:
        await connection.send(message)
        await connection.send("text")
        await connection.wait_closed()

    heard = Heard()
    socket = await open_socket(await served(speak), heard)
    assert await heard.next() == ("garbage", "expected text, got a binary message of 2 bytes")
    assert await heard.next() == ("text", "text")
    socket.close()


async def test_a_close_by_the_service_is_told_once_with_its_code(served: Serve) -> None:
    async def leave(connection: ServerConnection) -> None:
        await connection.close(1001, "session_expired")

    heard = Heard()
    socket = await open_socket(await served(leave), heard)
    assert await heard.next() == ("lost", "closed with 1001 session_expired")
    socket.send_text(b"nothing happens")
    socket.close()
    assert heard.told.empty()


async def test_our_own_close_is_not_told(served: Serve) -> None:
    codes: asyncio.Queue[int | None] = asyncio.Queue()

    async def listen(connection: ServerConnection) -> None:
        await connection.wait_closed()
        codes.put_nowait(connection.close_code)

    heard = Heard()
    socket = await open_socket(await served(listen), heard)
    socket.close()
    assert await asyncio.wait_for(codes.get(), 10) == 1000
    assert heard.told.empty()


async def test_a_broken_frame_loses_the_socket(served: Serve) -> None:
    async def babble(connection: ServerConnection) -> None:
        connection.transport.write(bytes([0x80 | Opcode.TEXT, 0x80, 0, 0, 0, 0]))  # masked: servers must not
        await connection.wait_closed()

    heard = Heard()
    await open_socket(await served(babble), heard)
    told, reason = await heard.next()
    assert told == "lost"
    assert "masking" in reason


async def test_a_connection_that_is_cut_loses_the_socket(served: Serve) -> None:
    async def vanish(connection: ServerConnection) -> None:
        connection.transport.abort()

    heard = Heard()
    await open_socket(await served(vanish), heard)
    assert (await heard.next())[0] == "lost"


async def test_a_refused_handshake_names_the_status(served: Serve) -> None:
    async def nobody(_: ServerConnection) -> None: ...

    url = await served(nobody)
    server = await serve(
        nobody, "127.0.0.1", 0, process_request=lambda connection, _: connection.respond(401, "no\n"), compression=None
    )
    async with server:
        port = next(iter(server.sockets)).getsockname()[1]
        with pytest.raises(ModelRefusedError, match="HTTP 401"):
            await open_socket(url.replace(url.split(":")[2].split("/")[0], str(port)), Heard())


async def test_nobody_listening_is_refused_with_the_address() -> None:
    with pytest.raises(ModelRefusedError, match=r"cannot connect to 127\.0\.0\.1:1"):
        await open_socket("ws://127.0.0.1:1/v1/realtime", Heard())


async def test_an_answer_that_is_no_http_is_refused() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 smtp ready\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(babble, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ModelRefusedError, match="HTTP response"):
            await open_socket(f"ws://127.0.0.1:{port}/v1/realtime", Heard())


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("wss://api.openai.com/v1/realtime", "wss://api.openai.com/v1/realtime?model=gpt"),
        ("wss://host/realtime?deployment=x", "wss://host/realtime?deployment=x&model=gpt"),
        ("wss://host/realtime?model=other", "wss://host/realtime?model=other"),
    ],
)
def test_the_model_is_named_in_the_url_unless_it_is_already(base: str, expected: str) -> None:
    assert realtime_url(base, "gpt") == expected
