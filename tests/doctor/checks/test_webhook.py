"""doctor.checks.webhook: the real function behind the sandbox's API Gateway, and what can be wrong with it."""

import secrets

import pytest

from sandbox.aws.faults import Fails, Throttles
from sandbox.doctor_target.target import VOICE_HOST, DoctorTarget
from sandbox.http_stand_in import HttpStandIn, Request, Response
from tests.doctor.runs import diagnose, read, write

SIGNED, UNSIGNED = 0, 1


def test_a_test_call_opens_a_stream_and_is_recorded(target: DoctorTarget) -> None:
    diagnosis = diagnose(target, "webhook", "record")

    assert diagnosis.symbols == "✓✓✓"
    assert "CAd0c70e" in diagnosis.findings[SIGNED].message


def test_a_token_is_accepted_as_soon_as_it_is_stored(target: DoctorTarget) -> None:
    diagnose(target, "webhook")  # from now on the function keeps the secret for a while
    write(target, "twilio", read(target, "twilio") | {"TWILIO_AUTH_TOKEN": secrets.token_hex(16)})

    assert diagnose(target, "webhook").symbols == "✓✓"


def test_a_stream_token_may_be_signed_by_the_other_secret_of_a_rotation(target: DoctorTarget) -> None:
    before = read(target, "twilio")
    diagnose(target, "webhook")
    both = {"STREAM_TOKEN_SECRET": "s" * 40, "STREAM_TOKEN_SECRET_NEXT": before["STREAM_TOKEN_SECRET"]}
    write(target, "twilio", before | both)

    assert diagnose(target, "webhook").symbols == "✓✓"


class Refuses(HttpStandIn):
    def respond(self, _: Request) -> Response:
        return Response(403)


def test_a_function_with_another_token_is_a_failure(target: DoctorTarget) -> None:
    with Refuses() as refuses:
        target.edge.places[VOICE_HOST] = refuses.origin
        diagnosis = diagnose(target, "webhook")

    assert "refuses a request that is signed with the secret's auth token (403)" in diagnosis.findings[SIGNED].message
    assert diagnosis.symbols == "✗✓"


def test_a_stream_token_signed_by_another_secret_is_a_failure(target: DoctorTarget) -> None:
    diagnose(target, "webhook")
    write(target, "twilio", read(target, "twilio") | {"STREAM_TOKEN_SECRET": "s" * 40})

    assert (
        "the container will refuse its token (InvalidSignatureError)"
        in diagnose(target, "webhook").find_only("✗").message
    )


def test_a_function_that_was_deployed_with_another_stream_is_a_failure(target: DoctorTarget) -> None:
    target.stack.outputs["StreamUrl"] = "wss://new.warmline.test/media-stream"

    said = diagnose(target, "webhook").find_only("✗").message
    assert "the stream goes to wss://stream.warmline.test/media-stream, not to wss://new" in said


@pytest.mark.parametrize("fault", [Fails(), Throttles()])
def test_a_function_that_fails_is_a_failure(target: DoctorTarget, fault: Fails | Throttles) -> None:
    target.installation.cloud.functions["voice_webhook"].fault = fault

    finding = diagnose(target, "webhook").findings[SIGNED]

    assert finding.message == "VoiceUrl answered a signed request with HTTP 500"
    assert "the log of voice_webhook in CloudWatch" in finding.remedy


def test_a_url_with_another_path_is_a_failure(target: DoctorTarget) -> None:
    target.stack.outputs["VoiceUrl"] = f"https://{VOICE_HOST}/prod/voice/incoming"

    assert diagnose(target, "webhook").findings[SIGNED].message == "VoiceUrl answered a signed request with HTTP 404"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("<Response><Say>Welcome!</Say></Response>", "VoiceUrl opens no stream; the caller hears: Welcome!"),
        ("<Response/>", "VoiceUrl opens no stream; the caller hears: nothing"),
        ("<html/>", "VoiceUrl answered with <html>: expected <Response>"),
        ("It works!", "VoiceUrl answered with something that is not XML"),
    ],
)
def test_a_server_that_answers_every_request_alike_is_a_failure(target: DoctorTarget, document: str, said: str) -> None:
    target.edge.answers["/voice/incoming"] = document

    diagnosis = diagnose(target, "webhook")

    assert said in diagnosis.findings[SIGNED].message
    assert "without a signature with HTTP 200, and not with 403" in diagnosis.findings[UNSIGNED].message


def test_a_server_that_cannot_be_reached_is_reported(target: DoctorTarget) -> None:
    target.edge.closed.add(VOICE_HOST)

    assert [finding.message for finding in diagnose(target, "webhook").findings] == [
        f"VoiceUrl: the name {VOICE_HOST} does not resolve"
    ] * 2


def test_a_call_that_was_not_recorded_is_a_failure(target: DoctorTarget) -> None:
    assert "is not in the table warmline-calls" in diagnose(target, "record").find_only("✗").message


def test_an_error_of_the_table_is_reported(target: DoctorTarget) -> None:
    target.installation.cloud.dynamodb.fault = Fails()

    assert "AWS answered Query with InternalServerError" in diagnose(target, "record").find_only("✗").message


def test_a_missing_table_is_reported(target: DoctorTarget) -> None:
    target.stack.outputs["CallsTable"] = "other-calls"

    assert "ResourceNotFoundException" in diagnose(target, "record").find_only("✗").message
