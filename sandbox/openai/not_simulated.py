"""What OpenAI's service does and this stand-in does not: the one table of it.

A feature is the path of a field from the event ("session.prompt", "[]" for each element of an array), or a path with
one value of the field ("item.type=mcp_call"); all others are simulated. `tests/sandbox/openai/test_not_simulated.py`
compares the table with all that a client event may have by the types of the `openai` package.
"""

from collections.abc import Iterator
from typing import Final

NOT_SIMULATED: Final = frozenset(
    (
        "type=output_audio_buffer.clear",  # only over WebRTC and SIP; what it gets over WebSocket is not published
        "session.type=transcription",
        "session.audio.input.format.type=audio/pcma",
        "session.audio.output.format.type=audio/pcma",
        "session.prompt",
        "session.tools[].type=mcp",
        "session.tool_choice.type=mcp",
        "item.type=mcp_approval_request",
        "item.type=mcp_approval_response",
        "item.type=mcp_call",
        "item.type=mcp_list_tools",
        "item.content[].detail",
        "item.content[].image_url",
        "item.content[].type=input_image",
        "response.audio.output.format.type=audio/pcma",
        "response.conversation=none",
        "response.input",
        "response.prompt",
        "response.tools[].type=mcp",
        "response.tool_choice.type=mcp",
    )
)

HANDSHAKES: Final = frozenset(
    (
        "GET /v1/live/sessions",
        "GET /v1/models",
        "GET /v1/realtime/translations",
        "GET /v1/realtime?call_id",
        "GET /v1/realtime?intent=transcription",
    )
)
"""What else a client can open or ask for by GET: https://developers.openai.com/api/docs/guides/realtime-websocket and
the `openai` package's resources `live`, `models` and `realtime`."""


def list_asked(event: object) -> Iterator[tuple[str, object]]:
    """Every field of the event, by its path, with what stands in it."""
    waiting: list[tuple[str, object]] = [("", event)]  # not by recursion: a document can be deep
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            fields = [(f"{path}.{name}" if path else str(name), field) for name, field in value.items()]
            yield from fields
            waiting += fields
        elif isinstance(value, list):
            waiting += [(f"{path}[]", element) for element in value]
