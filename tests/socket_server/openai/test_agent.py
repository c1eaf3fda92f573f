"""What OpenAI's service needs to know of an agent."""

import pytest

from socket_server.openai.agent import OpenAIAgent, SemanticVad, ServerVad


@pytest.mark.parametrize(
    ("detection", "pause_ms"), [(ServerVad(), 500), (ServerVad(silence_duration_ms=4000), 4000), (SemanticVad(), 8000)]
)
def test_how_long_the_caller_may_pause_is_the_turn_detection_s(
    detection: ServerVad | SemanticVad, pause_ms: int
) -> None:
    assert OpenAIAgent("Be brief.", "Greet.", turn_detection=detection).longest_pause_ms == pause_ms
