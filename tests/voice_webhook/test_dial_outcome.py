"""How a dialling ended: only what Twilio says about two people on the line is a success."""

import pytest

from dial_outcome import ENDED, dial_outcome


@pytest.mark.parametrize(
    ("form", "outcome"),
    [
        ({"DialCallStatus": "completed", "DialBridged": "true"}, "bridged"),
        ({"DialCallStatus": "completed", "DialBridged": "true", "CallStatus": "completed"}, "bridged"),
        ({"DialCallStatus": "completed", "DialBridged": "false"}, "declined"),
        ({"DialCallStatus": "completed"}, "declined"),
        ({"DialCallStatus": "answered", "DialBridged": "false"}, "declined"),
        ({"DialCallStatus": "busy", "DialBridged": "false"}, "busy"),
        ({"DialCallStatus": "no-answer", "DialBridged": "false", "CallStatus": "in-progress"}, "no_answer"),
        ({"DialCallStatus": "no-answer", "DialBridged": "false", "CallStatus": "completed"}, "caller_gone"),
        ({"DialCallStatus": "failed", "DialBridged": "TRUE"}, "failed"),
        ({"DialCallStatus": "canceled"}, "failed"),
        ({"QueueResult": "bridged"}, "bridged"),
        ({"QueueResult": "bridged", "CallStatus": "completed"}, "bridged"),
        ({"QueueResult": "leave", "CallStatus": "in-progress"}, "no_answer"),
        ({"QueueResult": "leave", "CallStatus": "completed"}, "caller_gone"),
        ({"QueueResult": "hangup"}, "caller_gone"),
        ({"QueueResult": "queue-full"}, "failed"),
        ({"QueueResult": "system-error"}, "failed"),
        ({}, "failed"),
    ],
)
def test_only_twilio_s_word_that_they_talked_is_a_success(form: dict[str, str], outcome: str) -> None:
    assert dial_outcome(form) == outcome


def test_the_words_for_a_call_that_is_over_are_twilio_s() -> None:
    assert set(ENDED) == {"completed", "busy", "failed", "no-answer", "canceled"}
