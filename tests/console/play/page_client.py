"""Plays the page with the telephones: a WebSocket client whose clock is what it hears, 20 ms for each frame."""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from console.play.page_socket import PATH
from sandbox.speech import mulaw

Shown = dict[str, Any]


def drop_silence(audio: bytes | bytearray) -> bytes:
    """Without the frames of silence, which a slow page brings in between."""
    return b"".join(frame for frame in mulaw.frames(bytes(audio)) if frame != mulaw.SILENT_FRAME)


class PageClient:
    """`telephones` is what the page shows now, by id; `heard` what each telephone's user has heard."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.state: Shown = {}
        self.telephones: dict[int, Shown] = {}
        self.errors: list[str] = []
        self.heard: dict[int, bytearray] = defaultdict(bytearray)
        self.says: dict[int, deque[bytes]] = defaultdict(deque)
        """The next frames that are sent, one for each that is heard."""
        self.close_code: int | None = None
        self._changed = asyncio.Event()

    async def read(self) -> None:
        """Until the socket is closed."""
        try:
            while True:
                await self._take(await self.socket.recv())
                self._changed.set()
        except ConnectionClosed:
            self.close_code = self.socket.close_code
            self._changed.set()

    async def command(self, telephone: int, command: str, **rest: object) -> None:
        await self.socket.send(json.dumps({"telephone": telephone, "command": command, **rest}))

    async def wait_until(self, true: Callable[[], bool]) -> None:
        """Until something that came from the server makes it true."""
        while not true():
            self._changed.clear()
            await self._changed.wait()

    async def wait_for_state(self, telephone: int, state: str) -> Shown:
        await self.wait_until(lambda: telephone in self.telephones and self.telephones[telephone]["state"] == state)
        return self.telephones[telephone]

    async def wait_for_error(self) -> str:
        """The next one."""
        await self.wait_until(lambda: bool(self.errors))
        return self.errors.pop(0)

    def say(self, telephone: int, audio: bytes) -> None:
        """From the next frame that is heard on."""
        self.says[telephone].extend(mulaw.frames(audio))

    async def _take(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self.heard[message[0]] += message[1:]
            if says := self.says[message[0]]:
                await self.socket.send(message[:1] + says.popleft())
            return
        shown = json.loads(message)
        if shown["event"] == "error":
            self.errors.append(shown["text"])
        else:
            self.state = shown
            self.telephones = {each["id"]: each for each in shown["telephones"]}


@asynccontextmanager
async def open_page(origin: str, headers: Mapping[str, str] | None = None) -> AsyncIterator[PageClient]:
    """A page that was loaded; it goes away at the end. `headers` are those of the socket's handshake."""
    async with connect(origin.replace("http:", "ws:") + PATH, additional_headers=headers) as socket:
        client = PageClient(socket)
        reading = asyncio.ensure_future(client.read())
        try:
            await client.wait_until(lambda: bool(client.telephones) or client.close_code is not None)
            yield client
        finally:
            await socket.close()
            await reading
