"""doctor.checks.fallback: somebody speaks when everything else is silent."""

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
def test_what_the_fallback_says_is_weighed(target: DoctorTarget, document: str, symbol: str, said: str) -> None:
    target.edge.answers["/fallback"] = document

    assert said in diagnose(target, "fallback").only(symbol).message


def test_a_fallback_that_is_not_there_is_wrong(target: DoctorTarget) -> None:
    target.edge.answers.clear()

    assert diagnose(target, "fallback").only("✗").message == "FallbackUrl: it answers with HTTP 404"


def test_what_twilio_takes_for_no_twiml_is_wrong(target: DoctorTarget) -> None:
    target.edge.answers.clear()
    target.stack.outputs["FallbackUrl"] = f"https://{STREAM_HOST}/healthz"

    assert "FallbackUrl: it answer" in diagnose(target, "fallback").only("✗").message
