"""OpenAI Realtime as the contract's tests see it: a client of its own, without any code of the container.

https://developers.openai.com/api/docs/guides/realtime-websocket. In the sandbox the model says one short sentence when
it is asked for a response, counts until it is cut when it is asked to count, and calls the tool that it must call.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from sandbox.openai.response import Response
from sandbox.openai.scripted import Scripted
from sandbox.openai.server import ModelServer
from sandbox.openai.session import Session as SandboxSession
from sandbox.speech.mulaw import tone
from tests.contract.live import RESPONSE_TOKENS, OpenAIAccess

# A decoded event of the wire.
type Message = dict[str, Any]

MODEL = "gpt-realtime-2.1-mini"  # the cheapest that the sandbox and the agent know
PHONE: Message = {
    "type": "realtime",
    "instructions": "Do exactly what each response asks for, and nothing else.",
    "max_output_tokens": RESPONSE_TOKENS,  # also of a response that nobody meant to get
    "audio": {
        # Nobody's turn is detected, so no response begins unasked.
        "input": {"format": {"type": "audio/pcmu"}, "turn_detection": None},
        "output": {"format": {"type": "audio/pcmu"}},
    },
}
SHORT = "Say exactly: Hello."
LONG = "Count slowly and aloud from one to fifty."
# From asking for something to its answer; the live model begins to speak within about a second.
_ANSWER_S = 30.0
_SANDBOX_KEY = "sk-contract"


class Realtime:
    """The service, and what it may still be asked for."""

    def __init__(self, access: OpenAIAccess) -> None:
        self.api_key = access.api_key
        self.responses_left = 0
        self._url = access.url

    @asynccontextmanager
    async def open_session(self) -> AsyncIterator["Session"]:
        """A session whose first event has come; it is in `created`."""
        async with self._connect(self.api_key, MODEL) as socket:
            session = Session(socket, self)
            (session.created,) = await session.receive_until("session.created")
            yield session

    async def try_session(self, api_key: str | None, model: str = MODEL) -> int | str:
        """What a client gets instead of a session: a status of HTTP, or the code of an error before the close."""
        try:
            async with self._connect(api_key, model) as socket, asyncio.timeout(_ANSWER_S):
                first: Message = json.loads(await socket.recv())
                assert first["type"] == "error", first
                try:
                    while True:
                        await socket.recv()
                except ConnectionClosed:
                    return str(first["error"]["code"])
        except InvalidStatus as refused:
            return refused.response.status_code

    def _connect(self, api_key: str | None, model: str) -> connect:
        headers = {} if api_key is None else {"Authorization": f"Bearer {api_key}"}
        url = f"{self._url}?model={model}"
        return connect(url, additional_headers=headers, max_size=None, open_timeout=_ANSWER_S, close_timeout=5)


class Session:
    """One socket. Every event that is sent has an id, so that an error says what it answers."""

    def __init__(self, socket: ClientConnection, realtime: Realtime) -> None:
        self.created: Message = {}
        self._socket = socket
        self._realtime = realtime
        self._numbers = itertools.count(1)

    async def send(self, kind: str, **fields: object) -> str:
        """Send an event and return its id."""
        event_id = f"event_contract_{next(self._numbers)}"
        await self._socket.send(json.dumps({"type": kind, "event_id": event_id, **fields}))
        return event_id

    async def receive_until(self, kind: str) -> list[Message]:
        """The events up to the first of this type. An error that was not waited for fails the test."""
        events: list[Message] = []
        async with asyncio.timeout(_ANSWER_S):
            while not events or events[-1]["type"] != kind:
                event: Message = json.loads(await self._socket.recv())
                assert event["type"] != "error" or kind == "error", event
                events.append(event)
        return events

    async def ask(self, kind: str, answer: str, **fields: object) -> Message:
        """Send an event and return the event of type `answer` that comes of it."""
        await self.send(kind, **fields)
        return (await self.receive_until(answer))[-1]

    async def expect_error(self, kind: str, **fields: object) -> Message:
        """Send an event and return the error that answers it, and names it."""
        event_id = await self.send(kind, **fields)
        error: Message = (await self.receive_until("error"))[-1]["error"]
        assert error["event_id"] == event_id
        return error

    async def configure(self, **changes: object) -> Message:
        """Configure the session for a telephone, with these changes, and return what the service echoes."""
        session: Message = (await self.ask("session.update", "session.updated", session={**PHONE, **changes}))[
            "session"
        ]
        return session

    async def request_response(self, instructions: str = SHORT, **options: object) -> str:
        """Ask for a response, bounded in length, and return the event's id."""
        assert self._realtime.responses_left > 0, "the test's marker `costs` names fewer responses"
        self._realtime.responses_left -= 1
        response = {"instructions": instructions, "max_output_tokens": RESPONSE_TOKENS, **options}
        return await self.send("response.create", response=response)

    async def receive_response(self, instructions: str = SHORT, **options: object) -> list[Message]:
        """The events of a whole response."""
        await self.request_response(instructions, **options)
        return await self.receive_until("response.done")


@asynccontextmanager
async def sandbox_realtime() -> AsyncIterator[Realtime]:
    """See above for what it says."""
    async with ModelServer(Scripted(_answer), api_key=_SANDBOX_KEY) as model:
        yield Realtime(OpenAIAccess(_SANDBOX_KEY, model.url))


async def _answer(session: SandboxSession) -> None:
    """Play the model, until the socket closes."""
    while True:
        response = await session.unanswered.get()
        tool = _find_named_tool(response)
        if tool is not None:
            await response.call_tool(tool, '{"name": "front_desk"}')
        elif response.options.get("instructions") == LONG:
            await response.speak(tone(400, 300), "One, two,", complete=False)
            continue  # it goes on until it is cut
        else:
            await response.speak(tone(400, 300), "Hello.")
        await response.finish()


def _find_named_tool(response: Response) -> str | None:
    choice = response.options.get("tool_choice")
    return str(choice["name"]) if isinstance(choice, Mapping) else None
