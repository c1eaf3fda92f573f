"""doctor.checks.secret_values: invalid values are named and never shown."""

import pytest

from sandbox.aws.faults import Fails
from sandbox.doctor_target.target import DoctorTarget
from tests.doctor.runs import diagnose, read, write


@pytest.mark.parametrize(
    ("secret", "name", "value"),
    [
        ("twilio", "TWILIO_ACCOUNT_SID", ""),
        ("twilio", "TWILIO_AUTH_TOKEN", "secret-but-no-token"),
        ("twilio", "STREAM_TOKEN_SECRET", "secret-but-short"),
        ("twilio", "TWILIO_API_KEY_SID", "SK" + "0" * 32),  # without its secret
        ("openai", "OPENAI_API_KEY", "secret-but no-key"),
    ],
)
def test_an_invalid_value_is_named(target: DoctorTarget, secret: str, name: str, value: str) -> None:
    write(target, secret, read(target, secret) | {name: value})

    finding = diagnose(target, "secrets").find_only("✗")

    assert f"warmline/{secret}: {name}" in finding.message
    assert "make secrets" in finding.remedy
    assert "secret-but" not in finding.message


def test_a_secret_that_was_created_again_is_not_the_deployed_one(target: DoctorTarget) -> None:
    target.stack.outputs["OpenAISecretArn"] += "x"

    finding = diagnose(target, "secrets").find_only("✗")

    assert finding.message == "the secret warmline/openai that was deployed does not exist any more"


def test_a_secret_that_is_not_json_is_a_failure(target: DoctorTarget) -> None:
    target.aws.secrets.put_secret_value(SecretId="warmline/openai", SecretString="sk-just-the-key")

    assert diagnose(target, "secrets").find_only("✗").message == "the secret warmline/openai is not a JSON object"


def test_an_error_of_secrets_manager_is_reported(target: DoctorTarget) -> None:
    target.installation.cloud.secrets.fault = Fails()

    assert diagnose(target, "secrets").symbols == "✗✗"


@pytest.mark.parametrize(
    ("step", "remedy"),
    [
        ("begun", "`make secrets ROTATE=switch`, and then `make secrets ROTATE=end`"),
        ("switched", "`make secrets ROTATE=end`"),
    ],
)
def test_a_rotation_in_progress_is_a_warning(target: DoctorTarget, step: str, remedy: str) -> None:
    write(target, "twilio", read(target, "twilio") | {"STREAM_TOKEN_SECRET_NEXT": "s3cret" * 10, "ROTATION": step})

    finding = diagnose(target, "secrets").find_only("!")

    assert "warmline/twilio has STREAM_TOKEN_SECRET_NEXT: a rotation is in progress" in finding.message
    assert finding.remedy == f"{remedy} when the old ones are not needed any more"
    assert "s3cret" not in finding.message
