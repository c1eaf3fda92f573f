"""doctor.rotation: the three steps of a rotation, against the sandbox's Secrets Manager."""

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from doctor.errors import DoctorError
from doctor.network import Network
from doctor.rotation import STEPS, Step, is_token_revoked
from doctor.secrets import rotate
from sandbox.aws.cloud import Cloud
from sandbox.doctor_target.target import DoctorTarget
from signing_keys import SigningKeys, parse_signing_keys
from tests.doctor.secret_setup import ANSWERS, API_KEY, SID, TOKEN, User, run_command

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

SECRET = "s" * 43
STORED = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "STREAM_TOKEN_SECRET": SECRET, "other": "x"}
LATER = "7" * 32
IRELAND = "https://api.dublin.ie1.twilio.com"

type RunStep = Callable[..., str]
type ReadStored = Callable[[], str]


@pytest.fixture
def read_stored(vault: "SecretsManagerClient") -> ReadStored:
    """The text of the secret, which holds `STORED` in the beginning."""
    vault.create_secret(Name="warmline/twilio", SecretString=json.dumps(STORED))
    return lambda: vault.get_secret_value(SecretId="warmline/twilio")["SecretString"]


@pytest.fixture
def run_step(vault: "SecretsManagerClient") -> RunStep:
    """Takes a step, with this answer where the next token is asked for; what was said."""

    def run_step(step: Step, later: str = "", void: tuple[str, ...] = (TOKEN,)) -> str:
        """`void`: the tokens that Twilio accepts no longer."""
        user = User({"TWILIO_AUTH_TOKEN_NEXT": later})
        rotate(vault, "warmline/twilio", step, user.inputs, lambda _, token: token in void)
        return user.output

    return run_step


def read_keys(read_stored: ReadStored) -> SigningKeys:
    return parse_signing_keys(read_stored())


def test_both_keys_are_accepted_until_the_last_step(run_step: RunStep, read_stored: ReadStored) -> None:
    said = run_step("begin", LATER)
    begun = read_keys(read_stored)
    said += run_step("switch")
    switched = read_keys(read_stored)
    said += run_step("end")
    made = switched.stream_token_secrets[0]

    assert begun == SigningKeys((TOKEN, LATER), (SECRET, made))
    assert switched == SigningKeys((LATER, TOKEN), (made, SECRET))
    assert read_keys(read_stored) == SigningKeys((LATER,), (made,))
    assert set(json.loads(read_stored())) == set(STORED)
    assert json.loads(read_stored())["other"] == "x"
    assert not any(key in said for key in (TOKEN, LATER, SECRET, made))
    assert "make secrets ROTATE=switch" in said
    assert "make secrets ROTATE=end" in said


def test_the_stream_token_secret_can_be_rotated_alone(run_step: RunStep, read_stored: ReadStored) -> None:
    run_step("begin")
    begun = read_keys(read_stored)
    run_step("switch")
    run_step("end", void=())  # the auth token is the same: nobody has to be asked

    assert begun.auth_tokens == read_keys(read_stored).auth_tokens == (TOKEN,)
    assert read_keys(read_stored).stream_token_secrets == begun.stream_token_secrets[1:]


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (["switch"], "no rotation is in progress"),
        (["end"], "no rotation is in progress"),
        (["begin", "begin"], "a rotation is in progress: there are TWILIO_AUTH_TOKEN_NEXT, STREAM_TOKEN_SECRET_NEXT"),
        (["begin", "switch", "begin"], "a rotation is in progress: there are TWILIO_AUTH_TOKEN_NEXT"),
        (["begin", "end"], "the old keys are still in use"),
        (["begin", "switch", "switch"], "the keys have been switched already"),
        (["begin", "switch", "end", "end"], "no rotation is in progress"),
    ],
)
def test_a_step_at_the_wrong_time_changes_nothing(
    run_step: RunStep, read_stored: ReadStored, steps: list[Step], said: str
) -> None:
    *before, last = steps
    for step in before:
        run_step(step, LATER)
    stored = read_stored()

    with pytest.raises(DoctorError, match=said):
        run_step(last, LATER)
    assert read_stored() == stored


@pytest.mark.parametrize("steps", [["begin", "end"], ["begin", "switch", "switch"]])
def test_a_step_that_is_early_or_repeated_never_restores_the_old_secret(
    run_step: RunStep, read_stored: ReadStored, steps: list[Step]
) -> None:
    *before, last = steps
    for step in before:
        run_step(step)
    with pytest.raises(DoctorError):
        run_step(last)
    if last == "end":
        run_step("switch")
    run_step("end")

    assert SECRET not in read_stored()
    assert set(json.loads(read_stored())) == set(STORED)


def test_next_keys_that_were_stored_by_hand_count_as_begun(
    vault: "SecretsManagerClient", run_step: RunStep, read_stored: ReadStored
) -> None:
    by_hand = STORED | {"STREAM_TOKEN_SECRET_NEXT": "n" * 43}
    vault.put_secret_value(SecretId="warmline/twilio", SecretString=json.dumps(by_hand))

    with pytest.raises(DoctorError, match="the old keys are still in use"):
        run_step("end")
    run_step("switch")
    run_step("end")
    assert json.loads(read_stored()) == STORED | {"STREAM_TOKEN_SECRET": "n" * 43}


def test_a_token_that_twilio_still_accepts_is_not_removed(run_step: RunStep, read_stored: ReadStored) -> None:
    run_step("begin", LATER)
    run_step("switch")
    stored = read_stored()

    with pytest.raises(DoctorError, match="Twilio still accepts TWILIO_AUTH_TOKEN_NEXT, and may sign with it"):
        run_step("end", void=())
    assert read_stored() == stored


def test_where_twilio_accepts_neither_token_nothing_is_removed(run_step: RunStep, read_stored: ReadStored) -> None:
    """The API of another region knows neither, and would let the wrong one be removed."""
    run_step("begin", LATER)
    run_step("switch")
    stored = read_stored()

    with pytest.raises(DoctorError, match="accepts neither TWILIO_AUTH_TOKEN nor the old one") as refusal:
        run_step("end", void=(TOKEN, LATER))
    assert "TWILIO_API_URL=https://api.EDGE.REGION.twilio.com" in refusal.value.remedy
    assert read_stored() == stored


def test_twilio_tells_whether_a_token_is_revoked(target: DoctorTarget) -> None:
    network, sid = Network(target.edge.connect, target.edge.make_client_context()), target.installation.account_sid
    target.edge.closed.add("api.twilio.com")

    assert not is_token_revoked(network, IRELAND, sid, target.installation.auth_token)
    assert is_token_revoked(network, IRELAND, sid, LATER)
    target.carrier.account.answers = 503, b""
    with pytest.raises(DoctorError, match="did not say whether it still accepts the old token"):
        is_token_revoked(network, IRELAND, sid, LATER)


def test_the_current_token_cannot_be_the_next_one(run_step: RunStep, read_stored: ReadStored) -> None:
    with pytest.raises(DoctorError, match="TWILIO_AUTH_TOKEN_NEXT is the current token"):
        run_step("begin", TOKEN)
    assert json.loads(read_stored()) == STORED


@pytest.mark.parametrize("step", STEPS)
def test_without_a_secret_there_is_nothing_to_rotate(run_step: RunStep, step: Step) -> None:
    with pytest.raises(DoctorError, match="there is no secret yet"):
        run_step(step, LATER)


def test_the_command_takes_a_step_by_its_name(cloud: Cloud) -> None:
    def run(*arguments: str, **more: str) -> tuple[int, str]:
        return run_command(cloud.environment | ANSWERS | API_KEY | more, *arguments)

    run()
    begun: Mapping[str, str] = {"TWILIO_AUTH_TOKEN_NEXT": LATER}

    status, said = run("--rotate", "begin", TWILIO_API_URL="https://api.ie1.twilio.com", **begun)
    assert (status, "TWILIO_API_URL: expected https://api.twilio.com or" in said) == (1, True)
    assert run("--rotate", "switch")[0] == 1
    status, said = run("--rotate", "begin", **begun)
    assert (status, "promote the secondary auth token" in said) == (0, True)
    assert run("--rotate", "switch")[0] == 0
