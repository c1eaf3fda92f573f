"""Every event that a client may send, as tables of its fields; `check` refuses all others.

Follows the client events of OpenAI's Realtime API (GA) over WebSocket. Simpler than the service: no images,
no MCP items, no responses outside the conversation or with an input of their own; such events are refused
as unknown, so that nobody builds on them here. The `content` of an item may be empty, and the audio in it
is not looked at. `output_audio_buffer.clear` exists only over WebRTC and SIP
and is refused there too.
"""

from sandbox.openai.errors import RefusedError
from sandbox.openai.schemas import (
    Anything,
    Boolean,
    Document,
    Either,
    Integer,
    ListOf,
    Message,
    Null,
    OneOf,
    Shape,
    Tagged,
    Text,
    make_missing_error,
)
from sandbox.openai.session_fields import (
    AUDIO_FORMAT,
    FUNCTION_NAME,
    MAX_OUTPUT_TOKENS,
    REASONING,
    SESSION,
    TOOL,
    TOOL_CHOICE,
    VOICE,
)

_NULL = Null()
_ID = Text(longest=64)
_ITEM_FIELDS: dict[str, Shape] = {
    "id": Text(longest=32),
    "type": Text(),
    "object": OneOf("realtime.item"),
    "status": OneOf("completed", "incomplete", "in_progress"),
}


def _make_message_shape(role: str, contents: dict[str, Document]) -> Document:
    fields = {**_ITEM_FIELDS, "role": OneOf(role), "content": ListOf(Tagged("type", contents))}
    return Document(fields, required=("content",))


def _make_part_shape(kind: str, field: str, *others: str) -> Document:
    fields: dict[str, Shape] = {"type": OneOf(kind), field: Text(), **{other: Text() for other in others}}
    return Document(fields, required=(field,))


_SPOKEN = _make_part_shape("input_audio", "audio", "transcript")
# An assistant's message can be put into the history as text only: audio of the model cannot be inserted.
_MESSAGE = Tagged(
    "role",
    {
        "system": _make_message_shape("system", {"input_text": _make_part_shape("input_text", "text")}),
        "user": _make_message_shape(
            "user", {"input_text": _make_part_shape("input_text", "text"), "input_audio": _SPOKEN}
        ),
        "assistant": _make_message_shape("assistant", {"output_text": _make_part_shape("output_text", "text")}),
    },
)
_FUNCTION_CALL = Document(
    {**_ITEM_FIELDS, "call_id": _ID, "name": FUNCTION_NAME, "arguments": Text()},
    required=("name", "arguments"),
)
_FUNCTION_CALL_OUTPUT = Document({**_ITEM_FIELDS, "call_id": _ID, "output": Text()}, required=("call_id", "output"))
_ITEMS: dict[str, Shape] = {
    "message": _MESSAGE,
    "function_call": _FUNCTION_CALL,
    "function_call_output": _FUNCTION_CALL_OUTPUT,
}


class _Item:
    """A conversation item: its `type` says which table applies."""

    def check(self, value: object, path: str) -> None:
        """See Shape."""
        Anything().check(value, path)
        assert isinstance(value, dict)
        if "type" not in value:
            raise make_missing_error(f"{path}.type")
        OneOf(*_ITEMS).check(value["type"], f"{path}.type")
        _ITEMS[value["type"]].check(value, path)


_RESPONSE = Document(
    {
        "instructions": Text(),
        "conversation": OneOf("auto"),
        "output_modalities": ListOf(OneOf("text", "audio")),
        "audio": Document({"output": Document({"format": AUDIO_FORMAT, "voice": VOICE})}),
        "tools": ListOf(TOOL),
        "tool_choice": TOOL_CHOICE,
        "max_output_tokens": MAX_OUTPUT_TOKENS,
        "metadata": Either(_NULL, Anything()),
        "reasoning": REASONING,
        "parallel_tool_calls": Boolean(),
    }
)


def _make_event_shape(fields: dict[str, Shape], required: tuple[str, ...] = ()) -> Document:
    return Document({"type": Text(), "event_id": Text(longest=512), **fields}, required)


_EVENTS = {
    "session.update": _make_event_shape({"session": SESSION}, ("session",)),
    "input_audio_buffer.append": _make_event_shape({"audio": Text()}, ("audio",)),
    "input_audio_buffer.commit": _make_event_shape({}),
    "input_audio_buffer.clear": _make_event_shape({}),
    "conversation.item.create": _make_event_shape({"item": _Item(), "previous_item_id": Either(_NULL, _ID)}, ("item",)),
    "conversation.item.retrieve": _make_event_shape({"item_id": _ID}, ("item_id",)),
    "conversation.item.truncate": _make_event_shape(
        {"item_id": _ID, "content_index": Integer(0), "audio_end_ms": Integer(0)},
        ("item_id", "content_index", "audio_end_ms"),
    ),
    "conversation.item.delete": _make_event_shape({"item_id": _ID}, ("item_id",)),
    "response.create": _make_event_shape({"response": _RESPONSE}),
    "response.cancel": _make_event_shape({"response_id": _ID}),
}


def check(message: Message) -> None:
    """Refuse what is not an event of the protocol, in the service's words."""
    kind = message.get("type")
    if kind is None:
        raise RefusedError("The 'type' field is missing.", code="invalid_event")
    OneOf(*_EVENTS).check(kind, "type")
    _EVENTS[kind].check(message, "")
