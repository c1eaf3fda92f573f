"""doctor.checks.fallback: whether the caller hears something when the webhook fails."""

import pytest

from sandbox.doctor_target.target import STREAM_HOST, DoctorTarget
from tests.doctor.runs import diagnose


@pytest.mark.parametrize(
    ("document", "symbol", "said"),
    [
        ("<Response><Say>Sorry.</Say></Response>", "✓", "rings nobody"),
        ("<Response><Say>Sorry.</Say><Dial>+12025550142</Dial></Response>", "✓", "rings FallbackNumber"),
        ("<Response/>", "✗", "in which nobody speaks"),
        ("<Response><Say>Sorry", "✗", "FallbackUrl: it answered with something that is not XML"),
    ],
)
def test_the_answer_of_the_fallback_decides_the_status(
    target: DoctorTarget, document: str, symbol: str, said: str
) -> None:
    target.edge.answers["/fallback"] = document

    assert said in diagnose(target, "fallback").find_only(symbol).message


def test_a_missing_fallback_is_a_failure(target: DoctorTarget) -> None:
    target.edge.answers.clear()

    assert diagnose(target, "fallback").find_only("✗").message == "FallbackUrl: it answers with HTTP 404"


def test_an_answer_that_twilio_does_not_accept_as_twiml_is_a_failure(target: DoctorTarget) -> None:
    target.edge.answers.clear()
    target.stack.outputs["FallbackUrl"] = f"https://{STREAM_HOST}/healthz"

    assert "FallbackUrl: it answer" in diagnose(target, "fallback").find_only("✗").message
