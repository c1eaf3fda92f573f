"""What an agent is: what the model is told, how it listens and speaks, and its limits.

Ranges are those of https://platform.openai.com/docs/api-reference/realtime-client-events/session/update.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

type Text = Annotated[str, Meta(min_length=1)]


class ServerVad(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="server_vad"):
    """A turn ends after silence."""

    threshold: Annotated[float, Meta(ge=0, le=1)] = 0.5
    prefix_padding_ms: Annotated[int, Meta(ge=0, le=5000)] = 300
    silence_duration_ms: Annotated[int, Meta(ge=100, le=10_000)] = 500
    idle_timeout_ms: Annotated[int, Meta(ge=5000, le=30_000)] | None = None
    """The model speaks up when the caller says nothing for so long; None = never."""


class SemanticVad(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="semantic_vad"):
    """A turn ends when the caller seems to have finished their thought."""

    eagerness: Literal["low", "medium", "high", "auto"] = "auto"


class Transcription(Struct, frozen=True, forbid_unknown_fields=True):
    """How the caller's words are written down for the record; the model itself hears the audio."""

    model: Text = "gpt-live-transcribe"
    languages: tuple[Text, ...] = ()


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    max_output_tokens: Annotated[int, Meta(ge=1, le=4096)] = 4096
    answer_seconds: Annotated[int, Meta(ge=2, le=60)] = 8
    """A model that has not begun to answer by then has failed."""
    session_minutes: Annotated[int, Meta(ge=1, le=57)] = 55
    """Then the call goes on in a new session, after two more at the most: the service ends each after 60."""
    filler_seconds: Annotated[int, Meta(ge=1, le=30)] = 3
    """Who waits for so long, or half of `answer_seconds`, hears that it takes a moment: words or a tone."""
    silence_seconds: Annotated[int, Meta(ge=5, le=120)] = 10
    """Nobody has said anything for so long: the model asks whether the caller is there, three times, then leaves."""


class Agent(Struct, frozen=True, forbid_unknown_fields=True):
    """What one agent is. Everything but `model` can differ between two deployments of the same code."""

    instructions: Text
    greeting: Text
    """What the model is to do first, as an instruction."""
    model: Text = "gpt-realtime-2.1"
    voice: Text = "marin"
    opening_hours: str = ""
    """The answer of the tool of that name; "" leaves the tool out."""
    noise_reduction: Literal["near_field", "far_field", "off"] = "near_field"
    turn_detection: ServerVad | SemanticVad = ServerVad()
    transcription: Transcription = Transcription()
    limits: Limits = Limits()
    greeting_audio: str = ""
    """File of a recorded greeting, beside the agent's; "": the model speaks it."""
    greeting_text: str = ""
    """The words in it."""
