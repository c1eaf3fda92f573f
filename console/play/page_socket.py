"""The WebSocket between the page with the telephones and the server: `/api/telephones`.

Who may open it is checked before, for all pages alike. What the page sends wrongly is answered with a sentence, and
the call goes on; a page that sends nothing but nonsense, and reads nothing, is closed.
"""

import asyncio
from collections import deque

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from console.play.page_messages import LARGEST_BYTES, PageError, decode_audio, decode_command, encode_error
from console.play.telephone import CommandError
from console.play.telephones import Telephones

PATH = "/api/telephones"
TAKEN = 4001
"""The close code for a page whose telephones another page has now."""
_POLICY = 1008
_MOST_FRAMES = 200  # some seconds of two telephones: a page that is slower hears gaps
_MOST_MESSAGES = 50


def make_route(telephones: Telephones) -> WebSocketRoute:
    """Where pages get the telephones."""

    async def serve(socket: WebSocket) -> None:
        await socket.accept()
        connection = _Connection(telephones, socket)
        telephones.give_to(connection)
        try:
            await connection.run()
        finally:
            telephones.take_from(connection)

    return WebSocketRoute(PATH, serve)


class _Connection:
    """A page, as `Telephones` knows it."""

    def __init__(self, telephones: Telephones, socket: WebSocket) -> None:
        self._telephones = telephones
        self._socket = socket
        self._changed = True
        self._messages: deque[str] = deque()
        self._frames: deque[bytes] = deque(maxlen=_MOST_FRAMES)
        self._close: tuple[int, str] | None = None
        self._something = asyncio.Event()

    def show(self) -> None:
        """See `Page`."""
        self._changed = True
        self._something.set()

    def tell(self, text: str) -> None:
        """See `Page`."""
        self._messages.append(text)
        if len(self._messages) > _MOST_MESSAGES:
            self._close = _POLICY, "the page does not read what it is told"
        self._something.set()

    def play(self, audio: bytes) -> None:
        """See `Page`."""
        self._frames.append(audio)
        self._something.set()

    def take_away(self) -> None:
        """See `Page`."""
        self._close = TAKEN, "another page has the telephones now"
        self._something.set()

    async def run(self) -> None:
        """Until the page is gone, or the telephones were taken away."""
        reading, writing = asyncio.ensure_future(self._read()), asyncio.ensure_future(self._write())
        try:
            await asyncio.wait((reading, writing), return_when=asyncio.FIRST_COMPLETED)
            for each in (reading, writing):
                if each.done():
                    each.result()
        except WebSocketDisconnect:
            pass
        finally:
            reading.cancel()
            writing.cancel()

    async def _read(self) -> None:
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                self._take(message.get("text"), message.get("bytes"))
            except (PageError, CommandError) as error:
                self.tell(encode_error(str(error)))

    def _take(self, text: str | None, audio: bytes | None) -> None:
        if self._close is not None:  # it has the telephones no more
            return
        if text is not None:
            if len(text) > LARGEST_BYTES:
                raise PageError(f"The page sent {len(text)} characters; expected {LARGEST_BYTES} at most.")
            self._telephones.obey(decode_command(text))
        elif audio is not None:
            self._telephones.hear_page(*decode_audio(audio))

    async def _write(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            if self._close is not None:
                await self._socket.close(*self._close)
                return
            if self._changed:
                self._changed = False
                await self._socket.send_text(self._telephones.describe())
            while self._messages:
                await self._socket.send_text(self._messages.popleft())
            while self._frames:
                await self._socket.send_bytes(self._frames.popleft())
