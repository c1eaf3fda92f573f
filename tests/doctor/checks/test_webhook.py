"""doctor.checks.webhook: the real function behind the sandbox's gateway, and what can be wrong with it."""

import secrets

import pytest

from sandbox.aws.faults import Fails, Throttles
from sandbox.doctor_target.target import VOICE_HOST, Examined
from sandbox.http_stand_in import HttpStandIn, Request, Response
from tests.doctor.runs import read, visit, write

SIGNED, UNSIGNED = 0, 1


def test_a_made_up_call_opens_a_stream_and_is_written_down(whole: Examined) -> None:
    seen = visit(whole, "webhook", "record")

    assert seen.signs == "✓✓✓"
    assert "CAd0c70e" in seen.found[SIGNED].says


def test_a_token_that_was_stored_a_moment_ago_is_good_already(whole: Examined) -> None:
    visit(whole, "webhook")  # from now on the function keeps the secret for a while
    write(whole, "twilio", read(whole, "twilio") | {"TWILIO_AUTH_TOKEN": secrets.token_hex(16)})

    assert visit(whole, "webhook").signs == "✓✓"


def test_a_stream_s_token_may_be_by_the_secret_that_was_there_before(whole: Examined) -> None:
    before = read(whole, "twilio")
    visit(whole, "webhook")
    both = {"STREAM_TOKEN_SECRET": "s" * 40, "STREAM_TOKEN_SECRET_NEXT": before["STREAM_TOKEN_SECRET"]}
    write(whole, "twilio", before | both)

    assert visit(whole, "webhook").signs == "✓✓"


class Refuses(HttpStandIn):
    def response(self, _: Request) -> Response:
        return Response(403)


def test_a_function_that_does_not_know_the_token_is_wrong(whole: Examined) -> None:
    with Refuses() as refuses:
        whole.edge.places[VOICE_HOST] = refuses.origin
        seen = visit(whole, "webhook")

    assert "refuses a request that is signed with the secret's auth token (403)" in seen.found[SIGNED].says
    assert seen.signs == "✗✓"


def test_another_secret_for_the_streams_token_is_noticed(whole: Examined) -> None:
    visit(whole, "webhook")
    write(whole, "twilio", read(whole, "twilio") | {"STREAM_TOKEN_SECRET": "s" * 40})

    assert "the container will refuse its token (InvalidSignatureError)" in visit(whole, "webhook").one("✗").says


def test_a_function_that_was_deployed_with_another_stream_is_noticed(whole: Examined) -> None:
    whole.stack.outputs["StreamUrl"] = "wss://new.warmline.test/media-stream"

    said = visit(whole, "webhook").one("✗").says
    assert "the stream goes to wss://stream.warmline.test/media-stream, not to wss://new" in said


@pytest.mark.parametrize("fault", [Fails(), Throttles()])
def test_a_function_that_fails_is_wrong(whole: Examined, fault: Fails | Throttles) -> None:
    whole.house.cloud.functions["voice_webhook"].fault = fault

    finding = visit(whole, "webhook").found[SIGNED]

    assert finding.says == "VoiceUrl answered a signed request with HTTP 500"
    assert "the log of voice_webhook in CloudWatch" in finding.cure


def test_a_url_that_leads_nowhere_is_wrong(whole: Examined) -> None:
    whole.stack.outputs["VoiceUrl"] = f"https://{VOICE_HOST}/prod/voice/incoming"

    assert visit(whole, "webhook").found[SIGNED].says == "VoiceUrl answered a signed request with HTTP 404"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("<Response><Say>Welcome!</Say></Response>", "VoiceUrl opens no stream; the caller hears: Welcome!"),
        ("<Response/>", "VoiceUrl opens no stream; the caller hears: nothing"),
        ("<html/>", "VoiceUrl answered with <html>: expected <Response>"),
        ("It works!", "VoiceUrl answered with what is no XML"),
    ],
)
def test_whoever_answers_everybody_alike_is_found_out(whole: Examined, document: str, said: str) -> None:
    whole.edge.answers["/voice/incoming"] = document

    seen = visit(whole, "webhook")

    assert said in seen.found[SIGNED].says
    assert "without a signature with HTTP 200, and not with 403" in seen.found[UNSIGNED].says


def test_a_server_that_is_away_is_a_line(whole: Examined) -> None:
    whole.edge.closed.add(VOICE_HOST)

    assert [finding.says for finding in visit(whole, "webhook").found] == [
        f"VoiceUrl: the name {VOICE_HOST} does not resolve"
    ] * 2


def test_a_call_that_was_not_written_down_is_wrong(whole: Examined) -> None:
    assert "is not in the table warmline-calls" in visit(whole, "record").one("✗").says


def test_a_table_that_fails_is_a_line(whole: Examined) -> None:
    whole.house.cloud.dynamodb.fault = Fails()

    assert "AWS answered Query with InternalServerError" in visit(whole, "record").one("✗").says


def test_a_table_that_is_not_there_is_a_line(whole: Examined) -> None:
    whole.stack.outputs["CallsTable"] = "other-calls"

    assert "ResourceNotFoundException" in visit(whole, "record").one("✗").says
