"""The model's socket against a server of the `websockets` library: opening it, and what goes both ways."""

import asyncio

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.utils import accept_key

from socket_server.core.errors import ModelRefusedError
from tests.socket_server.services import Heard, Serve, open_socket


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


async def test_what_was_on_its_way_as_we_closed_is_not_told() -> None:
    frames = [Frame(Opcode.TEXT, text).serialize(mask=False) for text in (b"x" * 300, b"another", b"x" * 300, b"gone")]
    heard = Heard()
    server = await serve(lambda connection: connection.wait_closed(), "127.0.0.1", 0, compression=None)
    async with server:
        socket = await open_socket(f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/", heard)
        for frame in frames[:2]:
            socket.data_received(frame)
        assert [await heard.next(), await heard.next()] == [("text", "x" * 300), ("text", "another")]
        socket.close()
        for frame in frames[2:]:
            socket.data_received(frame)
    assert heard.told.empty()


async def test_a_message_in_fragments_is_one_text(served: Serve) -> None:
    async def speak(connection: ServerConnection) -> None:
        await connection.send(["one ", "two ", "three"])
        await connection.wait_closed()

    heard = Heard()
    socket = await open_socket(await served(speak), heard)
    assert await heard.next() == ("text", "one two three")
    socket.close()


@pytest.mark.parametrize("message", [b"\x00\x01", [b"\x00", b"\x01"]], ids=["whole", "in fragments"])
async def test_a_binary_message_is_bad_messages(served: Serve, message: bytes | list[bytes]) -> None:
    async def speak(connection: ServerConnection) -> None:
        await connection.send(message)
        await connection.send("text")
        await connection.wait_closed()

    heard = Heard()
    socket = await open_socket(await served(speak), heard)
    assert await heard.next() == ("bad message", "expected text, got a binary message of 2 bytes")
    assert await heard.next() == ("text", "text")
    socket.close()


@pytest.mark.parametrize(
    "text", [b"gr\xfcn", b"x" * 200 + b"\xff", [b"gr\xc3", b"n"]], ids=["short", "long", "in fragments"]
)
async def test_text_that_is_not_utf_8_ends_the_connection(served: Serve, text: bytes | list[bytes]) -> None:
    codes: asyncio.Queue[int | None] = asyncio.Queue()

    async def speak(connection: ServerConnection) -> None:
        await connection.send([b"gr\xc3", b"\xbcn"], text=True)
        await connection.send(text, text=True)
        await connection.wait_closed()
        codes.put_nowait(connection.close_code)

    heard = Heard()
    socket = await open_socket(await served(speak), heard)
    assert await heard.next() == ("text", "grün")
    assert await heard.next() == ("lost", "broke the WebSocket protocol: sent text that is not UTF-8")
    assert socket.over
    assert await asyncio.wait_for(codes.get(), 10) == 1007


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


async def test_a_refusal_has_the_time_that_the_service_names() -> None:
    async def nobody(_: ServerConnection) -> None: ...

    def refuse(connection: ServerConnection, _: object) -> Response:
        response = connection.respond(429, "no\n")
        response.headers["Retry-After"] = "20"
        return response

    server = await serve(nobody, "127.0.0.1", 0, process_request=refuse, compression=None)
    async with server:
        with pytest.raises(ModelRefusedError) as refused:
            await open_socket(f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/", Heard())
    assert (str(refused.value), refused.value.retry_after) == ("HTTP 429", "20")


async def test_nobody_listening_is_refused_with_the_address() -> None:
    with pytest.raises(ModelRefusedError, match=r"cannot connect to 127\.0\.0\.1:1"):
        await open_socket("ws://127.0.0.1:1/v1/realtime", Heard())


async def test_a_socket_that_was_closed_in_the_read_that_opened_it_is_over() -> None:
    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        key = next(line.split(": ")[1] for line in head.splitlines() if line.startswith("Sec-WebSocket-Key"))
        answer = (
            f"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept_key(key)}"
        )
        writer.write(answer.encode() + b"\r\n\r\n\x81\x02hi\x88\x02\x03\xe8")
        await reader.read()
        writer.close()

    heard = Heard()
    async with await asyncio.start_server(leave, "127.0.0.1", 0) as server:
        socket = await open_socket(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", heard)
    assert socket.over
    assert [await heard.next(), await heard.next()] == [("text", "hi"), ("lost", "closed with 1000 ")]


async def test_a_key_that_no_header_can_hold_is_refused_without_being_shown(served: Serve) -> None:
    async def nobody(_: ServerConnection) -> None: ...

    with pytest.raises(ModelRefusedError) as refused:
        await open_socket(await served(nobody), Heard(), "sk-\u201csecret\u201d")
    assert str(refused.value) == "cannot ask for the handshake: InvalidHeaderValue"


async def test_whoever_gives_up_is_told_nothing_later() -> None:
    asked, errors = asyncio.Event(), []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))

    async def dawdle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await reader.read()
        writer.write(b"HTTP/1.1 401 No\r\n\r\n")
        writer.close()

    heard = Heard()
    async with await asyncio.start_server(dawdle, "127.0.0.1", 0) as server:
        opening = asyncio.create_task(open_socket(f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/", heard))
        await asked.wait()
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
    assert (heard.told.empty(), errors) == (True, [])


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
