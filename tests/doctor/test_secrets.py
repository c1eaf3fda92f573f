"""doctor.secrets: both secrets are stored by one command, in the sandbox's Secrets Manager."""

import os
from typing import TYPE_CHECKING

import pytest

from doctor.errors import DoctorError
from sandbox.aws.cloud import Cloud
from sandbox.aws.faults import Fails
from tests.doctor.secret_setup import ANSWERS, API_KEY, OPENAI_KEY, SID, TOKEN, ReadStored, StoreAll, User, run_command

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def test_both_secrets_are_created(store_all: StoreAll, read_stored: ReadStored) -> None:
    assert store_all(User(ANSWERS)) == ["created", "created"]

    twilio = read_stored("twilio")
    assert len(twilio.pop("STREAM_TOKEN_SECRET")) >= 43
    assert twilio == {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN}
    assert read_stored("openai") == {"OPENAI_API_KEY": OPENAI_KEY}


def test_no_value_is_ever_shown(store_all: StoreAll, read_stored: ReadStored) -> None:
    user = User(ANSWERS | API_KEY | {"TWILIO_AUTH_TOKEN": ["not-a-token", TOKEN]})

    store_all(user)

    shown = user.output + "".join(user.prompts)
    assert "TWILIO_AUTH_TOKEN" in shown
    for value in (*read_stored("twilio").values(), *read_stored("openai").values(), "not-a-token"):
        assert value not in shown


def test_a_second_run_keeps_the_values_that_are_not_given(store_all: StoreAll, read_stored: ReadStored) -> None:
    store_all(User(ANSWERS | API_KEY))
    before = read_stored("twilio")

    assert store_all(User({"TWILIO_AUTH_TOKEN": "6" * 32})) == ["updated", "unchanged"]
    assert read_stored("twilio") == before | {"TWILIO_AUTH_TOKEN": "6" * 32}


def test_the_stream_token_secret_is_generated_once(store_all: StoreAll, read_stored: ReadStored) -> None:
    store_all(User(ANSWERS))
    made = read_stored("twilio")["STREAM_TOKEN_SECRET"]

    assert store_all(User({})) == ["unchanged", "unchanged"]
    assert read_stored("twilio")["STREAM_TOKEN_SECRET"] == made


def test_a_stream_token_secret_that_is_too_short_is_replaced(
    vault: "SecretsManagerClient", store_all: StoreAll, read_stored: ReadStored
) -> None:
    vault.create_secret(Name="warmline/twilio", SecretString='{"STREAM_TOKEN_SECRET": "short", "other": "1"}')

    assert store_all(User(ANSWERS)) == ["updated", "created"]
    assert len(read_stored("twilio")["STREAM_TOKEN_SECRET"]) >= 43
    assert read_stored("twilio")["other"] == "1", "what else a secret holds is none of ours"


def test_a_new_api_key_needs_its_secret(store_all: StoreAll) -> None:
    store_all(User(ANSWERS | API_KEY))

    with pytest.raises(DoctorError, match="TWILIO_API_KEY_SECRET: no usable value"):
        store_all(User({"TWILIO_API_KEY_SID": "SK" + "7" * 32}))


def test_a_secret_that_is_not_json_is_not_overwritten(vault: "SecretsManagerClient", store_all: StoreAll) -> None:
    vault.create_secret(Name="warmline/openai", SecretString="sk-just-the-key")

    with pytest.raises(DoctorError, match="the secret warmline/openai is not a JSON object"):
        store_all(User(ANSWERS))

    assert vault.get_secret_value(SecretId="warmline/openai")["SecretString"] == "sk-just-the-key"


def test_a_secret_that_is_being_deleted_is_an_error(vault: "SecretsManagerClient", store_all: StoreAll) -> None:
    store_all(User(ANSWERS))
    vault.delete_secret(SecretId="warmline/twilio")

    with pytest.raises(DoctorError, match="it is being deleted") as caught:
        store_all(User(ANSWERS))

    assert "restore-secret --secret-id warmline/twilio" in caught.value.remedy


def test_the_command_says_what_comes_next(cloud: Cloud, read_stored: ReadStored) -> None:
    status, said = run_command(cloud.environment | ANSWERS | API_KEY)

    assert (status, read_stored("openai")) == (0, {"OPENAI_API_KEY": OPENAI_KEY})
    assert "warmline/twilio: created (TWILIO_ACCOUNT_SID, " in said
    assert "Next: sam build && sam deploy --guided (in the region us-east-1), then: make doctor" in said
    _, said = run_command(cloud.environment | ANSWERS | API_KEY | {"OPENAI_API_KEY": OPENAI_KEY + "x"})
    assert "take new values up within a minute" in said


def test_other_names_of_secrets_are_passed_to_the_deployment(cloud: Cloud) -> None:
    _, said = run_command(cloud.environment | ANSWERS | API_KEY, "--twilio-secret", "mine", "--openai-secret", "theirs")

    assert "mine: created" in said
    assert "with these names of the secrets" in said


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
def test_a_user_without_aws_credentials_is_told_so(environment: dict[str, str], said: str) -> None:
    status, output = run_command(environment)

    assert status == 1
    assert output.startswith(said)


def test_an_error_of_aws_is_printed(cloud: Cloud) -> None:
    cloud.secrets.fault = Fails()

    status, said = run_command(cloud.environment | ANSWERS | API_KEY)

    assert status == 1
    assert said.startswith("AWS answered GetSecretValue with InternalServerError")
