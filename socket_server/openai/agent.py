"""The settings of an agent that only OpenAI's Realtime service needs.

Ranges are those of https://platform.openai.com/docs/api-reference/realtime-client-events/session/update.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from socket_server.core import agent
from socket_server.core.agent import Text

SEMANTIC_VAD_MS = 8000  # the longest time that the service waits for a thought to go on
# The service accepts 16,384 tokens of instructions and tools. A longer text has more tokens in any language.
MAX_INSTRUCTIONS_CHARACTERS = 65_536

_INSTRUCTIONS = f"text of at most {MAX_INSTRUCTIONS_CHARACTERS} characters that is not empty"

type Instructions = Annotated[
    str, Meta(pattern=r"\S", max_length=MAX_INSTRUCTIONS_CHARACTERS, description=_INSTRUCTIONS)
]
type Language = Annotated[str, Meta(pattern=r"\A[a-z]{2}\Z", description='two letters of ISO 639-1, such as "en"')]


class ServerVad(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="server_vad"):
    """A turn ends after silence."""

    threshold: Annotated[float, Meta(ge=0, le=1)] = 0.5
    prefix_padding_ms: Annotated[int, Meta(ge=0, le=5000)] = 300
    silence_duration_ms: Annotated[int, Meta(ge=100, le=10_000)] = 500
    idle_timeout_ms: Annotated[int, Meta(ge=5000, le=30_000)] | None = None
    """The model speaks if the caller says nothing for this long; None = never."""


class SemanticVad(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="semantic_vad"):
    """A turn ends when the caller seems to have finished their thought."""

    eagerness: Literal["low", "medium", "high", "auto"] = "auto"


class Transcription(Struct, frozen=True, forbid_unknown_fields=True):
    """How the caller's words are transcribed for the record. The model itself hears the audio."""

    model: Text = "gpt-live-transcribe"
    languages: tuple[Language, ...] = ()


class Limits(agent.Limits, frozen=True, forbid_unknown_fields=True):
    max_output_tokens: Annotated[int, Meta(ge=1, le=4096)] = 4096
    session_minutes: Annotated[int, Meta(ge=1, le=57)] = 55
    """Then the call goes on in a new session, after at most two more minutes. The service ends each after 60."""


class OpenAIAgent(agent.Agent, frozen=True, forbid_unknown_fields=True):
    instructions: Instructions
    model: Text = "gpt-realtime-2.1"
    voice: Text = "marin"
    noise_reduction: Literal["near_field", "far_field", "off"] = "near_field"
    turn_detection: ServerVad | SemanticVad = ServerVad()
    transcription: Transcription = Transcription()
    limits: Limits = Limits()
    unlisted_names: bool = False
    """Accept names of models and voices that `catalog` does not list."""

    @property
    def longest_pause_ms(self) -> int:
        match self.turn_detection:
            case ServerVad(silence_duration_ms=pause_ms):
                return pause_ms
            case SemanticVad():
                return SEMANTIC_VAD_MS
