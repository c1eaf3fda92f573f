"""A client of the sandbox's model, for tests: every event that it receives must be one of OpenAI's."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from openai.types.realtime import RealtimeServerEvent
from pydantic import Field, TypeAdapter
from websockets.asyncio.client import ClientConnection, connect

from sandbox.openai.server import ModelServer

type Message = dict[str, Any]

SERVER_EVENT: TypeAdapter[Any] = TypeAdapter(Annotated[RealtimeServerEvent, Field(discriminator="type")])
PHONE: Message = {
    "type": "realtime",
    "audio": {"input": {"format": {"type": "audio/pcmu"}}, "output": {"format": {"type": "audio/pcmu"}}},
}


class Client:
    """One socket to the model."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, kind: str, **fields: object) -> None:
        """Send an event."""
        await self.socket.send(json.dumps({"type": kind, **fields}))

    async def next(self) -> Message:
        """Return the next event, which must fit OpenAI's own types."""
        async with asyncio.timeout(10):
            frame = await self.socket.recv(decode=False)
        SERVER_EVENT.validate_json(frame)
        message: Message = json.loads(frame)
        return message

    async def read_until(self, kind: str) -> list[Message]:
        """Return the events up to the first of this type."""
        messages = [await self.next()]
        while messages[-1]["type"] != kind:
            messages.append(await self.next())
        return messages

    async def expect_refusal(self, kind: str, **fields: object) -> Message:
        """Send an event and return the error that must answer it."""
        await self.send(kind, **fields)
        message = await self.next()
        assert message["type"] == "error", message
        error: Message = message["error"]
        return error

    async def update(self, **changes: object) -> Message:
        """Configure the session for a telephone and return what the service echoes."""
        await self.send("session.update", session={**PHONE, **changes})
        message = await self.next()
        assert message["type"] == "session.updated", message
        session: Message = message["session"]
        return session


@asynccontextmanager
async def open_client(model: ModelServer, name: str = "gpt-realtime-2.1") -> AsyncIterator[Client]:
    """Open a session; `session.created` was received when it is yours."""
    headers = {"Authorization": "Bearer test-key"}
    async with connect(f"{model.url}?model={name}", additional_headers=headers, max_size=None) as socket:
        client = Client(socket)
        assert (await client.next())["type"] == "session.created"
        yield client


def list_kinds(messages: list[Message]) -> list[str]:
    """Return the types of the messages."""
    return [message["type"] for message in messages]
