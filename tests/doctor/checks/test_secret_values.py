"""doctor.checks.secret_values: what is stored, judged without being shown."""

import pytest

from sandbox.aws.faults import Fails
from sandbox.doctor_target.target import Examined
from tests.doctor.runs import read, visit, write


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
def test_a_value_that_cannot_be_right_is_named(whole: Examined, secret: str, name: str, value: str) -> None:
    write(whole, secret, read(whole, secret) | {name: value})

    finding = visit(whole, "secrets").one("✗")

    assert f"warmline/{secret}: {name}" in finding.says
    assert "make secrets" in finding.cure
    assert "secret-but" not in finding.says


def test_a_secret_that_was_made_anew_is_not_the_one_that_was_deployed(whole: Examined) -> None:
    whole.stack.outputs["OpenAISecretArn"] += "x"

    finding = visit(whole, "secrets").one("✗")

    assert finding.says == "the secret warmline/openai that was deployed does not exist any more"


def test_a_secret_that_is_no_json_is_refused(whole: Examined) -> None:
    whole.aws.secrets.put_secret_value(SecretId="warmline/openai", SecretString="sk-just-the-key")

    assert visit(whole, "secrets").one("✗").says == "the secret warmline/openai holds no JSON object"


def test_a_service_that_fails_is_a_line(whole: Examined) -> None:
    whole.house.cloud.secrets.fault = Fails()

    assert visit(whole, "secrets").signs == "✗✗"


@pytest.mark.parametrize(
    ("step", "cure"),
    [
        ("begun", "`make secrets ROTATE=switch`, and then `make secrets ROTATE=end`"),
        ("switched", "`make secrets ROTATE=end`"),
    ],
)
def test_a_rotation_that_is_under_way_is_told(whole: Examined, step: str, cure: str) -> None:
    write(whole, "twilio", read(whole, "twilio") | {"STREAM_TOKEN_SECRET_NEXT": "s3cret" * 10, "ROTATION": step})

    finding = visit(whole, "secrets").one("!")

    assert "warmline/twilio has STREAM_TOKEN_SECRET_NEXT: a rotation is under way" in finding.says
    assert finding.cure == f"{cure} when the old ones are not needed any more"
    assert "s3cret" not in finding.says
