"""Which container a connection comes to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sandbox.cloud.balancer import Balancer


@asynccontextmanager
async def container(word: bytes) -> AsyncIterator[int]:
    """Answers every piece with its word before it, until it reads "end"; its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (data := await reader.read(100)) not in (b"", b"end"):
            writer.write(word + data)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        server.close_clients()
        await server.wait_closed()


async def ask(balancer: Balancer, *pieces: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", balancer.port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        answer = await reader.read(1000)
    writer.close()
    return answer


async def test_bytes_pass_both_ways_to_the_newest_container() -> None:
    async with container(b"old ") as old, container(b"new ") as new, Balancer() as balancer:
        balancer.targets += [old, new]
        assert await ask(balancer, b"hello") == b"new hello"


async def test_a_container_that_does_not_listen_is_passed_over() -> None:
    async with container(b"old ") as old, Balancer() as balancer:
        async with container(b"new ") as new:
            balancer.targets += [old, new]
        assert await ask(balancer, b"hello") == b"old hello"


async def test_without_containers_the_answer_is_503() -> None:
    async with Balancer() as balancer:
        assert (await ask(balancer, b"GET / HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 503 ")


async def test_a_connection_that_the_container_closes_is_closed() -> None:
    async with container(b"") as port, Balancer() as balancer:
        balancer.targets.append(port)
        assert await ask(balancer, b"hello", b"end") == b""
