"""What a test needs around a ModelSocket: services of the `websockets` library, and a listener."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable

from websockets.asyncio.server import ServerConnection

from socket_server.openai.socket import ModelSocket, open_model_socket


class Heard:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.told: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    def model_text(self, text: bytes) -> None:
        self.told.put_nowait(("text", text.decode()))

    def model_bad_message(self, reason: str) -> None:
        self.told.put_nowait(("bad message", reason))

    def model_lost(self, reason: str) -> None:
        self.told.put_nowait(("lost", reason))

    async def next(self) -> tuple[str, str]:
        return await asyncio.wait_for(self.told.get(), 10)


type Serve = Callable[[Callable[[ServerConnection], Awaitable[None]]], Awaitable[str]]


async def open_socket(url: str, heard: Heard, key: str = "the-key", *, ping_seconds: float = 20) -> ModelSocket:
    return await open_model_socket(url, key, heard, ssl.create_default_context(), ping_seconds=ping_seconds)
