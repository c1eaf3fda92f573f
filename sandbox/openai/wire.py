"""The sending end of a model's socket: gives events their ids and, on request, the older interface's names.

Servers that speak the Realtime protocol without being OpenAI's often still use the beta's event names, and
a client that is meant to work with them must understand both.
"""

import contextlib
import itertools
import json

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from sandbox.openai.schemas import Message

BETA_NAMES = {
    "response.output_audio.delta": "response.audio.delta",
    "response.output_audio.done": "response.audio.done",
    "response.output_audio_transcript.delta": "response.audio_transcript.delta",
    "response.output_audio_transcript.done": "response.audio_transcript.done",
    "response.output_text.delta": "response.text.delta",
    "response.output_text.done": "response.text.done",
    "conversation.item.added": "conversation.item.created",
}
_NOT_IN_BETA = {"conversation.item.done"}


class Wire:
    """One model socket, outgoing. Sending into a closed one is no error: nobody is left to be told."""

    def __init__(self, connection: ServerConnection, number: int, *, beta_names: bool = False) -> None:
        self.connection = connection
        self._texts: list[str] = []
        self._beta_names = beta_names
        self._number = number
        self._counter = itertools.count(1)

    @property
    def sent(self) -> list[Message]:
        """Every event that was sent, except the deltas of audio."""
        return [json.loads(text) for text in self._texts]

    def make_id(self, prefix: str) -> str:
        """Return an id that no other object of any session of this server has."""
        return f"{prefix}_{self._number:03}{next(self._counter):06}"

    async def send(self, message: Message) -> None:
        """Send one server event; `event_id` is added."""
        kind = message["type"]
        if self._beta_names:
            if kind in _NOT_IN_BETA:
                return
            message = {**message, "type": BETA_NAMES.get(kind, kind)}
        message = {"event_id": self.make_id("event"), **message}
        text = json.dumps(message)
        if not kind.endswith("audio.delta"):
            self._texts.append(text)
        await self.send_frame(text)

    async def send_frame(self, frame: str | bytes) -> None:
        """Send one frame as it is, valid or not."""
        with contextlib.suppress(ConnectionClosed):
            await self.connection.send(frame)
