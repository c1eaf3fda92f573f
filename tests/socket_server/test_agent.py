"""The agent's file."""

import pytest

from socket_server.agent import cap_session, parse_agent
from socket_server.openai.agent import Limits, OpenAIAgent, SemanticVad, ServerVad, Transcription
from socket_server.settings import DEFAULT_AGENT
from toml_file import TomlFile, TomlFileError

REQUIRED = 'instructions = "Be brief."\ngreeting = "Greet."\n'


def parse(text: str) -> OpenAIAgent:
    return parse_agent(TomlFile("my.toml", text))


def test_what_is_not_set_has_its_default() -> None:
    assert parse(REQUIRED) == OpenAIAgent("Be brief.", "Greet.")


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

    assert parse(text) == OpenAIAgent(
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
        limits=Limits(max_output_tokens=100, answer_seconds=5, session_minutes=30),
    )


@pytest.mark.parametrize(("cap", "expected"), [(None, 30), (57, 30), (30, 30), (29, 29), (1, 1)])
def test_the_shorter_of_two_limits_of_a_session_counts(cap: int | None, expected: int) -> None:
    agent = OpenAIAgent(
        "Be brief.", "Greet.", voice="cedar", limits=Limits(max_output_tokens=100, answer_seconds=5, session_minutes=30)
    )

    assert cap_session(agent, cap) == OpenAIAgent(
        "Be brief.",
        "Greet.",
        voice="cedar",
        limits=Limits(max_output_tokens=100, answer_seconds=5, session_minutes=expected),
    )


def test_turns_can_end_by_what_was_said() -> None:
    agent = parse(REQUIRED + '[turn_detection]\ntype = "semantic_vad"\neagerness = "low"')

    assert agent.turn_detection == SemanticVad("low")


def test_the_agent_that_is_shipped_is_valid() -> None:
    assert parse_agent(TomlFile.read(DEFAULT_AGENT)).instructions  # whatever they are


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("instructions = ", "1: not TOML: "),
        ('greeting = "Greet."', "1: instructions: missing, expected text of at most 65536 characters"),
        (REQUIRED.replace("Greet.", "  "), '2: greeting: expected text that is not empty, got "  "'),
        (
            REQUIRED + '[transcription]\nlanguages = ["en\\n"]',
            "4: transcription.languages: expected two letters of ISO 639-1",
        ),
        (REQUIRED.replace("Greet.", ""), '2: greeting: expected text that is not empty, got ""'),
        (
            REQUIRED + 'greeting_audio = "a.wav"',
            "3: greeting_audio: expected both greeting_audio and greeting_text, or",
        ),
        (REQUIRED + 'greeting_text = "Hello."', "3: greeting_text: expected both greeting_audio and greeting_text, or"),
        (REQUIRED + 'greeting_audio = "a.wav"\ngreeting_text = " "', "3: greeting_audio: expected both greeting_audio"),
        (REQUIRED + "tempo = 3", "3: tempo: unknown key, expected instructions, greeting, opening_hours, "),
        (REQUIRED + "voice = 7", "3: voice: expected text that is not empty, got 7"),
        (
            REQUIRED + 'noise_reduction = "much"',
            '3: noise_reduction: expected "far_field", "near_field" or "off", got "much"',
        ),
        (
            REQUIRED + '[turn_detection]\ntype = "none"',
            '4: turn_detection.type: expected "server_vad" or "semantic_vad", got "none"',
        ),
        (
            REQUIRED + '[turn_detection]\ntype = "server_vad"\neagerness = "low"',
            '5: turn_detection.eagerness: unknown key where type = "server_vad", expected type, threshold, ',
        ),
        (
            REQUIRED + '[turn_detection]\ntype = "semantic_vad"\nidle_timeout_ms = 6000',
            '5: turn_detection.idle_timeout_ms: unknown key where type = "semantic_vad", expected type or eagerness',
        ),
        (
            REQUIRED + '[turn_detection]\ntype = "server_vad"\nthreshold = 1.1',
            "5: turn_detection.threshold: expected a number from 0 to 1, got 1.1",
        ),
        (
            REQUIRED + '[turn_detection]\ntype = "server_vad"\nidle_timeout_ms = 4999',
            "5: turn_detection.idle_timeout_ms: expected a whole number from 5000 to 30000, got 4999",
        ),
        (
            REQUIRED + "[limits]\nmax_output_tokens = 4097",
            "4: limits.max_output_tokens: expected a whole number from 1 to 4096, got 4097",
        ),
        (
            REQUIRED + "[limits]\nsession_minutes = 58",
            "4: limits.session_minutes: expected a whole number from 1 to 57, got 58",
        ),
        (
            REQUIRED + "[limits]\nanswer_seconds = 1",
            "4: limits.answer_seconds: expected a whole number from 2 to 60, got 1",
        ),
        (
            REQUIRED + "[limits]\nanswer_seconds = 7\nfiller_seconds = 4",
            "5: limits.filler_seconds: expected at most 3, half of answer_seconds, got 4",
        ),
        (
            REQUIRED + "[limits]\nfiller_seconds = 5",
            "4: limits.filler_seconds: expected at most 4, half of answer_seconds, got 5",
        ),
        (
            REQUIRED + '[transcription]\nlanguages = ["de", "english"]',
            '4: transcription.languages: expected two letters of ISO 639-1, such as "en", got "english"',
        ),
        (
            f'instructions = "{"a" * 120_000}"\ngreeting = "Greet."',
            "1: instructions: expected text of at most 65536 characters that is not empty, got",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_and_what_was_expected(text: str, why: str) -> None:
    with pytest.raises(TomlFileError) as wrong:
        parse(text)

    assert str(wrong.value).startswith(f"my.toml:{why}")
