"""The names of models and voices: those of OpenAI's own library, and what is said of others."""

import re
from typing import Any, Literal, get_args, get_origin

import pytest
from msgspec.structs import replace
from openai.types.realtime import AudioTranscription, RealtimeSessionCreateRequest
from openai.types.realtime.realtime_audio_config_output import Voice

from socket_server.openai.agent import OpenAIAgent, Transcription
from socket_server.openai.catalog import MODELS, TRANSCRIPTION_MODELS, VOICES, find_unlisted_names

AGENT = OpenAIAgent("Be brief.", "Greet.")


def literals(annotation: Any) -> set[str]:
    """The words of each `Literal` within a type."""
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    return {word for part in get_args(annotation) for word in literals(part)}


def test_the_names_are_those_of_the_services_own_library() -> None:
    models = literals(RealtimeSessionCreateRequest.model_fields["model"].annotation)

    assert set(MODELS) == {model for model in models if "realtime" in model}  # the others take no socket
    assert set(VOICES) == literals(Voice)
    assert set(TRANSCRIPTION_MODELS) == literals(AudioTranscription.model_fields["model"].annotation)


def test_an_agent_with_names_that_are_listed_has_no_fault() -> None:
    assert list(find_unlisted_names(AGENT)) == []


@pytest.mark.parametrize(
    ("agent", "path", "said"),
    [
        (replace(AGENT, model="gpt-realtme"), ("model",), 'expected one of gpt-realtime-2.1, .* got "gpt-realtme"'),
        (replace(AGENT, voice="marinn"), ("voice",), 'expected one of marin, .* got "marinn"'),
        (
            replace(AGENT, transcription=Transcription("whisper")),
            ("transcription", "model"),
            'expected one of gpt-live-transcribe, .* got "whisper"',
        ),
    ],
)
def test_a_name_that_is_not_listed_is_a_fault_unless_the_agent_says_otherwise(
    agent: OpenAIAgent, path: tuple[str, ...], said: str
) -> None:
    [fault] = find_unlisted_names(agent)

    assert fault.path == path
    assert re.match(said, fault.reason)
    assert list(find_unlisted_names(replace(agent, unlisted_names=True))) == []
