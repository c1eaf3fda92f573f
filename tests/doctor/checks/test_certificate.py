"""doctor.checks.certificate: what Twilio would say to the certificates, said before."""

import pytest

from doctor.errors import DoctorError
from doctor.network import Network
from sandbox.doctor_target.target import STREAM_HOST, VOICE_HOST, Examined
from tests.doctor.runs import visit


def test_each_name_is_looked_at_once(whole: Examined) -> None:
    says = [finding.says.partition(" ")[0] for finding in visit(whole, "certificate").found]

    assert says == [VOICE_HOST, STREAM_HOST]


def test_an_expired_certificate_is_wrong(whole: Examined) -> None:
    whole.edge.certify(VOICE_HOST, days=-1)

    seen = visit(whole, "certificate")

    assert seen.one("✗").says.startswith(f"the certificate of {VOICE_HOST} is not valid: certificate has expired")
    assert seen.signs == "✗✓", "the other name is looked at all the same"


def test_a_certificate_for_another_name_is_wrong(whole: Examined) -> None:
    whole.edge.certify(STREAM_HOST, name="stream.example.com")

    assert "Hostname mismatch" in visit(whole, "certificate").one("✗").says


def test_a_certificate_that_ends_soon_is_good_to_know(whole: Examined) -> None:
    whole.edge.certify(STREAM_HOST, days=13.5)

    assert visit(whole, "certificate").one("!").says.endswith("good for 13 more days")


def test_a_certificate_that_the_world_does_not_trust_is_wrong(whole: Examined) -> None:
    """What the doctor says of the sandbox's own authority, had nobody told it to trust it."""
    with pytest.raises(DoctorError, match="unable to get local issuer certificate"):
        Network(whole.edge.connect).secure(VOICE_HOST)


def test_a_name_that_does_not_resolve_is_wrong(whole: Examined) -> None:
    whole.edge.closed.add(STREAM_HOST)

    assert f"the name {STREAM_HOST} does not resolve" in visit(whole, "certificate").one("✗").says


def test_what_is_not_encrypted_is_wrong(whole: Examined) -> None:
    whole.stack.outputs["StreamUrl"] = f"ws://{STREAM_HOST}/media-stream"

    assert f"ws://{STREAM_HOST}/media-stream is not encrypted" in visit(whole, "certificate").one("✗").says
