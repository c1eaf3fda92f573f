"""doctor.secrets: both secrets in one command, against Secrets Manager in a box."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.errors import DoctorError
from doctor.secrets import Asked, put
from sandbox.aws.cloud import Cloud
from sandbox.aws.faults import Fails

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

ROOT = Path(__file__).parents[2]
SID, TOKEN, OPENAI_KEY = "AC" + "1" * 32, "2" * 32, "sk-" + "3" * 40
API_KEY = {"TWILIO_API_KEY_SID": "SK" + "4" * 32, "TWILIO_API_KEY_SECRET": "5" * 32}
ANSWERS = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "OPENAI_API_KEY": OPENAI_KEY}


class User:
    """Answers by the name that a prompt begins with, in turn where there are several answers; Enter to all else."""

    def __init__(self, answers: Mapping[str, str | list[str]], environment: Mapping[str, str] | None = None) -> None:
        self.prompts: list[str] = []
        self.told = ""
        self._answers = {name: self._turns(answer) for name, answer in answers.items()}
        self.asked = Asked(environment or {}, self._answer, self._hear)

    def _turns(self, answer: str | list[str]) -> Iterator[str]:
        return iter([answer] if isinstance(answer, str) else answer)

    def _answer(self, prompt: str) -> str:
        self.prompts.append(prompt)
        name = prompt.partition(" ")[0].rstrip(":")
        return next(self._answers[name]) if name in self._answers else ""

    def _hear(self, text: str) -> None:
        self.told += text


@pytest.fixture
def put_by(vault: "SecretsManagerClient") -> Callable[[User], list[str]]:
    return lambda user: put(vault, "warmline/twilio", "warmline/openai", user.asked)


@pytest.fixture
def held(vault: "SecretsManagerClient") -> Callable[[str], dict[str, str]]:
    """What a secret holds."""
    return lambda name: dict(json.loads(vault.get_secret_value(SecretId=f"warmline/{name}")["SecretString"]))


type Put = Callable[[User], list[str]]
type Held = Callable[[str], dict[str, str]]


def test_both_secrets_are_created(put_by: Put, held: Held) -> None:
    assert put_by(User(ANSWERS)) == ["created", "created"]

    twilio = held("twilio")
    assert len(twilio.pop("STREAM_TOKEN_SECRET")) >= 43
    assert twilio == {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN}
    assert held("openai") == {"OPENAI_API_KEY": OPENAI_KEY}


def test_no_value_is_ever_shown(put_by: Put, held: Held) -> None:
    user = User(ANSWERS | API_KEY | {"TWILIO_AUTH_TOKEN": ["not-a-token", TOKEN]})

    put_by(user)

    shown = user.told + "".join(user.prompts)
    assert "TWILIO_AUTH_TOKEN" in shown
    for value in (*held("twilio").values(), *held("openai").values(), "not-a-token"):
        assert value not in shown


def test_a_second_time_keeps_what_is_not_given_anew(put_by: Put, held: Held) -> None:
    put_by(User(ANSWERS | API_KEY))
    before = held("twilio")

    assert put_by(User({"TWILIO_AUTH_TOKEN": "6" * 32})) == ["updated", "unchanged"]
    assert held("twilio") == before | {"TWILIO_AUTH_TOKEN": "6" * 32}


def test_the_secret_of_the_streams_token_is_made_once(put_by: Put, held: Held) -> None:
    put_by(User(ANSWERS))
    made = held("twilio")["STREAM_TOKEN_SECRET"]

    assert put_by(User({})) == ["unchanged", "unchanged"]
    assert held("twilio")["STREAM_TOKEN_SECRET"] == made


def test_one_that_is_too_short_is_made_anew(vault: "SecretsManagerClient", put_by: Put, held: Held) -> None:
    vault.create_secret(Name="warmline/twilio", SecretString='{"STREAM_TOKEN_SECRET": "short", "other": "1"}')

    assert put_by(User(ANSWERS)) == ["updated", "created"]
    assert len(held("twilio")["STREAM_TOKEN_SECRET"]) >= 43
    assert held("twilio")["other"] == "1", "what else a secret holds is none of ours"


def test_a_new_api_key_needs_its_secret(put_by: Put) -> None:
    put_by(User(ANSWERS | API_KEY))

    with pytest.raises(DoctorError, match="TWILIO_API_KEY_SECRET: no usable value"):
        put_by(User({"TWILIO_API_KEY_SID": "SK" + "7" * 32}))


def test_the_environment_is_asked_first(put_by: Put, held: Held) -> None:
    user = User({}, ANSWERS)

    put_by(user)

    assert [prompt.partition(" ")[0] for prompt in user.prompts] == ["TWILIO_API_KEY_SID"]
    assert held("openai") == {"OPENAI_API_KEY": OPENAI_KEY}


def test_a_bad_value_in_the_environment_is_refused(put_by: Put) -> None:
    with pytest.raises(DoctorError, match=r"TWILIO_AUTH_TOKEN: expected 32 hexadecimal digits, got 3 .* environment"):
        put_by(User({}, ANSWERS | {"TWILIO_AUTH_TOKEN": "abc"}))


def test_who_gives_no_usable_value_has_stored_nothing(put_by: Put, vault: "SecretsManagerClient") -> None:
    user = User(ANSWERS | {"OPENAI_API_KEY": ["", "two words", "naïve"]})

    with pytest.raises(DoctorError, match="OPENAI_API_KEY: no usable value in 3 tries; nothing was stored"):
        put_by(user)

    assert vault.list_secrets()["SecretList"] == []
    assert user.told.count("expected printable ASCII") == 3


def test_a_secret_of_another_kind_is_left_alone(vault: "SecretsManagerClient", put_by: Put) -> None:
    vault.create_secret(Name="warmline/openai", SecretString="sk-just-the-key")

    with pytest.raises(DoctorError, match="the secret warmline/openai is not a JSON object"):
        put_by(User(ANSWERS))

    assert vault.get_secret_value(SecretId="warmline/openai")["SecretString"] == "sk-just-the-key"


def test_a_secret_that_is_being_deleted_is_named(vault: "SecretsManagerClient", put_by: Put) -> None:
    put_by(User(ANSWERS))
    vault.delete_secret(SecretId="warmline/twilio")

    with pytest.raises(DoctorError, match="it is being deleted") as caught:
        put_by(User(ANSWERS))

    assert "restore-secret --secret-id warmline/twilio" in caught.value.remedy


def command(environment: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "doctor.secrets", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert run.stderr == ""
    return run.returncode, run.stdout


def test_the_command_says_what_comes_next(cloud: Cloud, held: Held) -> None:
    status, said = command(cloud.environment | ANSWERS | API_KEY)

    assert (status, held("openai")) == (0, {"OPENAI_API_KEY": OPENAI_KEY})
    assert "warmline/twilio: created (TWILIO_ACCOUNT_SID, " in said
    assert "Next: sam build && sam deploy --guided (in the region us-east-1), then: make doctor" in said
    _, said = command(cloud.environment | ANSWERS | API_KEY | {"OPENAI_API_KEY": OPENAI_KEY + "x"})
    assert "take new values up within a minute" in said


def test_other_names_are_told_to_the_deployment(cloud: Cloud) -> None:
    _, said = command(cloud.environment | ANSWERS | API_KEY, "--twilio-secret", "mine", "--openai-secret", "theirs")

    assert "mine: created" in said
    assert "with these names of the secrets" in said


def test_without_a_terminal_a_value_must_be_in_the_environment(cloud: Cloud) -> None:
    status, said = command(cloud.environment)

    assert status == 1
    assert "TWILIO_ACCOUNT_SID is asked for at a terminal, and there is none" in said


def unasked(environment: Mapping[str, str]) -> Asked:
    """As without a terminal."""
    return Asked(environment, None, lambda _: None)


@pytest.mark.parametrize("key", [{}, {"TWILIO_API_KEY_SID": ""}, dict.fromkeys(API_KEY, "")])
def test_without_a_terminal_no_api_key_means_none(cloud: Cloud, held: Held, key: dict[str, str]) -> None:
    status, said = command(cloud.environment | ANSWERS | key)

    assert (status, set(held("twilio"))) == (0, {"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "STREAM_TOKEN_SECRET"})
    assert "TWILIO_API_KEY_SID: not in the environment, none\n" in said


def test_without_a_terminal_half_an_api_key_is_refused(vault: "SecretsManagerClient") -> None:
    for half, missing in (("SID", "SECRET"), ("SECRET", "SID")):
        name = f"TWILIO_API_KEY_{half}"
        with pytest.raises(DoctorError, match=f"TWILIO_API_KEY_{missing} is "):
            put(vault, "warmline/twilio", "warmline/openai", unasked(ANSWERS | {name: API_KEY[name]}))

    assert vault.list_secrets()["SecretList"] == []


def test_without_a_terminal_what_is_not_given_stays(vault: "SecretsManagerClient", held: Held) -> None:
    put(vault, "warmline/twilio", "warmline/openai", unasked(ANSWERS | API_KEY))
    before = held("twilio")

    done = put(vault, "warmline/twilio", "warmline/openai", unasked({"TWILIO_AUTH_TOKEN": "6" * 32}))

    assert done == ["updated", "unchanged"]
    assert held("twilio") == before | {"TWILIO_AUTH_TOKEN": "6" * 32}


NOWHERE = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        (NOWHERE, "No AWS region is known.\n  → name it: REGION="),
        (NOWHERE | {"AWS_REGION": "us-east-1"}, "No AWS credentials were found.\n  → log in to AWS"),
        (NOWHERE | {"AWS_PROFILE": "nobody"}, "The AWS credentials could not be loaded: The config profile (nobody)"),
    ],
)
def test_who_is_not_logged_in_is_told_so(environment: dict[str, str], said: str) -> None:
    status, told = command(environment)

    assert status == 1
    assert told.startswith(said)


def test_an_account_that_refuses_is_quoted(cloud: Cloud) -> None:
    cloud.secrets.fault = Fails()

    status, said = command(cloud.environment | ANSWERS | API_KEY)

    assert status == 1
    assert said.startswith("AWS answered GetSecretValue with InternalServerError")
