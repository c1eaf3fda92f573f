"""The voice_webhook function as API Gateway invokes it: who is let in, and what is heard when something breaks."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

import call_record
import voice_webhook
from call_record import CallRecord, CallTable
from environment import SettingsError
from read_limit import READS
from secret_cache import SecretError
from tests.lambdas import TABLE, Context, Metric, capture_log, lose_writes, read_metrics
from tests.voice_webhook.conftest import CALL, FORM, ORIGIN, SECRET, TOKEN, answer, ask, event, read_log


def incoming(**changes: Any) -> dict[str, Any]:
    return event("/voice/incoming", FORM) | changes


def make_event_with_header(name: str, value: str) -> dict[str, Any]:
    signed = event("/voice/incoming", FORM)
    return signed | {"headers": signed["headers"] | {name: value}}


@pytest.mark.parametrize(
    "stranger",
    [
        make_event_with_header("x-twilio-signature", ""),
        make_event_with_header("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        make_event_with_header("x-twilio-signature", "\u00e9\ud800"),
        make_event_with_header("content-type", "application/json"),
        make_event_with_header("content-type", ""),
        incoming(headers={}),
        incoming(headers=None),
        incoming(body=None),
        incoming(body="{}", isBase64Encoded=False),
        incoming(body="!!!"),
        incoming(body="\u00e9"),
        incoming(body=base64.b64encode(b"CallSid=\xff\xfe").decode()),
        incoming(body=base64.b64encode(b"\x00\xff" * 100).decode()),
        incoming(body=base64.b64encode(b"a=&" * 1000).decode()),
        incoming(body=base64.b64encode(b"x" * 100_000).decode()),
        incoming(rawQueryString="a=b"),
        incoming(rawPath="/voice/incoming\u00e9"),
        incoming(requestContext={"domainName": "evil.example.com", "http": {"method": "POST"}, "stage": "$default"}),
    ],
)
def test_what_twilio_did_not_sign_gets_403_and_no_word(table: CallTable, stranger: dict[str, Any]) -> None:
    answered = answer(stranger)

    assert (answered.status, answered.body) == (403, "")
    assert table.read(CALL).call is None


@pytest.mark.parametrize(
    ("changed", "is_counted"),
    [
        ({}, True),
        ({"AccountSid": "AC" + "9" * 32}, False),
        ({"AccountSid": None}, False),
        ({"CallSid": "CA1"}, False),
    ],
)
@pytest.mark.usefixtures("cold")
def test_a_request_about_a_call_of_ours_that_we_refuse_is_counted(
    changed: dict[str, str | None], is_counted: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = SECRET | {"TWILIO_ACCOUNT_SID": FORM["AccountSid"]}
    boto3.client("secretsmanager").put_secret_value(SecretId="warmline", SecretString=json.dumps(secret))
    form = {name: value for name, value in (FORM | changed).items() if value is not None}

    assert answer(event("/voice/incoming", form, token="another" * 5)).status == 403

    counted = [metric.name for metric in read_metrics(capsys.readouterr().out)]
    assert counted == (["RequestsRefused"] if is_counted else [])


@pytest.mark.usefixtures("aws")
def test_where_our_account_is_not_known_a_stranger_raises_no_alarm(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(event("/voice/incoming", FORM, token="another" * 5)).status == 403

    assert read_metrics(capsys.readouterr().out) == []


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("garbage", [None, [], "event", 7, {}, {"rawPath": None}, {"rawPath": "/voice/incoming"}])
def test_what_is_no_event_of_the_api_gets_403_too(garbage: Any) -> None:
    assert answer(garbage).status == 403


@pytest.mark.usefixtures("aws")
def test_a_host_header_or_a_forwarded_one_changes_nothing() -> None:
    for name in ("host", "x-forwarded-host", "x-forwarded-proto"):
        assert answer(make_event_with_header(name, "evil.example.com")).status == 200


@pytest.mark.usefixtures("aws")
def test_a_stage_is_part_of_what_is_signed_and_of_every_url() -> None:
    answered = answer(event("/voice/incoming", FORM, stage="prod"))

    assert answered.status == 200
    assert answered.xml[0].get("action", "").startswith(f"{ORIGIN}/prod/voice/after-stream?stream=")


@pytest.mark.usefixtures("cold")
def test_an_origin_in_front_of_the_gateway_is_what_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICE_URL", ORIGIN)
    behind = event("/voice/incoming", FORM, stage="$default")
    behind["requestContext"]["domainName"] = "internal.example.com"

    answered = answer(behind)

    assert answered.status == 200
    assert answered.xml[0].get("action", "").startswith(f"{ORIGIN}/voice/after-stream")
    assert "internal" not in answered.body


@pytest.mark.usefixtures("cold")
@pytest.mark.parametrize("shown", ["/voice/incoming", "/twilio/voice/incoming"])
def test_an_origin_with_a_path_is_what_is_signed_and_what_every_url_begins_with(
    monkeypatch: pytest.MonkeyPatch, shown: str
) -> None:
    base = "https://api.example.com/twilio"
    monkeypatch.setenv("VOICE_URL", base)
    answered = answer(event("/voice/incoming", FORM, base=base) | {"rawPath": shown})
    after = answered.xml[0].get("action", "").removeprefix(base)
    again = event(after, FORM, base=base)

    assert answered.status == 200
    assert answered.xml[0][0].get("statusCallback") == f"{base}/voice/stream-status"
    assert after.startswith("/voice/after-stream?stream=")
    assert answer(again).status == 200


@pytest.mark.usefixtures("aws")
def test_a_form_that_is_not_in_base64_is_read_too() -> None:
    signed = incoming()

    assert answer(signed | {"body": base64.b64decode(signed["body"]).decode(), "isBase64Encoded": False}).status == 200


@pytest.mark.usefixtures("aws")
def test_there_is_nothing_else_here() -> None:
    assert answer(event("/voice/elsewhere", FORM)).status == 404
    assert answer(event("/voice/elsewhere", FORM) | {"headers": {}}).status == 403


@pytest.mark.usefixtures("cold")
def test_a_defect_anywhere_behind_the_signature_is_heard_as_an_apology(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "no url")  # a client that cannot even be made

    answered = ask("/voice/incoming")

    assert (answered.status, answered.verbs) == (200, ["Say", "Hangup"])
    assert "A defect" in caplog.text


@pytest.mark.usefixtures("aws")
def test_no_number_and_no_token_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "voice_webhook")

    answered = ask("/voice/incoming")
    ask(f"/voice/after-stream?stream={answered.token['jti']}")
    answer(make_event_with_header("x-twilio-signature", "wrong"))

    said = read_log(caplog)
    assert said
    assert "+1555" not in said
    assert TOKEN not in said
    assert "eyJ" not in said


@pytest.mark.usefixtures("cold")
@pytest.mark.parametrize("name", ["SECRET_ID", "CALLS_TABLE", "STREAM_URL", "TRANSFER_FUNCTION"])
def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)

    with pytest.raises(SettingsError, match=rf"^{name}: expected a value, got nothing$"):
        ask("/voice/incoming")


@pytest.mark.usefixtures("cold")
def test_the_secret_is_read_once_for_many_requests() -> None:
    ask("/voice/incoming")
    rotated = {"TWILIO_AUTH_TOKEN": "c" * 32, "STREAM_TOKEN_SECRET": "d" * 32}
    boto3.client("secretsmanager").put_secret_value(SecretId="warmline", SecretString=json.dumps(rotated))

    assert ask("/voice/incoming").status == 200


LATER = "c" * 32


def store(**parts: object) -> None:
    boto3.client("secretsmanager").put_secret_value(SecretId="warmline", SecretString=json.dumps(SECRET | parts))


def ask_signed_with(token: str) -> int:
    return answer(event("/voice/incoming", FORM, token=token)).status


@pytest.mark.usefixtures("cold")
def test_both_tokens_are_good_while_one_follows_the_other() -> None:
    store(TWILIO_AUTH_TOKEN_NEXT=LATER)

    assert [ask_signed_with(token) for token in (TOKEN, LATER, "d" * 32)] == [200, 200, 403]


@pytest.mark.usefixtures("cold")
def test_a_token_that_was_stored_a_moment_ago_is_good_at_once_and_the_old_one_no_more() -> None:
    before = ask_signed_with(TOKEN)
    store(TWILIO_AUTH_TOKEN=LATER)

    assert [before, ask_signed_with(LATER), ask_signed_with(TOKEN)] == [200, 200, 403]


def test_a_bad_key_in_place_of_a_next_one_is_told_and_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    parts = {
        "TWILIO_AUTH_TOKEN": "a",
        "STREAM_TOKEN_SECRET": "b" * 32,
        "TWILIO_AUTH_TOKEN_NEXT": "a s3cret with blanks",
    }

    keys = voice_webhook.read_keys(json.dumps(parts))

    (record,) = caplog.records
    assert keys.auth_tokens == ("a",)
    assert "TWILIO_AUTH_TOKEN_NEXT" in str(record.__dict__)
    assert "s3cret" not in str(record.__dict__)


@pytest.mark.usefixtures("cold")
def test_forged_requests_do_not_make_the_secret_be_read_again_and_again() -> None:
    ask_signed_with(TOKEN)
    reads: list[object] = []
    voice_webhook.secret()._client().meta.events.register_first(
        "before-send.secretsmanager", lambda **_: reads.append(1)
    )
    refused = [ask_signed_with("d" * 32) for _ in range(3 * READS)]
    refused += [answer(make_event_with_header("x-twilio-signature", "no signature")).status]

    assert set(refused) == {403}
    assert len(reads) == READS
    assert ask_signed_with(TOKEN) == 200


@pytest.mark.usefixtures("cold")
@pytest.mark.parametrize("garbage", [7, "two words", [], "\ud800"])
def test_a_next_token_that_is_garbage_refuses_nobody(garbage: object) -> None:
    store(TWILIO_AUTH_TOKEN_NEXT=garbage)

    assert ask_signed_with(TOKEN) == 200


@pytest.mark.usefixtures("cold")
def test_streams_tokens_are_minted_with_the_present_secret_alone() -> None:
    store(STREAM_TOKEN_SECRET_NEXT="e" * 32)

    assert ask("/voice/incoming").token["sub"] == CALL  # the present one verifies it


@pytest.mark.usefixtures("aws")
def test_a_connection_that_died_while_the_function_slept_is_no_missing_database() -> None:
    client = boto3.client("dynamodb", config=voice_webhook.DATABASE)
    lose_writes(client, "Query", times=1)

    assert CallTable(client, TABLE).read(CALL) == CallRecord()


@pytest.mark.parametrize("besides", [{}, {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start", "AWS_DEFAULT_REGION": "x"}])
def test_importing_the_function_reads_no_setting(besides: dict[str, str]) -> None:
    folders = [Path(voice_webhook.__file__).parent, Path(call_record.__file__).parent]
    command = [sys.executable, "-c", "import voice_webhook"]
    environment = {"PYTHONPATH": os.pathsep.join(map(str, folders))} | besides

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.usefixtures("cold")
def test_a_defect_is_counted_as_an_apology(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "no url")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "warmline-prod")

    ask("/voice/incoming")

    assert read_metrics(capsys.readouterr().out) == [Metric("Apologies", 1, "Count", (("service", "warmline-prod"),))]


@pytest.mark.usefixtures("aws")
def test_every_line_names_its_call_and_no_other() -> None:
    with capture_log(voice_webhook.logger) as out:
        ask("/voice/after-stream?stream=j1")
        ask("/voice/stream-status", CallSid="CA" + "9" * 32, StreamEvent="stream-error", StreamError="31920")
        answer(make_event_with_header("x-twilio-signature", "wrong"))
        answer(incoming(body="garbage"))

    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(line["message"], line.get("call_sid")) for line in lines] == [
        ("The stream is over", CALL),
        ("The stream failed", "CA" + "9" * 32),
        ("Refused a request without Twilio's signature", CALL),
        ("Refused a request without Twilio's signature", None),
    ]


@pytest.mark.usefixtures("cold")
def test_a_request_without_an_answer_is_logged_with_its_call_and_only_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SECRET_ID", "another")

    with capture_log(voice_webhook.logger) as out, pytest.raises(SecretError):
        ask("/voice/incoming")

    [line] = map(json.loads, out.getvalue().splitlines())
    assert (line["message"], line["call_sid"]) == ("No answer; Twilio asks the fallback URL", CALL)
    assert [record.name for record in caplog.records if record.name.startswith("aws_lambda_powertools")] == []


@pytest.mark.usefixtures("aws")
def test_a_stranger_s_words_are_not_written_down() -> None:
    with capture_log(voice_webhook.logger) as out:
        answer(event("/voice/incoming?From=+15550100001&secret=word", FORM | {"CallSid": "a stranger's words"}))
        answer(incoming(rawQueryString="From=15550100001&secret=word"))

    assert len(out.getvalue().splitlines()) == 1
    assert "word" not in out.getvalue()
    assert "15550100001" not in out.getvalue()


@pytest.mark.usefixtures("cold")
def test_a_number_in_the_words_of_a_defect_is_not_written_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://+15550100001")

    with capture_log(voice_webhook.logger) as out:
        ask("/voice/incoming")

    assert "A defect" in out.getvalue()
    assert "+...001" in out.getvalue()
    assert "15550100001" not in out.getvalue()


def test_the_event_that_keeps_the_snapshot_is_no_request(caplog: pytest.LogCaptureFixture) -> None:
    answered = voice_webhook.lambda_handler({"keep": "snapshot"}, Context("voice_webhook"))

    assert (answered, read_log(caplog)) == ({}, "")


def test_nobody_makes_a_request_into_that_event() -> None:
    """What comes over HTTP is wrapped by API Gateway, whatever its body and query say."""
    posted = incoming(body=json.dumps(voice_webhook.KEEP_SNAPSHOT), isBase64Encoded=False)

    assert answer(posted | {"queryStringParameters": dict(voice_webhook.KEEP_SNAPSHOT)}).status == 403
    assert answer(incoming() | voice_webhook.KEEP_SNAPSHOT).status == 200
