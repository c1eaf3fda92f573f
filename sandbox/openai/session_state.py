"""What a session of the model knows, and the steps that change it, each with the events that tell the client of it.

The session itself (`session.py`) adds the socket and the turns. How a client event is answered is in
`client_event_actions.py`.
"""

import asyncio
import time

from sandbox.openai.audio_formats import InputAudio
from sandbox.openai.configuration import Configuration
from sandbox.openai.conversation import Conversation, Item
from sandbox.openai.faults import Faults
from sandbox.openai.output_items import Pace
from sandbox.openai.received_events import ClientRecord
from sandbox.openai.response import Response
from sandbox.openai.schemas import Message
from sandbox.openai.wire import Wire
from sandbox.speech import mulaw


class SessionState(ClientRecord):
    """The configuration, the conversation, the input buffer and the open response of one session."""

    def __init__(self, wire: Wire, model: str, *, faults: Faults, pace: Pace) -> None:
        super().__init__()
        self.wire = wire
        self.faults = faults
        self.pace = pace
        self.configuration = Configuration(wire.make_id("sess"), model, int(time.time()) + 3600)
        self.conversation = Conversation(wire.make_id("conv"))
        self.unanswered: asyncio.Queue[Response] = asyncio.Queue()  # begun, and nobody has spoken in it yet
        self.committed_bytes = 0
        self.input_audio = InputAudio()
        self._active: Response | None = None

    @property
    def active_response(self) -> Response | None:
        """The response that is open, if one is."""
        return self._active

    def measure_input_ms(self) -> int:
        """Length of all the audio that was appended: the clock of the input's events."""
        return mulaw.duration_ms(self.audio)

    async def begin_response(self, options: Message) -> Response:
        """Begin a response with the `response` of response.create; none may be open."""
        parts = self.wire, self.conversation, self.configuration
        response = Response(*parts, options, self.pace, self.faults.speaks)
        response.on_finished = self._forget_response
        self._active = response
        await response.begin()
        self.unanswered.put_nowait(response)
        return response

    def _forget_response(self) -> None:
        self._active = None

    async def add_heard(self, item_id: str) -> None:
        """Make what was appended since the last commit the caller's message."""
        self.committed_bytes = len(self.audio)
        before = self.conversation.items[-1].item_id if self.conversation.items else None
        where = {"previous_item_id": before, "item_id": item_id}
        await self.wire.send({"type": "input_audio_buffer.committed", **where})
        document: Message = {
            "id": item_id,
            "object": "realtime.item",
            "type": "message",
            "status": "completed",
            "role": "user",
            "content": [{"type": "input_audio", "transcript": None}],
        }
        await self.add_item(Item(document))

    async def add_item(self, item: Item, previous_item_id: str | None = None) -> None:
        """Put a finished item into the conversation."""
        before = self.conversation.add(item, previous_item_id)
        for what in ("added", "done"):
            kind = f"conversation.item.{what}"
            await self.wire.send({"type": kind, "previous_item_id": before, "item": item.document})
