"""The deployed functions, run with the permissions of their roles: they and the container help a caller together."""

import json
from pathlib import Path
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import pytest
from twilio.request_validator import RequestValidator

from call_record import CallTable, Turn
from events.sign import sign_event
from socket_server.settings import Settings
from socket_server.twilio.stream_auth import Signatures, read_token
from tests.deploy.deployment import TWILIO, WIRED, Account, Node

EVENTS = Path(__file__).parents[2] / "events"


def invoke(aws: Account, function: str, event: object) -> Node:
    """The answer of the deployed function, which runs with the permissions of its role."""
    answer = aws.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    payload = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, payload
    return payload


def list_aws_actions(role: Node) -> list[str]:
    statements = [one for policy in role["properties"]["Policies"] for one in policy["PolicyDocument"]["Statement"]]
    return [
        one
        for found in statements
        for one in ([found["Action"]] if isinstance(found["Action"], str) else found["Action"])
    ]


def make_post(name: str, voice_url: str) -> dict[str, object]:
    event = json.loads((EVENTS / "voice_webhook" / f"{name}.json").read_text())
    return sign_event(event, voice_url.partition("/voice/")[0], TWILIO["TWILIO_AUTH_TOKEN"])


def test_a_signed_request_opens_a_stream_that_the_container_admits(
    aws: Account, outputs: dict[str, str], settings: Settings
) -> None:
    event = make_post("incoming", outputs["VoiceUrl"])
    answer = invoke(aws, outputs["VoiceWebhookFunction"], event)
    stream = ElementTree.fromstring(answer["body"]).find("Connect/Stream")  # noqa: S314 (our own)

    assert stream is not None
    assert stream.get("url") == settings.stream_url
    token = next(one.get("value", "") for one in stream.findall("Parameter") if one.get("name") == "token")
    call_sid = dict(parse_qsl(str(event["body"])))["CallSid"]
    assert read_token(token, call_sid, [settings.stream_token_secret]).jti
    # That way round as well: the container takes the handshake that Twilio signs.
    signature = RequestValidator(TWILIO["TWILIO_AUTH_TOKEN"]).compute_signature(outputs["StreamUrl"], {})
    assert Signatures([settings.twilio_auth_token], settings.stream_url).verify(signature)


def test_container_and_functions_help_a_caller_within_their_permissions(
    aws: Account, resources: dict[str, Node], outputs: dict[str, str], settings: Settings
) -> None:
    """The model fails, so the webhook has a person rung."""
    event = make_post("after_stream", outputs["VoiceUrl"])
    call_sid, jti = dict(parse_qsl(str(event["body"])))["CallSid"], str(event["rawQueryString"]).partition("=")[2]
    task_role = resources["TaskRole"]["id"]
    asked = aws.client("lambda", task_role).invoke(
        FunctionName=settings.transfer_function, Payload=json.dumps({"action": "destinations"})
    )
    assert json.loads(asked["Payload"].read())["destinations"]
    for secret_id in (settings.secret_id, settings.openai_secret_id):
        assert aws.client("secretsmanager", task_role).get_secret_value(SecretId=secret_id)["SecretString"]
    record = CallTable(aws.client("dynamodb", task_role), settings.calls_table)
    assert record.claim_stream(call_sid, jti, "MZ" + "0" * 32)
    record.add_turn(call_sid, Turn(1, "caller", "I need help", "I need help"))
    erasing = CallTable(aws.client("dynamodb", task_role), settings.calls_table, keep_transcripts=False)
    erasing.add_turn(call_sid, Turn(2, "caller", "Now", "Now"))  # it looks whether the call is over
    record.end_stream(call_sid, jti, "model_failed", 0)
    assert record.read(call_sid).turns
    answer = invoke(aws, outputs["VoiceWebhookFunction"], event)

    assert "<Dial" in answer["body"]
    used = aws.permissions(WIRED, "used")
    assert ("VoiceWebhookRole", "lambda:InvokeFunction") in used
    assert ("TransferRole", "dynamodb:PutItem") in used
    assert {action for role, action in used if role == "TaskRole"} == set(list_aws_actions(resources["TaskRole"]))


@pytest.mark.parametrize("name", ["destinations", "end_dry_run", "next_dry_run", "transfer_dry_run"])
def test_a_test_event_that_contacts_nobody_is_answered(aws: Account, outputs: dict[str, str], name: str) -> None:
    event = json.loads((EVENTS / "transfer" / f"{name}.json").read_text())

    assert invoke(aws, outputs["TransferFunction"], event).get("status") != "failed"


def test_nothing_that_a_function_asked_for_was_refused(aws: Account, outputs: dict[str, str]) -> None:
    invoke(aws, outputs["VoiceWebhookFunction"], make_post("incoming", outputs["VoiceUrl"]))

    assert aws.permissions(WIRED, "refused") == set()
    assert {role for role, _ in aws.permissions(WIRED, "used")} >= {"VoiceWebhookRole", "DeployCheckRole"}
