"""doctor.checks.certificate: invalid and expiring certificates."""

import pytest

from doctor.errors import DoctorError
from doctor.network import Network
from sandbox.doctor_target.target import STREAM_HOST, VOICE_HOST, DoctorTarget
from tests.doctor.runs import diagnose


def test_each_host_is_checked_once(target: DoctorTarget) -> None:
    message = [finding.message.partition(" ")[0] for finding in diagnose(target, "certificate").findings]

    assert message == [VOICE_HOST, STREAM_HOST]


def test_an_expired_certificate_is_a_failure(target: DoctorTarget) -> None:
    target.edge.issue_certificate(VOICE_HOST, days=-1)

    diagnosis = diagnose(target, "certificate")

    assert diagnosis.find_only("✗").message.startswith(
        f"the certificate of {VOICE_HOST} is not valid: certificate has expired"
    )
    assert diagnosis.symbols == "✗✓", "the other name is looked at all the same"


def test_a_certificate_for_another_name_is_a_failure(target: DoctorTarget) -> None:
    target.edge.issue_certificate(STREAM_HOST, name="stream.example.com")

    assert "Hostname mismatch" in diagnose(target, "certificate").find_only("✗").message


def test_a_certificate_that_expires_soon_is_a_warning(target: DoctorTarget) -> None:
    target.edge.issue_certificate(STREAM_HOST, days=13.5)

    assert diagnose(target, "certificate").find_only("!").message.endswith("good for 13 more days")


def test_a_certificate_that_is_not_publicly_trusted_is_an_error(target: DoctorTarget) -> None:
    """What the doctor says of the sandbox's own authority, had nobody told it to trust it."""
    with pytest.raises(DoctorError, match="unable to get local issuer certificate"):
        Network(target.edge.connect).open_tls(VOICE_HOST)


def test_a_name_that_does_not_resolve_is_a_failure(target: DoctorTarget) -> None:
    target.edge.closed.add(STREAM_HOST)

    assert f"the name {STREAM_HOST} does not resolve" in diagnose(target, "certificate").find_only("✗").message


def test_a_url_that_is_not_encrypted_is_a_failure(target: DoctorTarget) -> None:
    target.stack.outputs["StreamUrl"] = f"ws://{STREAM_HOST}/media-stream"

    assert f"ws://{STREAM_HOST}/media-stream is not encrypted" in diagnose(target, "certificate").find_only("✗").message
