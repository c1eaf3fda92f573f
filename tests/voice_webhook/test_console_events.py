"""The test events of voice_webhook: each one is what Twilio would post, and the real handler answers it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from events.sign import EXAMPLE_TOKEN, EXAMPLE_URL, FOLDER, main, sign_event
from tests.console_events import load, read_expected, summarize_webhook
from tests.voice_webhook.conftest import STREAM_SECRET, answer

EVENTS = sorted(FOLDER.glob("*.json"))


@pytest.fixture
def example_account(cold: None) -> None:  # noqa: ARG001 (it changes the secret)
    secret = json.dumps({"TWILIO_AUTH_TOKEN": EXAMPLE_TOKEN, "STREAM_TOKEN_SECRET": STREAM_SECRET})
    boto3.client("secretsmanager").put_secret_value(SecretId="warmline", SecretString=secret)


@pytest.mark.usefixtures("example_account")
@pytest.mark.parametrize("file", EVENTS, ids=lambda file: file.stem)
def test_every_event_is_signed_and_answered(file: Path) -> None:
    answered = answer(load(file))

    assert summarize_webhook(answered.status, answered.body) == read_expected(file)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("file", EVENTS, ids=lambda file: file.stem)
def test_an_account_of_one_s_own_refuses_them_as_they_are_shipped(file: Path) -> None:
    assert answer(load(file)).status == 403


@pytest.mark.parametrize("file", EVENTS, ids=lambda file: file.stem)
def test_the_shipped_events_are_what_the_command_makes_of_them(file: Path) -> None:
    assert sign_event(load(file), EXAMPLE_URL, EXAMPLE_TOKEN) == load(file)


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("url", ["https://voice.example.com", "https://xyz.execute-api.eu-west-1.amazonaws.com/prod"])
def test_signed_anew_they_are_let_in(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "a" * 32)

    assert main(["--url", url, "--to", str(tmp_path)]) == 0

    files = sorted(tmp_path.glob("*.json"))
    assert [file.name for file in files] == [file.name for file in EVENTS]
    assert {answer(load(file)).status for file in files} == {200, 204}


def test_what_was_changed_is_signed_as_it_is() -> None:
    event = load(FOLDER / "incoming.json")
    changed = event | {"body": event["body"].replace("15550100001", "15550100007")}

    assert sign_event(changed, EXAMPLE_URL, EXAMPLE_TOKEN)["headers"] != event["headers"]


def test_a_signed_event_can_be_signed_again_for_another_stage() -> None:
    once = sign_event(load(FOLDER / "incoming.json"), EXAMPLE_URL + "/prod", EXAMPLE_TOKEN)

    assert once["rawPath"] == "/prod/voice/incoming"
    assert sign_event(once, EXAMPLE_URL, EXAMPLE_TOKEN) == load(FOLDER / "incoming.json")


@pytest.mark.parametrize(
    "url", ["http://voice.example.com", "voice.example.com", "https://a?b=c", "https://a.example/voice/incoming"]
)
def test_a_bad_url_is_refused(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--url", url])
    assert "expected https://host" in capsys.readouterr().err


def test_the_command_takes_the_token_from_the_environment(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "events.sign", "--url", EXAMPLE_URL, "--to", str(tmp_path)]
    environment = os.environ | {"TWILIO_AUTH_TOKEN": EXAMPLE_TOKEN}

    subprocess.run(command, cwd=FOLDER.parents[1], env=environment, check=True, capture_output=True)

    assert [load(tmp_path / file.name) for file in EVENTS] == [load(file) for file in EVENTS]


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("abc", "the auth token: expected 32 hexadecimal digits, got 3 characters"),
        ("g" * 32, "the auth token: expected 32 hexadecimal digits, got 32 characters"),
        ("", "TWILIO_AUTH_TOKEN: set it, or start this at a terminal"),
    ],
)
def test_without_a_token_that_can_be_one_nothing_is_signed(tmp_path: Path, token: str, said: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "events.sign", "--url", EXAMPLE_URL, "--to", str(tmp_path / "signed")],
        cwd=FOLDER.parents[1],
        env=os.environ | {"TWILIO_AUTH_TOKEN": token},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.returncode, run.stdout) == (2, "")
    assert said in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "signed").exists()
