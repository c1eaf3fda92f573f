"""One response of the model: the sequence of server events from `response.created` to `response.done`.

Follows the order that the GA service uses. A response is open until it is finished or cut; whoever speaks
in it learns from `open` that it was cut. It always ends with exactly one `response.done`.
"""

from collections.abc import Callable
from typing import Literal

from sandbox.openai.audio_formats import Format, OutputAudio
from sandbox.openai.configuration import Configuration
from sandbox.openai.conversation import Conversation, Item
from sandbox.openai.output_items import FunctionCall, Pace, Speech
from sandbox.openai.schemas import Message
from sandbox.openai.wire import Wire

type Status = Literal["completed", "cancelled", "failed", "incomplete"]
type Reason = Literal["turn_detected", "client_cancelled", "max_output_tokens", "content_filter"]


class Response:
    """An answer of the model, given item by item: speech, then calls of tools, in any number."""

    def __init__(
        self,
        wire: Wire,
        conversation: Conversation,
        configuration: Configuration,
        options: Message,
        pace: Pace,
        speaks: Format | None = None,
    ) -> None:
        """`speaks`: see `Faults`."""
        self.response_id = wire.make_id("resp")
        self.options = options  # the `response` of response.create; empty for the service's own responses
        self.status: Status | Literal["in_progress"] = "in_progress"
        self.on_finished: Callable[[], None] = lambda: None
        self._wire = wire
        self._conversation = conversation
        self._configuration = configuration
        self._pace = pace
        self._speaks = speaks
        self._items: list[Speech | FunctionCall] = []
        self._item_is_open = False
        self._previous_item_id: str | None = None

    @property
    def open(self) -> bool:
        """True until the response was finished or cut."""
        return self.status == "in_progress"

    async def begin(self) -> None:
        """Send `response.created`."""
        await self._wire.send({"type": "response.created", "response": self._to_document()})

    async def speak(self, audio: bytes, transcript: str, *, complete: bool = True) -> str:
        """Say one more item: mu-law audio in deltas, then the events that end it. Return the item's id.

        The client gets it in the format that it asked for. With `complete=False` the item stays open, as if generation
        went on: until `complete_item` or a cut.
        """
        self._configuration.voice_was_heard = True
        output = OutputAudio(self._speaks or self._configuration.read_output(self.options)["format"]["type"])
        speech = Speech(self._wire, self.response_id, len(self._items), output)
        await self._add(speech)
        await speech.begin()
        await speech.say(audio, transcript, self._pace, lambda: self.open)
        if complete and self.open:
            await self.complete_item()
        return speech.item.item_id

    async def call_tool(self, name: str, arguments: str, *, complete: bool = True) -> str:
        """Call a tool, `arguments` as JSON text. Return the call's id. `complete` as in `speak`."""
        assert self.options.get("tool_choice") != "none", "a response with tool_choice none calls no tool"
        call = FunctionCall(self._wire, self.response_id, len(self._items), name)
        await self._add(call)
        await call.send_arguments(arguments)
        if complete and self.open:
            await self.complete_item()
        return call.call_id

    async def send_late_delta(self, audio: bytes) -> None:
        """Send audio of the last item although the response has ended: as the service does now and then."""
        speech = self._items[-1]
        assert isinstance(speech, Speech), "the last item is no speech"
        await speech.say_piece(audio)

    async def complete_item(self) -> None:
        """End the item that `complete=False` left open."""
        await self._end_item("completed")

    async def finish(self, status: Status = "completed", reason: Reason | None = None, error: str = "") -> None:
        """End the response and the open item; a second end is ignored. `error` is a failure's code."""
        if not self.open:
            return
        self.status = status
        if self._item_is_open:
            await self._end_item("incomplete")
        self.on_finished()
        details: Message | None = None
        if status != "completed":
            failure = {"type": "server_error", "code": error, "message": _describe_error(error)}
            details = {"type": status, "reason": reason, "error": failure if error else None}
            details = {name: value for name, value in details.items() if value is not None}
        await self._wire.send({"type": "response.done", "response": self._to_document(details)})
        await self._wire.send(_RATE_LIMITS)

    async def _add(self, part: Speech | FunctionCall) -> None:
        assert self.open, f"the response has ended: {self.status}"
        assert not self._item_is_open, "an item is still open"
        self._items.append(part)
        self._item_is_open = True
        self._previous_item_id = self._conversation.add(part.item)
        await self._send_output_item("added", part.item)
        await self._send_conversation_item("added", part.item)

    async def _end_item(self, status: Literal["completed", "incomplete"]) -> None:
        assert self._item_is_open, "no item is open"
        self._item_is_open = False
        part = self._items[-1]
        part.item.document["status"] = status
        await part.end()
        await self._send_conversation_item("done", part.item)
        await self._send_output_item("done", part.item)

    async def _send_output_item(self, what: str, item: Item) -> None:
        where = {"response_id": self.response_id, "output_index": len(self._items) - 1}
        await self._wire.send({"type": f"response.output_item.{what}", **where, "item": item.document})

    async def _send_conversation_item(self, what: str, item: Item) -> None:
        where = {"previous_item_id": self._previous_item_id}
        await self._wire.send({"type": f"conversation.item.{what}", **where, "item": item.document})

    def _to_document(self, details: Message | None = None) -> Message:
        session = self._configuration.document
        return {
            "object": "realtime.response",
            "id": self.response_id,
            "status": self.status,
            "status_details": details,
            "output": [part.item.document for part in self._items],
            "conversation_id": self._conversation.conversation_id,
            "output_modalities": session["output_modalities"],
            "max_output_tokens": self.options.get("max_output_tokens", session["max_output_tokens"]),
            "audio": {"output": self._configuration.read_output(self.options)},
            "usage": None if self.open else self._count_usage(),
            "metadata": self.options.get("metadata"),
        }

    def _count_usage(self) -> Message:
        """Count tokens roughly: the model's speech has one for 50 ms, text one for four characters."""
        audio = sum(part.item.audio_ms for part in self._items) // 50
        text = sum(len(str(part.item.document)) for part in self._items) // 4
        heard = sum(len(str(item.document)) for item in self._conversation.items) // 4
        none = {"text_tokens": 0, "audio_tokens": 0, "image_tokens": 0}
        return {
            "total_tokens": audio + text + heard,
            "input_tokens": heard,
            "output_tokens": audio + text,
            "input_token_details": {
                **none,
                "text_tokens": heard,
                "cached_tokens": 0,
                "cached_tokens_details": none,
            },
            "output_token_details": {"text_tokens": text, "audio_tokens": audio},
        }


def _describe_error(error: str) -> str:
    """What the service says about it; of a rate limit also when it may be asked again."""
    again = " Please try again in 1.2s." if "rate_limit" in error else ""
    return f"The response failed: {error}.{again}"


_RATE_LIMITS: Message = {
    "type": "rate_limits.updated",
    "rate_limits": [
        {"name": "requests", "limit": 1000, "remaining": 999, "reset_seconds": 60.0},
        {"name": "tokens", "limit": 50000, "remaining": 49950, "reset_seconds": 60.0},
    ],
}
