"""The transfer function as Lambda invokes it: its settings, its secret, and what is no request."""

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

import call_record
import transfer
from call_record import CallRecord, CallTable
from environment import SettingsError
from tests.lambdas import TABLE, Context, capture_log, lose_writes, make_count, read_metrics
from tests.transfer.conftest import CALL, TRANSFER, Invoke
from tests.twilio_rest_api import TwilioRestApi


@pytest.mark.usefixtures("cold")
def test_a_secret_that_cannot_be_read_is_a_failure_and_claims_nothing(
    invoke: Invoke, table: CallTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_ID", "another")

    assert invoke(TRANSFER)["status"] == "failed"
    assert table.read(CALL).attempts == ()


@pytest.mark.parametrize("event", [None, [], "transfer", 7, {}, {"action": "dial"}, {"action": None}])
def test_what_is_no_request_is_told_what_was_expected(rest: TwilioRestApi, event: object) -> None:
    answer = transfer.lambda_handler(event, Context("transfer"))

    assert answer["status"] == "failed"
    assert "xpected" in str(answer["error"]) or "missing" in str(answer["error"])
    assert rest.requests == []


@pytest.mark.usefixtures("cold")
def test_a_missing_setting_is_named(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VOICE_URL")

    with pytest.raises(SettingsError, match=r"^VOICE_URL: expected a value, got nothing$"):
        invoke(TRANSFER)


@pytest.mark.usefixtures("cold")
def test_an_api_key_of_the_secret_is_used_for_rest(invoke: Invoke, rest: TwilioRestApi) -> None:
    key = {"TWILIO_API_KEY_SID": "SK1", "TWILIO_API_KEY_SECRET": "s"}
    secret = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t"} | key
    boto3.client("secretsmanager").put_secret_value(SecretId="warmline", SecretString=json.dumps(secret))

    answer = invoke(TRANSFER)  # which the REST API refuses, because it knows the account's own token only

    assert "20003" in answer["error"]
    assert rest.requests == [("update", CALL)]


@pytest.mark.usefixtures("aws")
def test_a_connection_that_died_while_the_function_slept_is_no_missing_database() -> None:
    client = boto3.client("dynamodb", config=transfer.DATABASE)
    lose_writes(client, "Query", times=1)

    assert CallTable(client, TABLE).read(CALL) == CallRecord()


def test_importing_the_function_reads_no_setting() -> None:
    folders = [Path(transfer.__file__).parent, Path(call_record.__file__).parent]
    command = [sys.executable, "-c", "import transfer"]
    environment = {"PYTHONPATH": os.pathsep.join(map(str, folders))}

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_transfer_is_counted_by_its_outcome(invoke: Invoke, capsys: pytest.CaptureFixture[str]) -> None:
    invoke(TRANSFER)
    invoke(TRANSFER | {"destination": "the_king"})
    invoke({"action": "next", "call_sid": CALL})

    assert read_metrics(capsys.readouterr().out) == [
        make_count("Transfers", outcome="moved"),
        make_count("Transfers", outcome="unknown_destination"),
        make_count("Transfers", outcome="twiml"),
    ]


@pytest.mark.parametrize("changes", [{"call_sid": "CA" + "9" * 32}, {"call_sid": "x"}, {"action": "connect"}])
def test_a_failure_is_counted_as_one(
    invoke: Invoke, changes: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    invoke(TRANSFER | changes)

    assert read_metrics(capsys.readouterr().out) == [
        make_count("TransferFailures"),
        make_count("Transfers", outcome="failed"),
    ]


@pytest.mark.usefixtures("cold")
def test_a_defect_is_a_failure_without_an_outcome(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VOICE_URL", "")

    with pytest.raises(SettingsError):
        invoke(TRANSFER)
    assert read_metrics(capsys.readouterr().out) == [make_count("TransferFailures")]


@pytest.mark.parametrize("event", [{"action": "destinations"}, TRANSFER | {"dry_run": True}, None, [], "transfer"])
def test_what_moves_no_call_is_not_counted(invoke: Invoke, event: object, capsys: pytest.CaptureFixture[str]) -> None:
    invoke(event)

    assert read_metrics(capsys.readouterr().out) == []


def test_every_line_names_its_call_and_no_other() -> None:
    with capture_log(transfer.logger) as out:
        transfer.lambda_handler(TRANSFER | {"action": "dial"}, Context("transfer"))
        transfer.lambda_handler({"action": "dial", "call_sid": "+15550100001"}, Context("transfer"))

    first, second = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["call_sid"], "call_sid" in second) == (CALL, False)


@pytest.mark.usefixtures("cold")
def test_a_defect_is_logged_with_its_call(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICE_URL", "")

    with capture_log(transfer.logger) as out, pytest.raises(SettingsError):
        invoke(TRANSFER)

    [line] = map(json.loads, out.getvalue().splitlines())
    assert (line["message"], line["call_sid"]) == ("A defect, or a bad setting", CALL)
    assert "VOICE_URL" in line["exception"]


def test_no_line_has_a_whole_number_or_what_was_said(invoke: Invoke) -> None:
    with capture_log(transfer.logger) as out:
        invoke(TRANSFER | {"call_sid": "+15550100001"})
        invoke(TRANSFER | {"call_sid": "CA" + "9" * 32})
        invoke(TRANSFER)

    assert out.getvalue().count("\n") >= 3
    assert "15550100001" not in out.getvalue()
    assert "bicycle" not in out.getvalue()


def test_twilio_s_library_writes_no_lines_of_its_own(invoke: Invoke, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO"):
        invoke(TRANSFER)

    assert [record.name for record in caplog.records if record.name.startswith("twilio.")] == []
