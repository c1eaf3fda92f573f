"""The agent's file."""

import pytest

from socket_server.agent import cap_session, parse_agent
from socket_server.core.errors import SettingError
from socket_server.openai.agent import Limits, OpenAIAgent, SemanticVad, ServerVad, Transcription
from socket_server.settings import DEFAULT_AGENT

REQUIRED = 'instructions = "Be brief."\ngreeting = "Greet."\n'


def test_what_is_not_set_has_its_default() -> None:
    assert parse_agent(REQUIRED, "agent.toml") == OpenAIAgent("Be brief.", "Greet.")


def test_everything_can_be_set() -> None:
    text = """
        instructions = "Be brief."
        greeting = "Greet."
        model = "gpt-realtime-2.1-mini"
        voice = "cedar"
        greeting_audio = "hello.wav"
        greeting_text = "Hello."
        opening_hours = "Always."
        noise_reduction = "off"

        [turn_detection]
        type = "server_vad"
        threshold = 0.7
        prefix_padding_ms = 200
        silence_duration_ms = 700
        idle_timeout_ms = 5000

        [transcription]
        model = "gpt-transcribe"
        languages = ["de", "en"]

        [limits]
        max_output_tokens = 100
        answer_seconds = 5
        session_minutes = 30
    """

    assert parse_agent(text, "agent.toml") == OpenAIAgent(
        instructions="Be brief.",
        greeting="Greet.",
        model="gpt-realtime-2.1-mini",
        voice="cedar",
        greeting_audio="hello.wav",
        greeting_text="Hello.",
        opening_hours="Always.",
        noise_reduction="off",
        turn_detection=ServerVad(0.7, 200, 700, 5000),
        transcription=Transcription("gpt-transcribe", ("de", "en")),
        limits=Limits(100, 5, 30),
    )


@pytest.mark.parametrize(("cap", "expected"), [(None, 30), (57, 30), (30, 30), (29, 29), (1, 1)])
def test_the_shorter_of_two_limits_of_a_session_counts(cap: int | None, expected: int) -> None:
    agent = OpenAIAgent("Be brief.", "Greet.", voice="cedar", limits=Limits(100, 5, 30))

    assert cap_session(agent, cap) == OpenAIAgent("Be brief.", "Greet.", voice="cedar", limits=Limits(100, 5, expected))


def test_turns_can_end_by_what_was_said() -> None:
    agent = parse_agent(REQUIRED + '[turn_detection]\ntype = "semantic_vad"\neagerness = "low"', "agent.toml")

    assert agent.turn_detection == SemanticVad("low")


def test_the_agent_that_is_shipped_is_valid() -> None:
    assert parse_agent(DEFAULT_AGENT.read_text(), "agent.toml").instructions  # whatever they are


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("instructions = ", "my.toml: not TOML: "),
        ('greeting = "Greet."', "my.toml: Object missing required field `instructions`"),
        (REQUIRED.replace("Greet.", ""), "length >= 1 - at `$.greeting`"),
        (REQUIRED + 'greeting_audio = "a.wav"', "expected both greeting_audio and greeting_text, or neither"),
        (REQUIRED + 'greeting_text = "Hello."', "expected both greeting_audio and greeting_text, or neither"),
        (REQUIRED + 'greeting_audio = "a.wav"\ngreeting_text = " "', "expected both greeting_audio and greeting_text"),
        (REQUIRED + "tempo = 3", "unknown field `tempo`: expected instructions, greeting, opening_hours, "),
        (REQUIRED + "voice = 7", "Expected `str`, got `int` - at `$.voice`"),
        (REQUIRED + 'noise_reduction = "much"', "Invalid enum value 'much' - at `$.noise_reduction`"),
        (REQUIRED + '[turn_detection]\ntype = "none"', "Invalid value 'none' - at `$.turn_detection.type`"),
        (REQUIRED + '[turn_detection]\ntype = "server_vad"\neagerness = "low"', "unknown field `eagerness`"),
        (
            REQUIRED + '[turn_detection]\ntype = "semantic_vad"\nidle_timeout_ms = 6000',
            "`$.turn_detection`: expected type, eagerness",
        ),
        (REQUIRED + '[turn_detection]\ntype = "server_vad"\nthreshold = 1.1', "at `$.turn_detection.threshold`"),
        (REQUIRED + '[turn_detection]\ntype = "server_vad"\nidle_timeout_ms = 4999', "`int` >= 5000"),
        (REQUIRED + '[turn_detection]\ntype = "server_vad"\nidle_timeout_ms = 30001', "`int` <= 30000"),
        (REQUIRED + "[limits]\nmax_output_tokens = 4097", "`int` <= 4096"),
        (REQUIRED + "[limits]\nsession_minutes = 58", "`int` <= 57 - at `$.limits.session_minutes`, got 58"),
        (REQUIRED + "[limits]\nanswer_seconds = 1", "`int` >= 2"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_and_what_was_expected(text: str, why: str) -> None:
    with pytest.raises(SettingError) as wrong:
        parse_agent(text, "my.toml")

    assert str(wrong.value).startswith("my.toml: ")
    assert why in str(wrong.value)
