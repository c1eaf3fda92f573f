"""doctor.secret_input: values come from the environment or from a terminal, and a bad one is refused."""

from typing import TYPE_CHECKING

import pytest

from doctor.errors import DoctorError
from doctor.secrets import store_secrets
from sandbox.aws.cloud import Cloud
from tests.doctor.secret_setup import (
    ANSWERS,
    API_KEY,
    OPENAI_KEY,
    ReadStored,
    StoreAll,
    User,
    environment_input,
    run_command,
)

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient


def test_the_environment_comes_before_the_terminal(store_all: StoreAll, read_stored: ReadStored) -> None:
    user = User({}, ANSWERS)

    store_all(user)

    assert [prompt.partition(" ")[0] for prompt in user.prompts] == ["TWILIO_API_KEY_SID"]
    assert read_stored("openai") == {"OPENAI_API_KEY": OPENAI_KEY}


def test_a_bad_value_in_the_environment_is_refused(store_all: StoreAll) -> None:
    with pytest.raises(DoctorError, match=r"TWILIO_AUTH_TOKEN: expected 32 hexadecimal digits, got 3 .* environment"):
        store_all(User({}, ANSWERS | {"TWILIO_AUTH_TOKEN": "abc"}))


def test_without_a_usable_value_nothing_is_stored(store_all: StoreAll, vault: "SecretsManagerClient") -> None:
    user = User(ANSWERS | {"OPENAI_API_KEY": ["", "two words", "naïve"]})

    with pytest.raises(DoctorError, match="OPENAI_API_KEY: no usable value in 3 tries; nothing was stored"):
        store_all(user)

    assert vault.list_secrets()["SecretList"] == []
    assert user.output.count("expected printable ASCII") == 3


def test_without_a_terminal_a_value_must_be_in_the_environment(cloud: Cloud) -> None:
    status, said = run_command(cloud.environment)

    assert status == 1
    assert "TWILIO_ACCOUNT_SID is missing, and there is no terminal to ask at" in said


@pytest.mark.parametrize("key", [{}, {"TWILIO_API_KEY_SID": ""}, dict.fromkeys(API_KEY, "")])
def test_without_a_terminal_no_api_key_means_none(cloud: Cloud, read_stored: ReadStored, key: dict[str, str]) -> None:
    status, said = run_command(cloud.environment | ANSWERS | key)

    assert (status, set(read_stored("twilio"))) == (
        0,
        {"TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "STREAM_TOKEN_SECRET"},
    )
    assert "TWILIO_API_KEY_SID: not in the environment, none\n" in said


def test_without_a_terminal_half_an_api_key_is_refused(vault: "SecretsManagerClient") -> None:
    for half, missing in (("SID", "SECRET"), ("SECRET", "SID")):
        name = f"TWILIO_API_KEY_{half}"
        with pytest.raises(DoctorError, match=f"TWILIO_API_KEY_{missing} is "):
            store_secrets(
                vault,
                "warmline/twilio",
                "warmline/openai",
                environment_input(ANSWERS | {name: API_KEY[name]}),
            )

    assert vault.list_secrets()["SecretList"] == []


def test_without_a_terminal_values_that_are_not_given_are_kept(
    vault: "SecretsManagerClient", read_stored: ReadStored
) -> None:
    store_secrets(vault, "warmline/twilio", "warmline/openai", environment_input(ANSWERS | API_KEY))
    before = read_stored("twilio")

    done = store_secrets(
        vault, "warmline/twilio", "warmline/openai", environment_input({"TWILIO_AUTH_TOKEN": "6" * 32})
    )

    assert done == ["updated", "unchanged"]
    assert read_stored("twilio") == before | {"TWILIO_AUTH_TOKEN": "6" * 32}
