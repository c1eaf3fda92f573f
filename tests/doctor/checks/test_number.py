"""doctor.checks.number: whether the number leads here, and the fix that sets its webhooks."""

import dataclasses

import pytest

from sandbox.doctor_target.target import NUMBER, DoctorTarget
from sandbox.twilio.account import IncomingNumber
from tests.doctor.runs import OPTIONS, diagnose

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
def test_a_number_that_leads_elsewhere_is_a_failure(target: DoctorTarget, field: str, value: str, said: str) -> None:
    setattr(target.number, field, value)

    assert said in diagnose(target, "number").find_only("✗").message


def test_connection_overrides_of_the_user_are_accepted(target: DoctorTarget) -> None:
    target.number.voice_url += "#rc=2&rp=all"

    assert diagnose(target, "number").symbols == "✓"


def test_nothing_is_changed_unless_the_user_agrees(target: DoctorTarget) -> None:
    target.number.voice_url = "https://elsewhere.example"

    diagnosis = diagnose(target, "number", answer=False)

    assert diagnosis.reporter.questions == [f"Set the webhooks of {NUMBER} to VoiceUrl and FallbackUrl of warmline?"]
    assert f"make doctor NUMBER={NUMBER} FIX=1" in diagnosis.find_only("✗").remedy
    assert target.number.voice_url == "https://elsewhere.example"


@pytest.mark.parametrize("asked", [True, False])
def test_after_consent_the_number_leads_here(target: DoctorTarget, asked: bool) -> None:
    target.number.voice_url, target.number.voice_method, target.number.voice_fallback_url = "", "GET", ""

    diagnosis = diagnose(target, "number", answer=asked, options=dataclasses.replace(OPTIONS, fix=not asked))

    assert (diagnosis.symbols, len(diagnosis.reporter.questions)) == ("✗✓✓", int(asked))
    assert diagnosis.counts[diagnosis.findings[0].status] == 0, "what was fixed counts by what is found afterwards"
    assert target.number.voice_url == target.stack.outputs["VoiceUrl"]
    assert (target.number.voice_method, target.number.voice_fallback_method) == ("POST", "POST")
    assert target.number.voice_fallback_url == target.stack.outputs["FallbackUrl"]


def test_a_fix_that_twilio_refuses_is_reported(target: DoctorTarget) -> None:
    target.number.voice_url = "https://elsewhere.example"
    target.number.sid = "PN/../.."  # no such path

    assert diagnose(target, "number", answer=True).symbols == "✗✗"


def test_of_several_numbers_the_one_that_leads_here_is_checked(target: DoctorTarget) -> None:
    target.carrier.account.numbers.insert(0, IncomingNumber(OTHER))

    assert diagnose(target, "number").find_only("✓").message.startswith(NUMBER)


def test_of_several_numbers_that_lead_elsewhere_the_user_has_to_choose(target: DoctorTarget) -> None:
    target.number.voice_url = ""
    target.carrier.account.numbers.append(IncomingNumber(OTHER))

    finding = diagnose(target, "number").find_only("✗")
    assert (finding.message, finding.fix) == ("none of the account's 2 numbers leads to VoiceUrl", None)
    assert f"NUMBER=+… (there are {NUMBER}, {OTHER})" in finding.remedy

    chosen = dataclasses.replace(OPTIONS, number=OTHER)
    assert diagnose(target, "number", options=chosen).find_only("✗").message.startswith(f"{OTHER}: calls go to nowhere")


def test_a_number_of_somebody_else_is_refused(target: DoctorTarget) -> None:
    finding = diagnose(target, "number", options=dataclasses.replace(OPTIONS, number=OTHER)).find_only("✗")

    assert (finding.message, finding.remedy) == (f"the account has no number {OTHER}", f"use one of these: {NUMBER}")


def test_a_number_without_voice_is_not_used(target: DoctorTarget) -> None:
    target.number.voice = False

    assert diagnose(target, "number").find_only("✗").message == "the Twilio account has no number that takes calls"
    chosen = dataclasses.replace(OPTIONS, number=NUMBER)
    assert diagnose(target, "number", options=chosen).find_only("✗").message == f"{NUMBER} cannot take calls"


def test_the_number_is_found_on_the_second_page(target: DoctorTarget) -> None:
    others = [IncomingNumber(f"+1202556{number:04}") for number in range(1000)]
    target.carrier.account.numbers[:0] = others

    assert diagnose(target, "number").find_only("✓").message.startswith(NUMBER)
