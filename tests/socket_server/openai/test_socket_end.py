"""How the model's socket ends: by the service, by us, by a line that is dead."""

import asyncio
from contextlib import suppress
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode, Opcode

from tests.socket_server.services import Heard, Serve, open_socket


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


async def test_a_close_by_the_service_is_answered(served: Serve) -> None:
    codes: asyncio.Queue[int | None] = asyncio.Queue()

    async def leave(connection: ServerConnection) -> None:
        await connection.close(1001)
        assert connection.protocol.close_sent is not None
        codes.put_nowait(connection.protocol.close_rcvd.code if connection.protocol.close_rcvd else None)

    await open_socket(await served(leave), Heard())
    assert await asyncio.wait_for(codes.get(), 10) == 1001


class Counting(ServerConnection):
    """A connection that counts what it reads after the handshake: here, pings."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.reads = asyncio.Semaphore(0)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self.reads.release()


async def test_a_line_whose_pings_are_answered_is_kept() -> None:
    answered = asyncio.Event()

    async def listen(connection: ServerConnection) -> None:
        assert isinstance(connection, Counting)
        for _ in range(4):
            await connection.reads.acquire()
        answered.set()
        await connection.wait_closed()

    async with serve(listen, "127.0.0.1", 0, compression=None, create_connection=Counting) as server:
        heard = Heard()
        port = next(iter(server.sockets)).getsockname()[1]
        socket = await open_socket(f"ws://127.0.0.1:{port}/", heard, ping_seconds=0.25)
        await asyncio.wait_for(answered.wait(), 10)
        assert (socket.over, heard.told.empty()) == (False, True)
        socket.close()


class Deaf:
    """A service that reads nothing from when the handshake is done."""

    def __init__(self) -> None:
        self.over = asyncio.Event()

    async def serve(self, connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await self.over.wait()
        connection.transport.abort()


async def test_a_dead_line_is_lost_at_the_second_ping(served: Serve) -> None:
    heard, service = Heard(), Deaf()
    socket = await open_socket(await served(service.serve), heard, ping_seconds=0.05)
    assert await heard.next() == ("lost", "nothing came for 0.05 s, nor an answer to a ping")
    assert socket.over
    service.over.set()


async def test_a_service_that_speaks_is_kept_without_an_answer_to_any_ping(served: Serve) -> None:
    async def speak(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        for _ in range(20):
            await connection.send("audio")
            await asyncio.sleep(0.05)
        await connection.send("the last")
        await over.wait()
        connection.transport.abort()

    heard, over = Heard(), asyncio.Event()
    await open_socket(await served(speak), heard, ping_seconds=0.25)
    assert [await heard.next() for _ in range(21)] == [("text", "audio")] * 20 + [("text", "the last")]
    assert await heard.next() == ("lost", "nothing came for 0.25 s, nor an answer to a ping")
    over.set()


async def test_what_a_service_does_not_take_is_thrown_away_at_the_close(served: Serve) -> None:
    aborted = asyncio.Event()

    async def read_on_late(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await aborted.wait()
        connection.transport.resume_reading()
        with suppress(ConnectionClosed):
            while True:
                await connection.recv()
        ended.set_result(connection.close_code)

    heard, ended = Heard(), asyncio.get_running_loop().create_future()
    socket = await open_socket(await served(read_on_late), heard)
    for _ in range(200):
        socket.send_text(b"x" * 100_000)  # more than any buffer of the network holds
    assert socket.stalled
    socket.close()
    aborted.set()
    assert await asyncio.wait_for(ended, 10) == CloseCode.ABNORMAL_CLOSURE  # no close frame came after all of it
    assert heard.told.empty()


async def test_a_service_that_closes_its_side_and_reads_nothing_is_lost_at_once(served: Serve) -> None:
    stalled, over = asyncio.Event(), asyncio.Event()

    async def turn_away(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await stalled.wait()
        connection.transport.write_eof()
        await over.wait()
        connection.transport.abort()

    heard = Heard()
    socket = await open_socket(await served(turn_away), heard)
    for _ in range(200):
        socket.send_text(b"x" * 100_000)
    assert socket.stalled
    stalled.set()
    assert await heard.next() == ("lost", "connection lost: closed without a word")
    assert socket.over
    over.set()


async def test_a_service_that_takes_again_what_it_is_sent_is_not_stalled(served: Serve) -> None:
    wakes, read = asyncio.Event(), asyncio.Event()

    async def read_on_late(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        await wakes.wait()
        connection.transport.resume_reading()
        while await connection.recv() != "the last":
            pass
        read.set()

    socket = await open_socket(await served(read_on_late), Heard())
    while not socket.stalled:
        socket.send_text(b"x" * 100_000)
    socket.send_text(b"the last")
    wakes.set()
    await asyncio.wait_for(read.wait(), 10)
    stalled_still: bool = socket.stalled
    assert not stalled_still
    socket.close()


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
