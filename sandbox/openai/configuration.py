"""The configuration of a session: its defaults, partial updates, and the rules that span several fields."""

import copy
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.openai.audio_formats import Format
from sandbox.openai.errors import RefusedError
from sandbox.openai.schemas import Integer, Message

_REASONING_MODEL = re.compile(r"gpt-realtime-2(\.\d+)?(-mini)?")
_TURN_DETECTION: dict[str, Message] = {
    "server_vad": {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500,
        "idle_timeout_ms": None,
        "create_response": True,
        "interrupt_response": True,
    },
    "semantic_vad": {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": True,
        "interrupt_response": True,
    },
}


@dataclass(frozen=True, slots=True)
class TurnDetection:
    """How the service notices that the caller speaks, read from the configuration."""

    threshold: float  # 0 to 1; the semantic detection has none and is played as the server's with its defaults
    prefix_padding_ms: int
    silence_duration_ms: int
    create_response: bool
    interrupt_response: bool


class Configuration:
    """What `session.created` and `session.updated` show: always the whole of it, after every change."""

    def __init__(self, session_id: str, model: str, expires_at: int) -> None:
        self.document = _make_defaults(session_id, model, expires_at)
        self.voice_was_heard = False  # the voice cannot change once the model has spoken

    def update(self, change: Message) -> None:
        """Merge a checked `session` document: what it does not name stays as it is; null and [] clear."""
        merged = _merge(self.document, change)
        turn_detection = merged["audio"]["input"]["turn_detection"]
        if turn_detection is not None:
            merged["audio"]["input"]["turn_detection"] = {
                **_TURN_DETECTION[turn_detection["type"]],
                **turn_detection,
            }
        self._check_rules(change, merged)
        self.document = merged

    @property
    def turn_detection(self) -> TurnDetection | None:
        """The turn detection in force; None when the client commits the audio by itself."""
        found = self.document["audio"]["input"]["turn_detection"]
        if found is None:
            return None
        return TurnDetection(
            threshold=found.get("threshold", 0.5),
            prefix_padding_ms=found.get("prefix_padding_ms", 300),
            silence_duration_ms=found.get("silence_duration_ms", 500),
            create_response=found["create_response"],
            interrupt_response=found["interrupt_response"],
        )

    @property
    def input_format(self) -> Format:
        """Of the caller's audio."""
        chosen: Format = self.document["audio"]["input"]["format"]["type"]
        return chosen

    def read_output(self, options: Message) -> Message:
        """Format and voice of a response with these options, which come before the session's own."""
        session, own = self.document["audio"]["output"], options.get("audio", {}).get("output", {})
        return {name: own.get(name, session[name]) for name in ("format", "voice")}

    def _check_rules(self, change: Message, merged: Message) -> None:
        check_modalities(change, "session")
        check_output_tokens(change, self.document["model"], "session")
        check_tools(merged["tools"], merged["tool_choice"], "session")
        if merged["model"] != self.document["model"]:
            raise RefusedError(
                "Cannot update a session's model.", code="session_model_immutable", param="session.model"
            )
        old, new = self.document["audio"]["output"]["voice"], merged["audio"]["output"]["voice"]
        if new != old and self.voice_was_heard:
            message = "Cannot update a conversation's voice if assistant audio is present."
            raise RefusedError(message, code="cannot_update_voice", param="session.audio.output.voice")
        reasons = _REASONING_MODEL.fullmatch(merged["model"])
        for name in ("reasoning", "parallel_tool_calls"):
            if name in change and not reasons:
                message = f"Unsupported parameter: '{name}' is not supported with this model."
                raise RefusedError(message, code="unsupported_parameter", param=f"session.{name}")


def check_output_tokens(document: Message, model: str, path: str) -> None:
    """Refuse more than the model can say in one response, by its page in
    https://developers.openai.com/api/docs/models (the published types say 4096 for all of them)."""
    most = 32_000 if _REASONING_MODEL.fullmatch(model) else 4096
    asked = document.get("max_output_tokens")
    if asked not in (None, "inf"):
        Integer(1, most).check(asked, f"{path}.max_output_tokens")


def check_modalities(document: Message, path: str) -> None:
    """Refuse a document that asks for text and audio at once (the schema allows it, the service does not)."""
    asked = document.get("output_modalities")
    if asked is not None and asked not in (["text"], ["audio"]):
        message = f"Invalid modalities: {asked}. Supported combinations are: ['text'] and ['audio']."
        raise RefusedError(message, code="invalid_value", param=f"{path}.output_modalities")


def check_tools(tools: Sequence[Message], choice: str | Message, path: str) -> None:
    """Refuse two tools of one name, and a choice of a tool that there is not."""
    names = [tool["name"] for tool in tools]
    if twice := {name for name in names if names.count(name) > 1}:
        message = f"Invalid '{path}.tools': the tool name '{min(twice)}' is not unique."
        raise RefusedError(message, code="invalid_value", param=f"{path}.tools")
    if not isinstance(choice, str) and choice["name"] not in names:
        message = f"Invalid '{path}.tool_choice': there is no tool named '{choice['name']}'."
        raise RefusedError(message, code="invalid_value", param=f"{path}.tool_choice")


def _merge(old: Message, change: Message) -> Message:
    """Merge objects field by field, unless their `type` changes; everything else is replaced."""
    result = copy.copy(old)
    for name, value in change.items():
        before = old.get(name)
        # A turn detection of another type is a new one, not the old one with a field changed.
        if isinstance(before, dict) and isinstance(value, dict) and value.get("type") == before.get("type"):
            result[name] = _merge(before, value)
        else:
            result[name] = copy.deepcopy(value)
    return result


def _make_defaults(session_id: str, model: str, expires_at: int) -> Message:
    """The example of `session.created` in OpenAI's published schema, with the documented defaults."""
    return {
        "type": "realtime",
        "object": "realtime.session",
        "id": session_id,
        "model": model,
        "output_modalities": ["audio"],
        "instructions": "You are a helpful, witty, and friendly AI.",
        "tools": [],
        "tool_choice": "auto",
        "max_output_tokens": "inf",
        "tracing": None,
        "truncation": "auto",
        "expires_at": expires_at,
        "include": None,
        "audio": {
            "input": {
                # A client whose update was refused goes on with 24 kHz PCM, which is noise on a telephone.
                "format": {"type": "audio/pcm", "rate": 24000},
                "transcription": None,
                "noise_reduction": None,
                "turn_detection": dict(_TURN_DETECTION["server_vad"]),
            },
            "output": {"format": {"type": "audio/pcm", "rate": 24000}, "voice": "alloy", "speed": 1.0},
        },
    }
