"""doctor.checks.drain: does a deployment let calls end?"""

import pytest

from sandbox.doctor_target.target import Examined
from tests.doctor.runs import visit


@pytest.mark.parametrize(
    ("stage", "drain_s", "session_minutes", "sign", "said"),
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
def test_the_longest_stream_is_held_against_the_drain(
    whole: Examined, stage: str, drain_s: str, session_minutes: str, sign: str, said: str
) -> None:
    whole.stack.parameters["Stage"] = stage
    whole.stack.outputs |= {"DrainSeconds": drain_s, "SessionMinutes": session_minutes}

    assert said in visit(whole, "agent", "drain").found[-1].says
    assert visit(whole, "agent", "drain").signs[-1] == sign
