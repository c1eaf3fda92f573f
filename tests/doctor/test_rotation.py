"""doctor.rotation: the keys of Twilio's secret change in three steps, against Secrets Manager in a box."""

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
from signing_keys import SigningKeys, signing_keys
from tests.doctor.test_secrets import ANSWERS, API_KEY, SID, TOKEN, User, command

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

SECRET = "s" * 43
STORED = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "STREAM_TOKEN_SECRET": SECRET, "other": "x"}
LATER = "7" * 32

type Take = Callable[..., str]
type Held = Callable[[], str]


@pytest.fixture
def held(vault: "SecretsManagerClient") -> Held:
    """The text of the secret, which holds `STORED` in the beginning."""
    vault.create_secret(Name="warmline/twilio", SecretString=json.dumps(STORED))
    return lambda: vault.get_secret_value(SecretId="warmline/twilio")["SecretString"]


@pytest.fixture
def take(vault: "SecretsManagerClient") -> Take:
    """Takes a step, with this answer where the next token is asked for; what was said."""

    def take(step: Step, later: str = "", void: bool = True) -> str:
        user = User({"TWILIO_AUTH_TOKEN_NEXT": later})
        rotate(vault, "warmline/twilio", step, user.asked, lambda *_: void)
        return user.told

    return take


def keys(held: Held) -> SigningKeys:
    return signing_keys(held())


def test_each_step_leaves_both_keys_good_until_the_last(take: Take, held: Held) -> None:
    said = take("begin", LATER)
    begun = keys(held)
    said += take("switch")
    switched = keys(held)
    said += take("end")
    made = switched.stream_token_secrets[0]

    assert begun == SigningKeys((TOKEN, LATER), (SECRET, made))
    assert switched == SigningKeys((LATER, TOKEN), (made, SECRET))
    assert keys(held) == SigningKeys((LATER,), (made,))
    assert set(json.loads(held())) == set(STORED)
    assert json.loads(held())["other"] == "x"
    assert not any(key in said for key in (TOKEN, LATER, SECRET, made))
    assert "make secrets ROTATE=switch" in said
    assert "make secrets ROTATE=end" in said


def test_the_secret_of_the_streams_tokens_can_change_alone(take: Take, held: Held) -> None:
    take("begin")
    begun = keys(held)
    take("switch")
    take("end", void=False)  # the auth token is the same: nobody has to be asked

    assert begun.auth_tokens == keys(held).auth_tokens == (TOKEN,)
    assert keys(held).stream_token_secrets == begun.stream_token_secrets[1:]


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
def test_a_step_at_the_wrong_time_changes_nothing(take: Take, held: Held, steps: list[Step], said: str) -> None:
    *before, last = steps
    for step in before:
        take(step, LATER)
    stored = held()

    with pytest.raises(DoctorError, match=said):
        take(last, LATER)
    assert held() == stored


@pytest.mark.parametrize("steps", [["begin", "end"], ["begin", "switch", "switch"]])
def test_a_step_too_early_or_once_more_never_brings_the_old_secret_back(
    take: Take, held: Held, steps: list[Step]
) -> None:
    *before, last = steps
    for step in before:
        take(step)
    with pytest.raises(DoctorError):
        take(last)
    if last == "end":
        take("switch")
    take("end")

    assert SECRET not in held()
    assert set(json.loads(held())) == set(STORED)


def test_next_keys_that_were_stored_by_hand_are_begun(vault: "SecretsManagerClient", take: Take, held: Held) -> None:
    by_hand = STORED | {"STREAM_TOKEN_SECRET_NEXT": "n" * 43}
    vault.put_secret_value(SecretId="warmline/twilio", SecretString=json.dumps(by_hand))

    with pytest.raises(DoctorError, match="the old keys are still in use"):
        take("end")
    take("switch")
    take("end")
    assert json.loads(held()) == STORED | {"STREAM_TOKEN_SECRET": "n" * 43}


def test_a_token_that_twilio_still_takes_is_not_taken_away(take: Take, held: Held) -> None:
    take("begin", LATER)
    take("switch")
    stored = held()

    with pytest.raises(DoctorError, match="Twilio still takes TWILIO_AUTH_TOKEN_NEXT, and may sign with it"):
        take("end", void=False)
    assert held() == stored


def test_twilio_says_whether_a_token_is_void(target: DoctorTarget) -> None:
    network, sid = Network(target.edge.connect, target.edge.trust()), target.installation.account_sid

    assert not is_token_revoked(network, sid, target.installation.auth_token)
    assert is_token_revoked(network, sid, LATER)
    target.carrier.account.answers = 503, b""
    with pytest.raises(DoctorError, match="did not say whether it still takes the old auth token"):
        is_token_revoked(network, sid, LATER)


def test_the_present_token_is_no_next_one(take: Take, held: Held) -> None:
    with pytest.raises(DoctorError, match="TWILIO_AUTH_TOKEN_NEXT is the current token"):
        take("begin", TOKEN)
    assert json.loads(held()) == STORED


@pytest.mark.parametrize("step", STEPS)
def test_without_a_secret_there_is_nothing_to_change(take: Take, step: Step) -> None:
    with pytest.raises(DoctorError, match="there is no secret yet"):
        take(step, LATER)


def test_the_command_takes_a_step_by_its_name(cloud: Cloud) -> None:
    def run(*arguments: str, **more: str) -> tuple[int, str]:
        return command(cloud.environment | ANSWERS | API_KEY | more, *arguments)

    run()
    begun: Mapping[str, str] = {"TWILIO_AUTH_TOKEN_NEXT": LATER}

    assert run("--rotate", "switch")[0] == 1
    status, said = run("--rotate", "begin", **begun)
    assert (status, "promote the secondary auth token" in said) == (0, True)
    assert run("--rotate", "switch")[0] == 0
