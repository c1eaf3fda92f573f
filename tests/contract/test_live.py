"""tests.contract.live: nothing is asked for money unasked, without what it needs, or without a bound."""

import subprocess
import sys

import pytest

from doctor.twilio_api import API
from tests.checkout import ROOT
from tests.contract.live import (
    MOST,
    NotReadyError,
    OpenAIAccess,
    TwilioAccess,
    add_costs,
    describe_openai_cost,
    describe_twilio_cost,
    read_openai_access,
    read_twilio_access,
)

TOKEN = {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "token", "TWILIO_FROM": "+1", "TWILIO_TO": "+2"}
KEY = {"TWILIO_API_KEY_SID": "SK1", "TWILIO_API_KEY_SECRET": "secret"}


@pytest.mark.parametrize("switch", [{}, {"TWILIO_LIVE": "0", "OPENAI_LIVE": ""}])
def test_credentials_alone_make_nothing_live(switch: dict[str, str]) -> None:
    assert read_twilio_access(TOKEN | switch) is None
    assert read_openai_access({"OPENAI_API_KEY": "sk-1"} | switch) is None


def test_twilio_is_asked_with_the_token_or_with_an_api_key() -> None:
    assert read_twilio_access(TOKEN | {"TWILIO_LIVE": "1"}) == TwilioAccess("AC1", "AC1", "token", "+1", "+2", API)
    assert read_twilio_access(TOKEN | KEY | {"TWILIO_LIVE": "1"}) == TwilioAccess(
        "AC1", "SK1", "secret", "+1", "+2", API
    )


def test_twilio_is_asked_in_the_accounts_region() -> None:
    ireland = "https://api.dublin.ie1.twilio.com"
    access = read_twilio_access(TOKEN | {"TWILIO_LIVE": "1", "TWILIO_API_URL": ireland})

    assert access is not None
    assert access.api_url == ireland


def test_credentials_are_sent_to_twilio_alone() -> None:
    with pytest.raises(
        NotReadyError, match=r"TWILIO_API_URL: expected https://api\.twilio\.com or .* got 'https://a\.test'"
    ):
        read_twilio_access(TOKEN | {"TWILIO_LIVE": "1", "TWILIO_API_URL": "https://a.test"})


def test_openai_is_asked_at_its_own_address_or_another() -> None:
    given = {"OPENAI_LIVE": "1", "OPENAI_API_KEY": "sk-1"}

    assert read_openai_access(given) == OpenAIAccess("sk-1", "wss://api.openai.com/v1/realtime")
    assert read_openai_access(given | {"REALTIME_URL": "ws://127.0.0.1/"}) == OpenAIAccess("sk-1", "ws://127.0.0.1/")


def test_every_missing_setting_is_named() -> None:
    with pytest.raises(NotReadyError, match="TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM, TWILIO_TO: not set"):
        read_twilio_access({"TWILIO_LIVE": "1"})
    with pytest.raises(NotReadyError, match="needs TWILIO_API_KEY_SECRET: not set"):
        read_twilio_access(TOKEN | {"TWILIO_LIVE": "1", "TWILIO_API_KEY_SID": "SK1"})
    with pytest.raises(NotReadyError, match="OPENAI_LIVE=1 needs OPENAI_API_KEY: not set"):
        read_openai_access({"OPENAI_LIVE": "1", "OPENAI_API_KEY": ""})


def test_costs_are_added_up_and_bounded() -> None:
    assert add_costs([{"calls": 1}, {"sessions": 1, "responses": 2}, {"calls": 2}]) == {
        "calls": 3,
        "sessions": 1,
        "responses": 2,
    }
    with pytest.raises(NotReadyError, match=f"{MOST['calls'] + 1} calls, at most {MOST['calls']} may be used"):
        add_costs([{"calls": 1}] * (MOST["calls"] + 1))


def test_a_price_names_what_is_used_and_no_secret() -> None:
    twilio = describe_twilio_cost({"calls": 3}, TwilioAccess("AC1", "SK1", "secret", "+1", "+2", API))
    openai = describe_openai_cost({"sessions": 4, "responses": 2}, OpenAIAccess("sk-1", "wss://example.com"))

    assert twilio == "Twilio, live: 3 calls from +1 to +2, 60 s each at most, about 0.06 dollars in the US"
    assert openai.startswith("OpenAI, live: 4 sessions at wss://example.com, 2 responses of 200 tokens at most")


def test_no_secret_shows_in_a_repr() -> None:
    shown = repr([TwilioAccess("AC1", "SK1", "secret", "+1", "+2", API), OpenAIAccess("sk-1", "wss://example.com")])

    assert "secret" not in shown
    assert "sk-1" not in shown


@pytest.mark.parametrize(
    ("environment", "status", "said"),
    [
        ({"TWILIO_LIVE": "1"}, pytest.ExitCode.USAGE_ERROR, "TWILIO_LIVE=1 needs TWILIO_ACCOUNT_SID"),
        ({"OPENAI_LIVE": "1"}, pytest.ExitCode.USAGE_ERROR, "OPENAI_LIVE=1 needs OPENAI_API_KEY"),
        ({**TOKEN, "TWILIO_LIVE": "1"}, pytest.ExitCode.OK, "Twilio, live: "),
        ({"OPENAI_LIVE": "1", "OPENAI_API_KEY": "sk-1"}, pytest.ExitCode.OK, "OpenAI, live: "),
        (TOKEN | {"OPENAI_API_KEY": "sk-1"}, pytest.ExitCode.OK, "tests collected"),
    ],
    ids=["no Twilio", "no OpenAI", "Twilio", "OpenAI", "sandbox"],
)
def test_a_run_says_what_it_costs_or_lacks_before_it_starts(
    environment: dict[str, str], status: pytest.ExitCode, said: str
) -> None:
    run = run_pytest(environment, "--collect-only", "tests/contract")

    assert (run.returncode, said in run.stdout + run.stderr) == (status, True), run.stdout + run.stderr


def test_a_worker_asks_the_sandbox_whatever_the_environment_says() -> None:
    run = run_pytest({"TWILIO_LIVE": "1"}, "-n", "1", "tests/contract/test_twilio_account.py", "-k", "20404")

    assert run.returncode == pytest.ExitCode.OK, run.stdout + run.stderr
    assert "1 passed" in run.stdout


def run_pytest(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
