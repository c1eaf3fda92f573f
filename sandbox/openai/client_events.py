"""Every event that a client may send, as tables of its fields; `check` refuses all others.

Follows the client events of OpenAI's Realtime API (GA) over WebSocket. What the service takes and this stand-in does
not is in `not_simulated.py`. The `content` of an item may be empty, and the audio in it is not looked at.
"""

from sandbox.not_simulated import check_simulated
from sandbox.openai.errors import RefusedError
from sandbox.openai.not_simulated import NOT_SIMULATED, list_asked
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
_ITEM = Tagged(
    "type",
    {"message": _MESSAGE, "function_call": _FUNCTION_CALL, "function_call_output": _FUNCTION_CALL_OUTPUT},
)
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


EVENTS = {
    "session.update": _make_event_shape({"session": SESSION}, ("session",)),
    "input_audio_buffer.append": _make_event_shape({"audio": Text()}, ("audio",)),
    "input_audio_buffer.commit": _make_event_shape({}),
    "input_audio_buffer.clear": _make_event_shape({}),
    "conversation.item.create": _make_event_shape({"item": _ITEM, "previous_item_id": Either(_NULL, _ID)}, ("item",)),
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
    """Refuse what is not an event of the protocol, in the service's words. Raises `NotSimulatedError` before that."""
    check_simulated(list_asked(message), NOT_SIMULATED)
    kind = message.get("type")
    if kind is None:
        raise RefusedError("The 'type' field is missing.", code="invalid_event")
    OneOf(*EVENTS).check(kind, "type")
    EVENTS[kind].check(message, "")
