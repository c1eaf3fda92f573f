"""The phone's socket under a client of the `websockets` library."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from socket_server.aws import log_context
from socket_server.twilio.socket import EXTENSION, MESSAGE_BYTES, PINGS, PINGS_ONCE_ANSWERED, UNSENT_BYTES, PhoneSocket


class Heard:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    def phone_text(self, text: bytes) -> None:
        self.told.put_nowait(("text", text.decode()))

    def phone_bad_message(self, reason: str) -> None:
        self.told.put_nowait(("bad message", reason))

    def phone_lost(self) -> None:
        self.told.put_nowait(("lost", ""))

    async def next(self) -> tuple[str, str]:
        return await asyncio.wait_for(self.told.get(), 10)


class App:
    """Accepts one socket and stays until `leave` is set, or the socket is gone."""

    def __init__(self, *, listens: bool = True) -> None:
        self.heard = Heard()
        self.leave = asyncio.Event()
        self.phone: asyncio.Future[PhoneSocket] = asyncio.get_running_loop().create_future()
        self.came: asyncio.Queue[str] = asyncio.Queue()  # by ASGI's own way
        self._listens = listens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        phone: PhoneSocket = scope["extensions"][EXTENSION]
        if self._listens:
            phone.listen(self.heard)
        await receive()
        await send({"type": "websocket.accept"})
        self.phone.set_result(phone)
        self.came.put_nowait((await receive())["type"])
        await self.leave.wait()


@asynccontextmanager
async def dialled(app: App, ping_seconds: float = 20) -> AsyncIterator[ClientConnection]:
    config = Config(app, lifespan="off", ws_max_size=MESSAGE_BYTES, log_config=None, ws_ping_interval=ping_seconds)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(lambda: PhoneSocket(config, state, {}), "127.0.0.1", 0)
    url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server, connect(url, compression=None, proxy=None) as client:
        yield client
        app.leave.set()


async def test_text_goes_both_ways_past_asgi() -> None:
    app = App()
    async with dialled(app) as client:
        await client.send("hello")
        assert await app.heard.next() == ("text", "hello")
        (await app.phone).send_text(b"who is there?")
        assert await client.recv() == "who is there?"
        assert app.came.empty()


async def test_a_message_is_told_in_the_context_in_which_its_listener_was_given() -> None:
    class Asks(Heard):
        def phone_text(self, text: bytes) -> None:
            self.told.put_nowait((text.decode(), log_context.get_sid()))

    class Call(App):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            log_context.begin()
            log_context.name("CA1")
            self.heard = Asks()
            await super().__call__(scope, receive, send)

    app = Call()
    async with dialled(app) as client:
        await client.send("whose is it?")
        assert await app.heard.next() == ("whose is it?", "CA1")


async def test_a_message_in_fragments_is_one_text() -> None:
    app = App()
    async with dialled(app) as client:
        await client.send(["one ", "two ", "three"])
        assert await app.heard.next() == ("text", "one two three")


@pytest.mark.parametrize("message", [b"\x00\x01", [b"\x00", b"\x01"]], ids=["whole", "in fragments"])
async def test_a_binary_message_is_bad_messages(message: bytes | list[bytes]) -> None:
    app = App()
    async with dialled(app) as client:
        await client.send(message)
        assert await app.heard.next() == ("bad message", "expected text, got a binary message of 2 bytes")
        await client.send("text")
        assert await app.heard.next() == ("text", "text")


async def test_the_end_comes_by_asgi() -> None:
    app = App()
    async with dialled(app) as client:
        await client.close()
        assert await asyncio.wait_for(app.came.get(), 10) == "websocket.disconnect"


@pytest.mark.parametrize("ours", [False, True], ids=["the phone's", "ours"])
@pytest.mark.parametrize("cut_at", [0, 100], ids=["one read", "two reads"])
async def test_text_behind_a_close_frame_is_not_told(cut_at: int, ours: bool) -> None:
    app = App()
    async with dialled(app) as client:
        await client.send("x" * 200)
        assert await app.heard.next() == ("text", "x" * 200)
        phone = await app.phone
        if ours:
            phone.conn.send_close(1000)
        else:
            phone.data_received(Frame(Opcode.CLOSE, b"").serialize(mask=True))
        frame = Frame(Opcode.TEXT, b"x" * 200).serialize(mask=True)
        for read in filter(None, (frame[:cut_at], frame[cut_at:])):
            phone.data_received(read)
        assert app.heard.told.empty()


async def test_without_a_listener_messages_come_by_asgi() -> None:
    app = App(listens=False)
    async with dialled(app) as client:
        await client.send("hello")
        assert await asyncio.wait_for(app.came.get(), 10) == "websocket.receive"


async def test_a_socket_that_is_closed_takes_nothing_and_says_nothing() -> None:
    app = App()
    async with dialled(app) as client:
        phone = await app.phone
        await client.close()
        phone.send_text(b"nothing happens")
        phone.abort()


async def test_a_message_that_is_too_large_closes_with_1009() -> None:
    app = App()
    async with dialled(app) as client:
        await client.send("x" * (MESSAGE_BYTES + 1))
        with pytest.raises(ConnectionClosed) as closed:
            await client.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
        assert app.heard.told.empty()


async def test_a_phone_that_takes_nothing_is_cut_when_too_much_waits() -> None:
    app = App()
    async with dialled(app) as client:
        client.transport.pause_reading()
        phone = await app.phone
        for _ in range(UNSENT_BYTES // 2**20 * 4):
            phone.send_text(b"x" * 2**20)
        assert await asyncio.wait_for(app.came.get(), 10) == "websocket.disconnect"
        client.transport.resume_reading()


async def test_a_phone_that_is_aborted_is_gone_whatever_waits() -> None:
    app = App()
    async with dialled(app) as client:
        (await app.phone).abort()
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert await asyncio.wait_for(app.came.get(), 10) == "websocket.disconnect"


async def test_a_phone_that_never_answered_a_ping_is_given_up_late(caplog: pytest.LogCaptureFixture) -> None:
    app = App()
    async with dialled(app, ping_seconds=0.01) as client:
        client.transport.pause_reading()
        assert await app.heard.next() == ("lost", "")
        assert caplog.messages == [f"phone lost: nothing came for {PINGS * 0.01:g} s, nor an answer to a ping"]
        client.transport.resume_reading()


async def test_a_phone_that_answers_pings_no_more_is_given_up_sooner(caplog: pytest.LogCaptureFixture) -> None:
    app = App()
    async with dialled(app, ping_seconds=0.05) as client:
        client.transport.pause_reading()
        await client.pong()
        assert await app.heard.next() == ("lost", "")
        seconds = PINGS_ONCE_ANSWERED * 0.05
        assert caplog.messages == [f"phone lost: nothing came for {seconds:g} s, nor an answer to a ping"]
        client.transport.resume_reading()


async def test_a_phone_that_sends_anything_is_kept() -> None:
    app = App()
    async with dialled(app, ping_seconds=0.02) as client:
        client.transport.pause_reading()
        for _ in range(PINGS):
            await client.send("media")
            assert await app.heard.next() == ("text", "media")
            await asyncio.sleep(0.04)
        assert app.heard.told.empty()
        client.transport.resume_reading()
