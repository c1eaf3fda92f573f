"""Which container a connection comes to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sandbox.aws.load_balancer import LoadBalancer


@asynccontextmanager
async def run_container(word: bytes) -> AsyncIterator[int]:
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


async def ask(balancer: LoadBalancer, *pieces: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", balancer.port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        answer = await reader.read(1000)
    writer.close()
    return answer


async def test_bytes_pass_both_ways_to_the_containers_in_turn() -> None:
    async with run_container(b"a ") as a, run_container(b"b ") as b, LoadBalancer() as balancer:
        balancer.targets = [a, b]
        assert [await ask(balancer, b"hello") for _ in range(3)] == [b"a hello", b"b hello", b"a hello"]


async def test_a_target_that_is_added_has_the_next_turn() -> None:
    async with run_container(b"a ") as a, run_container(b"b ") as b, LoadBalancer() as balancer:
        balancer.targets = [a]
        assert await ask(balancer, b"hello") == b"a hello"
        balancer.targets = [a, b]
        assert [await ask(balancer, b"hello") for _ in range(2)] == [b"b hello", b"a hello"]


async def test_a_container_that_does_not_listen_is_passed_over() -> None:
    async with run_container(b"a ") as a, LoadBalancer() as balancer:
        async with run_container(b"b ") as b:
            balancer.targets = [b, a]
        assert [await ask(balancer, b"hello") for _ in range(2)] == [b"a hello", b"a hello"]


async def test_a_container_that_is_no_target_any_more_keeps_its_connections_until_they_are_cut() -> None:
    async with run_container(b"a ") as a, run_container(b"b ") as b, LoadBalancer() as balancer:
        balancer.targets = [a]
        reader, writer = await asyncio.open_connection("127.0.0.1", balancer.port)
        writer.write(b"one")
        assert await reader.read(100) == b"a one"

        balancer.targets = [b]
        writer.write(b"two")
        assert await reader.read(100) == b"a two"
        assert await ask(balancer, b"hello") == b"b hello"

        balancer.drop_connections(b)
        writer.write(b"three")
        assert await reader.read(100) == b"a three"
        balancer.drop_connections(a)
        with suppress(ConnectionResetError):  # gone either way: the system may tell of an end or of a reset
            assert await reader.read(100) == b""
        writer.close()


async def test_without_containers_the_answer_is_503() -> None:
    async with LoadBalancer() as balancer:
        assert (await ask(balancer, b"GET / HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 503 ")


async def test_a_connection_that_the_container_closes_is_closed() -> None:
    async with run_container(b"") as port, LoadBalancer() as balancer:
        balancer.targets.append(port)
        assert await ask(balancer, b"hello", b"end") == b""
