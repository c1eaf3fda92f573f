"""What stands behind FallbackUrl: TwiML that is always the same, in a place that fails with nothing else of Warmline's.

The words are those of template.yaml, where it rings nobody. Any path is answered, whatever is posted.
"""

import asyncio
import contextlib
from types import TracebackType
from typing import Self

from sandbox.loopback import make_listener

WORDS = (
    "We are sorry, something is not working here at the moment.",
    "If nobody has helped you, please call again later. Goodbye.",
)
_DOCUMENT = f"<Response>{''.join(f'<Say>{words}</Say>' for words in WORDS)}</Response>".encode()
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_DOCUMENT), _DOCUMENT)
)


class FallbackPage:
    """It has its port from the beginning, and answers while it is entered."""

    def __init__(self) -> None:
        self._socket = make_listener()
        self.origin = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server: asyncio.Server

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(_answer, sock=self._socket)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self._server.close_clients()
        await self._server.wait_closed()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        head = await reader.readuntil(b"\r\n\r\n")
        length = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        await reader.readexactly(int(length[0].partition(b":")[2]) if length else 0)
        writer.write(_ANSWER)
        await writer.drain()
    writer.close()
