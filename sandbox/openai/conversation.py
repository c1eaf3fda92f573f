"""The conversation of a session: its items in order, and what may be done to them.

Every method raises RefusedError where the service answers with an error.
"""

from dataclasses import dataclass

from sandbox.openai.errors import RefusedError
from sandbox.openai.schemas import Message


@dataclass(slots=True)
class Item:
    """One item. `document` is what the wire shows: never the audio itself."""

    document: Message
    audio_ms: int = 0  # of the model's speech that was generated so far
    spoken: bool = False  # by the model: only such items can be truncated

    @property
    def item_id(self) -> str:
        """The item's id."""
        return str(self.document["id"])


class Conversation:
    """The items that the model remembers, oldest first."""

    def __init__(self, conversation_id: str) -> None:
        self.conversation_id = conversation_id
        self.items: list[Item] = []

    def add(self, item: Item, previous_item_id: str | None = None) -> str | None:
        """Insert the item after `previous_item_id` ("root": first; None: last). Return the id before it."""
        if any(other.item_id == item.item_id for other in self.items):
            message = f"Error adding item: an item with id '{item.item_id}' already exists."
            raise RefusedError(message, code="item_create_duplicate_id", param="item.id")
        if previous_item_id == "root":
            position = 0
        elif previous_item_id is None:
            position = len(self.items)
        else:
            position = self.items.index(self._find(previous_item_id, "create")) + 1
        self.items.insert(position, item)
        return self.items[position - 1].item_id if position else None

    def answer_call(self, call_id: str) -> None:
        """Check that a tool's output answers a call that the model made."""
        calls = (item.document for item in self.items if item.document["type"] == "function_call")
        if call_id not in [document["call_id"] for document in calls]:
            message = f"Tool call ID '{call_id}' not found in conversation."
            raise RefusedError(message, code="invalid_tool_call_id", param="item.call_id")

    def get(self, item_id: str) -> Item:
        """Return the item for `conversation.item.retrieve`."""
        return self._find(item_id, "retrieve")

    def delete(self, item_id: str) -> None:
        """Forget the item."""
        self.items.remove(self._find(item_id, "delete"))

    def truncate(self, item_id: str, content_index: int, audio_end_ms: int) -> None:
        """Cut the model's speech; its transcript is dropped, so that no unheard word is remembered."""
        item = self._find(item_id, "truncate")
        if not item.spoken or not item.audio_ms or content_index:
            message = "Only model output audio messages can be truncated"
            raise RefusedError(message, code="unsupported_content_type")
        if audio_end_ms > item.audio_ms:
            message = f"Audio content of {item.audio_ms}ms is already shorter than {audio_end_ms}ms"
            raise RefusedError(message, code="invalid_value")
        item.audio_ms = audio_end_ms
        item.document["content"] = [{"type": "output_audio"}]

    def _find(self, item_id: str, verb: str) -> Item:
        for item in self.items:
            if item.item_id == item_id:
                return item
        message = f"Error processing item {verb}: the item with id '{item_id}' does not exist."
        raise RefusedError(message, code=f"item_{verb}_invalid_item_id")
