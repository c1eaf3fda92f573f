"""The configuration of a session over several updates."""

import pytest

from sandbox.openai.configuration import Configuration
from sandbox.openai.errors import RefusedError
from sandbox.openai.schemas import Message

G711 = {"type": "audio/pcmu"}


@pytest.fixture
def configuration() -> Configuration:
    return Configuration("sess_1", "gpt-realtime-2.1", 0)


def read_refusal(configuration: Configuration, **change: object) -> tuple[str, str | None]:
    before = configuration.document
    with pytest.raises(RefusedError) as refused:
        configuration.update({"type": "realtime", **change})
    assert configuration.document is before
    return refused.value.code, refused.value.param


def test_an_update_changes_only_what_it_names(configuration: Configuration) -> None:
    configuration.update({"type": "realtime", "audio": {"input": {"format": G711}, "output": {"voice": "marin"}}})
    configuration.update({"type": "realtime", "audio": {"output": {"format": G711}}})
    audio = configuration.document["audio"]
    assert audio["input"]["format"] == G711
    assert audio["output"] == {"format": G711, "voice": "marin", "speed": 1.0}
    assert audio["input"]["turn_detection"]["silence_duration_ms"] == 500


def test_lists_are_replaced_and_cleared_whole(configuration: Configuration) -> None:
    tool = {"type": "function", "name": "end_call"}
    configuration.update({"type": "realtime", "tools": [tool]})
    configuration.update({"type": "realtime", "instructions": "Be brief."})
    assert configuration.document["tools"] == [tool]
    configuration.update({"type": "realtime", "tools": []})
    assert configuration.document["tools"] == []


@pytest.mark.parametrize(
    ("model", "most"), [("gpt-realtime-2.1", 32_000), ("gpt-realtime-2.1-mini", 32_000), ("gpt-realtime-1.5", 4096)]
)
def test_a_response_may_be_as_long_as_its_model_says(model: str, most: int) -> None:
    configuration = Configuration("sess_1", model, 0)
    too_many = ("integer_above_max_value", "session.max_output_tokens")

    assert read_refusal(configuration, max_output_tokens=most + 1) == too_many
    configuration.update({"type": "realtime", "max_output_tokens": most})
    assert configuration.document["max_output_tokens"] == most


def test_two_tools_of_one_name_are_refused(configuration: Configuration) -> None:
    tool = {"type": "function", "name": "end_call"}
    assert read_refusal(configuration, tools=[tool, tool]) == ("invalid_value", "session.tools")


def test_a_choice_of_a_tool_that_there_is_not_is_refused(configuration: Configuration) -> None:
    tool, choice = {"type": "function", "name": "end_call"}, {"type": "function", "name": "hang_up"}
    assert read_refusal(configuration, tools=[tool], tool_choice=choice) == ("invalid_value", "session.tool_choice")
    configuration.update({"type": "realtime", "tools": [tool], "tool_choice": tool})
    assert read_refusal(configuration, tools=[]) == ("invalid_value", "session.tool_choice")


def test_a_turn_detection_of_another_kind_has_its_own_defaults(configuration: Configuration) -> None:
    semantic = {"type": "semantic_vad", "create_response": False}
    configuration.update({"type": "realtime", "audio": {"input": {"turn_detection": semantic}}})
    assert configuration.document["audio"]["input"]["turn_detection"] == {
        "type": "semantic_vad",
        "eagerness": "auto",
        "create_response": False,
        "interrupt_response": True,
    }
    detection = configuration.turn_detection
    assert detection is not None
    assert (detection.create_response, detection.threshold) == (False, 0.5)


def test_turn_detection_can_be_switched_off(configuration: Configuration) -> None:
    configuration.update({"type": "realtime", "audio": {"input": {"turn_detection": None}}})
    assert configuration.turn_detection is None


def test_a_client_that_asks_for_nothing_gets_pcm(configuration: Configuration) -> None:
    assert configuration.input_format == "audio/pcm"
    assert configuration.read_output({})["format"] == {"type": "audio/pcm", "rate": 24000}


def test_a_client_gets_the_format_that_it_asks_for(configuration: Configuration) -> None:
    configuration.update({"type": "realtime", "audio": {"input": {"format": G711}, "output": {"format": G711}}})
    assert configuration.input_format == "audio/pcmu"
    assert configuration.read_output({})["format"] == G711


def test_the_model_of_a_session_stays(configuration: Configuration) -> None:
    assert read_refusal(configuration, model="gpt-realtime")[1] == "session.model"
    configuration.update({"type": "realtime", "model": "gpt-realtime-2.1"})


def test_the_voice_stays_once_the_model_has_spoken(configuration: Configuration) -> None:
    change: Message = {"output": {"voice": "cedar"}}
    configuration.update({"type": "realtime", "audio": change})
    configuration.voice_was_heard = True
    configuration.update({"type": "realtime", "audio": change})
    assert read_refusal(configuration, audio={"output": {"voice": "marin"}})[0] == "cannot_update_voice"


@pytest.mark.parametrize("change", [{"reasoning": {"effort": "low"}}, {"parallel_tool_calls": False}])
def test_only_models_that_reason_take_settings_of_reasoning(change: Message) -> None:
    for model in ("gpt-realtime-2", "gpt-realtime-2.1", "gpt-realtime-2.1-mini"):
        Configuration("sess_1", model, 0).update({"type": "realtime", **change})
    for model in ("gpt-realtime-1.5", "gpt-realtime-2025-08-28"):
        assert read_refusal(Configuration("sess_1", model, 0), **change)[0] == "unsupported_parameter"


def test_text_and_audio_at_once_are_refused(configuration: Configuration) -> None:
    assert read_refusal(configuration, output_modalities=["text", "audio"])[1] == "session.output_modalities"
    configuration.update({"type": "realtime", "output_modalities": ["text"]})
