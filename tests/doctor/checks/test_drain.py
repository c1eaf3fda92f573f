"""doctor.checks.drain: whether a deployment cuts calls."""

import pytest

from sandbox.doctor_target.target import DoctorTarget
from tests.doctor.runs import diagnose


@pytest.mark.parametrize(
    ("stage", "drain_s", "session_minutes", "symbol", "said"),
    [
        ("prod", "3600", "55", "✓", "a stream lasts 3420 s at the most"),
        ("prod", "3420", "55", "✗", "a deployment cuts calls after 3420 s"),
        ("prod", "600", "7", "✓", "a stream lasts 540 s at the most"),  # the stack's cap counts
        ("prod", "3600", "57", "✓", "a stream lasts 3420 s at the most"),  # and the agent's own
        ("default", "60", "55", "!", "a deployment moves calls after 60 s"),
        ("default", "3600", "55", "✓", "a deployment cuts no call"),
        ("prod", "", "nonsense", "✗", "a deployment cuts calls after 60 s"),
    ],
)
def test_the_longest_stream_is_compared_with_the_drain(
    target: DoctorTarget, stage: str, drain_s: str, session_minutes: str, symbol: str, said: str
) -> None:
    target.stack.parameters["Stage"] = stage
    target.stack.outputs |= {"DrainSeconds": drain_s, "SessionMinutes": session_minutes}

    assert said in diagnose(target, "agent", "drain").findings[-1].message
    assert diagnose(target, "agent", "drain").symbols[-1] == symbol
