"""The names that OpenAI's Realtime service accepts. OpenAI's own library lists them; a test compares.

The service refuses a wrong name in every call, and then every caller goes to a person.
"""

from collections.abc import Iterator

from socket_server.openai.agent import OpenAIAgent
from toml_faults import Fault

MODELS = (
    "gpt-realtime-2.1",
    "gpt-realtime-2.1-mini",
    "gpt-realtime-2",
    "gpt-realtime-1.5",
    "gpt-realtime",
    "gpt-realtime-2025-08-28",
    "gpt-realtime-mini",
    "gpt-realtime-mini-2025-12-15",
    "gpt-realtime-mini-2025-10-06",
    "gpt-4o-realtime-preview",
    "gpt-4o-realtime-preview-2025-06-03",
    "gpt-4o-realtime-preview-2024-12-17",
    "gpt-4o-realtime-preview-2024-10-01",
    "gpt-4o-mini-realtime-preview",
    "gpt-4o-mini-realtime-preview-2024-12-17",
)
VOICES = ("marin", "cedar", "alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse")
TRANSCRIPTION_MODELS = (
    "gpt-live-transcribe",
    "gpt-transcribe",
    "gpt-realtime-whisper",
    "gpt-4o-transcribe",
    "gpt-4o-transcribe-diarize",
    "gpt-4o-mini-transcribe",
    "gpt-4o-mini-transcribe-2025-12-15",
    "whisper-1",
)


def find_unlisted_names(agent: OpenAIAgent) -> Iterator[Fault]:
    """The names in an agent that are not listed here; none if the agent allows unlisted names."""
    if agent.unlisted_names:
        return
    for path, name, listed in (
        (("model",), agent.model, MODELS),
        (("voice",), agent.voice, VOICES),
        (("transcription", "model"), agent.transcription.model, TRANSCRIPTION_MODELS),
    ):
        if name not in listed:
            reason = f'expected one of {", ".join(listed)}, got "{name}" (unlisted_names = true takes any)'
            yield Fault(path, reason, depends_on=(("unlisted_names",),))
