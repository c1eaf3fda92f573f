"""The messages of the model's wire, as far as a timeline needs them: text in, `ModelMessage` out. Anything may come.

Source: https://platform.openai.com/docs/api-reference/realtime-server-events and .../realtime-client-events. The names
of the beta interface, which some servers still use, mean the same.
"""

from dataclasses import dataclass

import msgspec


@dataclass(frozen=True, slots=True)
class ToolCall:
    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a response or a transcription used: tokens of each kind that has its own price, or seconds of audio."""

    total: int
    """Tokens of all kinds."""
    text_in: int = 0
    """Without those from the cache; so `audio_in`."""
    text_cached: int = 0
    text_out: int = 0
    audio_in: int = 0
    audio_cached: int = 0
    audio_out: int = 0
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelMessage:
    """What is empty, zero or None was not in the message."""

    type: str
    response_id: str = ""
    item_id: str = ""
    call_id: str = ""
    """Of the tool that is answered."""
    text: str = ""
    """Of a transcript, a tool's answer, a message, an error."""
    status: str = ""
    reason: str = ""
    """Why a response did not come to its end, or an error's code."""
    role: str = ""
    audio_end_ms: int = 0
    tools: tuple[ToolCall, ...] = ()
    usage: Usage | None = None
    transcription_model: str = ""


def read_message(type_: str, text: str) -> ModelMessage:
    """`text`: a message of this type, or whatever came in its place."""
    try:
        message = msgspec.json.decode(text)
    except (msgspec.MsgspecError, UnicodeError):
        message = None
    response, item, error = _find(message, "response"), _find(message, "item"), _find(message, "error")
    details = _find(response, "status_details")
    said = [
        _find(message, "transcript"),
        _find(item, "output"),
        _find(error, "message"),
        _find(details, "error", "message"),
    ]
    return ModelMessage(
        type=type_,
        response_id=_to_text(_find(message, "response_id") or _find(response, "id")),
        item_id=_to_text(_find(message, "item_id") or _find(item, "id")),
        call_id=_to_text(_find(item, "call_id")),
        text=next((each for each in said if isinstance(each, str)), "") or _join_words(item) or _join_words(response),
        status=_to_text(_find(response, "status")),
        reason=_to_text(_find(details, "reason") or _find(details, "error", "code") or _find(error, "code")),
        role=_to_text(_find(item, "role")),
        audio_end_ms=_to_int(_find(message, "audio_end_ms")),
        tools=tuple(_list_tools(response)),
        usage=_read_usage(_find(response, "usage") or _find(message, "usage")),
        transcription_model=_to_text(_find(message, "session", "audio", "input", "transcription", "model")),
    )


def _find(value: object, *path: str) -> object:
    """What lies at the path; None: there is nothing."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _to_text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _to_int(value: object) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value <= 10**9 else 0


def _join_words(value: object) -> str:
    """The words of an item, or of the items of a response."""
    items = _list(_find(value, "output")) or [value]
    parts = [part for item in items for part in _list(_find(item, "content"))]
    words = (_to_text(_find(part, "transcript") or _find(part, "text")) for part in parts)
    return " ".join(each for each in words if each)


def _list_tools(response: object) -> list[ToolCall]:
    return [
        ToolCall(_to_text(_find(item, "call_id")), _to_text(_find(item, "name")), _to_text(_find(item, "arguments")))
        for item in _list(_find(response, "output"))
        if _find(item, "type") == "function_call"
    ]


def _read_usage(usage: object) -> Usage | None:
    """If the kinds of cached tokens are missing, nothing counts as cached: the cost is then an upper bound."""
    seconds = _find(usage, "seconds")
    if isinstance(seconds, int | float) and 0 <= seconds <= 10**6:
        return Usage(0, seconds=float(seconds))
    heard, said = _find(usage, "input_token_details"), _find(usage, "output_token_details")
    if not isinstance(heard, dict):
        return None
    text, audio = _to_int(_find(heard, "text_tokens")), _to_int(_find(heard, "audio_tokens"))
    cached = _find(heard, "cached_tokens_details")
    text_cached = min(text, _to_int(_find(cached, "text_tokens")))
    audio_cached = min(audio, _to_int(_find(cached, "audio_tokens")))
    # A transcription puts out text alone, and does not say so.
    text_out = _to_int(_find(said, "text_tokens") if isinstance(said, dict) else _find(usage, "output_tokens"))
    audio_out = _to_int(_find(said, "audio_tokens"))
    return Usage(
        text + audio + text_out + audio_out,
        text_in=text - text_cached,
        text_cached=text_cached,
        text_out=text_out,
        audio_in=audio - audio_cached,
        audio_cached=audio_cached,
        audio_out=audio_out,
    )
