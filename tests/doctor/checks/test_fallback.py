"""doctor.checks.fallback: somebody speaks when everything else is silent."""

import pytest

from sandbox.doctor_target.target import STREAM_HOST, Examined
from tests.doctor.runs import visit


@pytest.mark.parametrize(
    ("document", "sign", "said"),
    [
        ("<Response><Say>Sorry.</Say></Response>", "✓", "rings nobody"),
        ("<Response><Say>Sorry.</Say><Dial>+12025550142</Dial></Response>", "✓", "rings FallbackNumber"),
        ("<Response/>", "✗", "in which nobody speaks"),
        ("<Response><Say>Sorry", "✗", "FallbackUrl: it answered with what is no XML"),
    ],
)
def test_what_the_fallback_says_is_weighed(whole: Examined, document: str, sign: str, said: str) -> None:
    whole.edge.answers["/fallback"] = document

    assert said in visit(whole, "fallback").one(sign).says


def test_a_fallback_that_is_not_there_is_wrong(whole: Examined) -> None:
    whole.edge.answers.clear()

    assert visit(whole, "fallback").one("✗").says == "FallbackUrl: it answers with HTTP 404"


def test_what_twilio_takes_for_no_twiml_is_wrong(whole: Examined) -> None:
    whole.edge.answers.clear()
    whole.stack.outputs["FallbackUrl"] = f"https://{STREAM_HOST}/healthz"

    assert "FallbackUrl: it answer" in visit(whole, "fallback").one("✗").says
