"""The sandbox's CloudFront: bytes pass as they are, but an error may be kept, and answered again in the origin's place.

What it keeps, and for how long, is by the pages `HTTPStatusCodes` and `custom-error-pages-expiration` of
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide: answers to GET (a WebSocket's handshake is one) and
HEAD, under the path alone, because our cache policy has nothing else in its key. In 2026 the first page says that the
managed policy CachingDisabled, which is ours, keeps no errors; in older versions it did not say so, and nobody has
tried it. This is the worse one.

Simpler than CloudFront: one edge, no request that waits for another's answer, no limits of time, no errors of its own
(an origin that is away closes the connection). `Cache-Control` is not looked at: our containers say `no-store`, and
only with statuses for which CloudFront does not heed that.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from sandbox.aws.load_balancer import copy_bytes
from sandbox.loopback import make_listener

# 400, 403, 405, 412 and 415 only with a header that no origin here sends; 416 never.
CACHED_STATUSES = frozenset({404, 414, 500, 501, 502, 503, 504})
DEFAULT_S = 10.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def read_error_ttls(template: str) -> dict[int, float]:
    """The seconds of each status in a template's `CustomErrorResponses`."""
    found = re.findall(r"\{ErrorCode: (\d+), ErrorCachingMinTTL: (\d+)\}", template)
    return {int(status): float(seconds) for status, seconds in found}


@dataclass(frozen=True, slots=True)
class _CachedError:
    answer: bytes
    until: float


class Distribution:
    """It has its port from the beginning, and carries connections to the port `origin` while it is entered.

    `ttls` are the seconds that errors of a status are kept; the others of `CACHED_STATUSES` have CloudFront's default.
    """

    def __init__(
        self, origin: int, ttls: Mapping[int, float] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._origin = origin
        self._ttls = dict.fromkeys(CACHED_STATUSES, DEFAULT_S) | dict(ttls or {})
        self._clock = clock
        self._cached: dict[bytes, _CachedError] = {}
        self._socket = make_listener()
        self.port: int = self._socket.getsockname()[1]
        self._server: asyncio.Server

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._handle_connection, sock=self._socket)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self._server.close_clients()
        await self._server.wait_closed()

    async def _relay(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, of which the line `first` has been read."""
        method, path, *_ = first.split(b" ")
        cacheable = method in (b"GET", b"HEAD")
        key = path.partition(b"?")[0]
        cached = self._cached.get(key)
        if cacheable and cached and self._clock() < cached.until:
            await reader.readuntil(b"\r\n\r\n")  # what is left unread would tear the answer up on its way
            writer.write(cached.answer)
            await writer.drain()
            return
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._origin)
        behind_writer.write(first)
        asking = asyncio.create_task(copy_bytes(reader, behind_writer))
        answering = asyncio.create_task(self._answer(key if cacheable else None, behind_reader, writer))
        await asyncio.wait([asking, answering], return_when=asyncio.FIRST_COMPLETED)
        behind_writer.close()
        asking.cancel()
        answering.cancel()

    async def _answer(self, key: bytes | None, behind: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass the origin's answer on; keep it under the key if it is an error that is kept."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            if key is not None:
                answer = await behind.readuntil(b"\r\n\r\n")
                seconds = self._ttls.get(int(answer.split(b" ")[1]), 0.0)
                if seconds:
                    length = _LENGTH.search(answer)
                    answer += await behind.readexactly(int(length[1]) if length else 0)
                    self._cached[key] = _CachedError(answer, self._clock() + seconds)
                writer.write(answer)
            await copy_bytes(behind, writer)

    async def _handle_connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            if first := await reader.readline():
                await self._relay(first, reader, writer)
        writer.close()
