"""The sandbox's CloudFront: which errors it keeps, for whom, how long; and that all else passes through it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sandbox.aws.distribution import CACHED_STATUSES, DEFAULT_S, Distribution, read_error_ttls
from sandbox.aws.edge import Edge
from tests.sandbox.aws.test_edge import exchange

TEMPLATE = (Path(__file__).parents[3] / "template.yaml").read_text()


class Origin:
    """Answers with the next of these statuses, or echoes what comes after a 101."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.asked: list[str] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            server.close_clients()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head.decode().partition(" HTTP")[0])
        status = self.statuses.pop(0)
        body = b"" if status == 101 else b"why"
        writer.write(b"HTTP/1.1 %d Said\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))
        while status == 101 and (data := await reader.read(100)):
            writer.write(data)
        writer.close()


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


async def ask(port: int, method: str = "GET", path: str = "/media-stream") -> tuple[int, bytes]:
    """Status and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: d1.cloudfront.net\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split(b" ")[1]), body


@pytest.mark.parametrize("status", sorted(CACHED_STATUSES))
async def test_by_default_an_error_is_answered_to_the_next_callers_too_for_ten_seconds(status: int) -> None:
    origin, clock = Origin(status, 200, 200), Clock()
    async with origin.running() as port, Distribution(port, clock=clock) as edge:
        first, second = await ask(edge.port), await ask(edge.port, path="/media-stream?again=1")
        clock.now_s = DEFAULT_S
        third = await ask(edge.port)

    assert (first, second, third) == ((status, b"why"), (status, b"why"), (200, b"why"))
    assert len(origin.asked) == 2


@pytest.mark.parametrize("status", [400, 403, 405, 500, 503])
async def test_with_the_template_s_settings_the_second_caller_is_served(status: int) -> None:
    origin = Origin(status, 200)
    async with origin.running() as port, Distribution(port, read_error_ttls(TEMPLATE), Clock()) as edge:
        assert [(await ask(edge.port))[0] for _ in range(2)] == [status, 200]


@pytest.mark.parametrize(
    ("status", "method", "path"),
    [
        (403, "GET", "/media-stream"),  # only with a max-age
        (503, "POST", "/media-stream"),  # another method is never kept
        (503, "GET", "/fallback"),  # nor answered under another path
    ],
)
async def test_what_is_no_error_of_this_path_reaches_the_origin(status: int, method: str, path: str) -> None:
    origin = Origin(status, 200)
    async with origin.running() as port, Distribution(port, clock=Clock()) as edge:
        assert [(await ask(edge.port, method, path))[0], (await ask(edge.port))[0]] == [status, 200]


async def test_a_stream_passes_both_ways_as_it_is() -> None:
    origin = Origin(101)
    async with origin.running() as port, Distribution(port) as edge:
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        writer.write(b"GET /media-stream HTTP/1.1\r\n\r\nhello")
        head, said = await reader.readuntil(b"\r\n\r\n"), await reader.readexactly(5)
        writer.write(b"again")
        again = await reader.readexactly(5)
        writer.close()

    assert (head.split(b" ")[1], said, again) == (b"101", b"hello", b"again")


async def test_without_an_origin_the_connection_is_closed() -> None:
    async with Distribution(9) as edge:
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await reader.read() == b""
        writer.close()


async def test_a_public_name_may_be_one_of_its_domains() -> None:
    origin = Origin(503, 200)
    async with (
        origin.running() as port,
        Distribution(port) as distribution,
        Edge({"a.warmline.test": f"http://127.0.0.1:{distribution.port}"}) as edge,
    ):
        for _ in range(2):
            assert b" 503 " in await asyncio.to_thread(exchange, edge, "a.warmline.test", "/", method="GET")
    assert len(origin.asked) == 1


def test_the_template_keeps_no_error_that_can_be_kept() -> None:
    ttls = read_error_ttls(TEMPLATE)

    assert set(ttls) >= CACHED_STATUSES | {400, 403, 405}
    assert set(ttls.values()) == {0.0}
