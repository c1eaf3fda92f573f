"""doctor.checks.number: the number leads here, or is led here if the user agrees."""

import dataclasses

import pytest

from sandbox.doctor_target.target import NUMBER, Examined
from sandbox.twilio.account import IncomingNumber
from tests.doctor.runs import OPTIONS, visit

OTHER = "+12025550199"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("voice_url", "https://demo.twilio.com/welcome/voice/", "calls go to https://demo.twilio.com/welcome/voice/, "),
        ("voice_url", "", "calls go to nowhere, not to https://voice.warmline.test/voice/incoming"),
        ("voice_method", "GET", "they go by GET, and only POST is answered"),
        ("voice_fallback_url", "", "when that fails they go to nowhere, not to "),
        ("trunk_sid", "TK" + "0" * 32, "a SIP trunk (TK"),
        ("voice_application_sid", "AP" + "0" * 32, "a TwiML app (AP"),
    ],
)
def test_a_number_that_leads_elsewhere_is_wrong(whole: Examined, field: str, value: str, said: str) -> None:
    setattr(whole.number, field, value)

    assert said in visit(whole, "number").one("✗").says


def test_connection_overrides_are_the_users_own(whole: Examined) -> None:
    whole.number.voice_url += "#rc=2&rp=all"

    assert visit(whole, "number").signs == "✓"


def test_nothing_is_changed_unless_the_user_agrees(whole: Examined) -> None:
    whole.number.voice_url = "https://elsewhere.example"

    seen = visit(whole, "number", answer=False)

    assert seen.heard.questions == [f"Set the webhooks of {NUMBER} to VoiceUrl and FallbackUrl of warmline?"]
    assert f"make doctor NUMBER={NUMBER} FIX=1" in seen.one("✗").cure
    assert whole.number.voice_url == "https://elsewhere.example"


@pytest.mark.parametrize("asked", [True, False])
def test_who_agrees_has_a_number_that_leads_here(whole: Examined, asked: bool) -> None:
    whole.number.voice_url, whole.number.voice_method, whole.number.voice_fallback_url = "", "GET", ""

    seen = visit(whole, "number", answer=asked, options=dataclasses.replace(OPTIONS, fix=not asked))

    assert (seen.signs, len(seen.heard.questions)) == ("✗✓✓", int(asked))
    assert seen.counts[seen.found[0].status] == 0, "what was fixed counts by what is found afterwards"
    assert whole.number.voice_url == whole.stack.outputs["VoiceUrl"]
    assert (whole.number.voice_method, whole.number.voice_fallback_method) == ("POST", "POST")
    assert whole.number.voice_fallback_url == whole.stack.outputs["FallbackUrl"]


def test_a_fix_that_twilio_refuses_is_a_line(whole: Examined) -> None:
    whole.number.voice_url = "https://elsewhere.example"
    whole.number.sid = "PN/../.."  # no such path

    assert visit(whole, "number", answer=True).signs == "✗✗"


def test_among_several_numbers_the_one_that_leads_here_is_meant(whole: Examined) -> None:
    whole.carrier.account.numbers.insert(0, IncomingNumber(OTHER))

    assert visit(whole, "number").one("✓").says.startswith(NUMBER)


def test_among_several_that_lead_elsewhere_the_user_chooses(whole: Examined) -> None:
    whole.number.voice_url = ""
    whole.carrier.account.numbers.append(IncomingNumber(OTHER))

    finding = visit(whole, "number").one("✗")
    assert (finding.says, finding.fix) == ("none of the account's 2 numbers leads to VoiceUrl", None)
    assert f"NUMBER=+… (there are {NUMBER}, {OTHER})" in finding.cure

    chosen = dataclasses.replace(OPTIONS, number=OTHER)
    assert visit(whole, "number", options=chosen).one("✗").says.startswith(f"{OTHER}: calls go to nowhere")


def test_a_number_of_somebody_else_is_refused(whole: Examined) -> None:
    finding = visit(whole, "number", options=dataclasses.replace(OPTIONS, number=OTHER)).one("✗")

    assert (finding.says, finding.cure) == (f"the account has no number {OTHER}", f"one of these: {NUMBER}")


def test_a_number_without_voice_is_none(whole: Examined) -> None:
    whole.number.voice = False

    assert visit(whole, "number").one("✗").says == "the Twilio account has no number that takes calls"
    chosen = dataclasses.replace(OPTIONS, number=NUMBER)
    assert visit(whole, "number", options=chosen).one("✗").says == f"{NUMBER} cannot take calls"


def test_the_number_is_found_on_the_second_page(whole: Examined) -> None:
    others = [IncomingNumber(f"+1202556{number:04}") for number in range(1000)]
    whole.carrier.account.numbers[:0] = others

    assert visit(whole, "number").one("✓").says.startswith(NUMBER)
