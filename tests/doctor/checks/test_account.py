"""doctor.checks.account: Twilio's answers about the credentials and the account."""

import re

import pytest

from sandbox.doctor_target.target import DoctorTarget
from tests.doctor.runs import diagnose, read, write

KEY = {"TWILIO_API_KEY_SID": "SK" + "1" * 32, "TWILIO_API_KEY_SECRET": "k" * 32}


def test_a_wrong_auth_token_is_refused(target: DoctorTarget) -> None:
    write(target, "twilio", read(target, "twilio") | {"TWILIO_AUTH_TOKEN": "0" * 32})

    finding = diagnose(target, "account").find_only("✗")

    assert target.installation.account_sid in finding.message
    assert "HTTP 401, code 20003" in finding.message
    assert "make secrets" in finding.remedy


@pytest.mark.parametrize(
    ("step", "remedy"), [("begun", "`make secrets ROTATE=switch`"), ("switched", "Account > API keys")]
)
def test_a_warning_says_that_twilio_accepts_the_next_token_only(target: DoctorTarget, step: str, remedy: str) -> None:
    values = read(target, "twilio")
    following = {"TWILIO_AUTH_TOKEN": "0" * 32, "TWILIO_AUTH_TOKEN_NEXT": values["TWILIO_AUTH_TOKEN"]}
    write(target, "twilio", values | following | {"ROTATION": step})

    diagnosis = diagnose(target, "account")

    assert "Twilio accepts TWILIO_AUTH_TOKEN_NEXT in place of TWILIO_AUTH_TOKEN" in diagnosis.find_only("!").message
    assert remedy in diagnosis.find_only("!").remedy
    assert "✗" not in diagnosis.symbols


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_an_account_that_is_not_active_connects_nobody(target: DoctorTarget, status: str) -> None:
    target.carrier.account.status = status

    assert f"the account is {status}: no call is connected" in diagnose(target, "account").find_only("✗").message


def test_a_trial_account_is_a_warning(target: DoctorTarget) -> None:
    target.carrier.account.type = "Trial"

    assert "rings verified numbers only" in diagnose(target, "account").find_only("!").message


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (503, b"", "Twilio answered .* with HTTP 503"),
        (200, b"<html>Welcome to the hotel's WLAN", "api.twilio.com did not answer as Twilio does"),
        (200, b"[]", "api.twilio.com did not answer as Twilio does"),
        (429, b'{"code": 20429, "message": "Too Many Requests"}', "HTTP 429, code 20429: Too Many Requests"),
        (403, b'{"code": "x"}', "HTTP 403"),
    ],
)
def test_an_error_of_twilio_is_reported(target: DoctorTarget, status: int, body: bytes, said: str) -> None:
    target.carrier.account.answers = status, body

    finding = diagnose(target, "account").find_only("✗")

    assert re.search(said, finding.message)


def test_the_account_is_asked_where_the_stack_asks_it(target: DoctorTarget) -> None:
    """A number's URLs and the credentials are those of one region."""
    target.stack.parameters["TwilioApiUrl"] = "https://api.dublin.ie1.twilio.com"
    target.edge.closed |= {"api.twilio.com", "voice.twilio.com"}
    write(target, "twilio", read(target, "twilio") | KEY)
    target.carrier.credentials[KEY["TWILIO_API_KEY_SID"]] = KEY["TWILIO_API_KEY_SECRET"]

    assert set(diagnose(target, "account", "number", "transfer", "people").symbols) == {"✓"}


def test_a_region_refuses_the_keys_of_another_one(target: DoctorTarget) -> None:
    target.stack.parameters["TwilioApiUrl"] = "https://api.dublin.ie1.twilio.com"
    write(target, "twilio", read(target, "twilio") | {"TWILIO_AUTH_TOKEN": "0" * 32})

    remedy = diagnose(target, "account").find_only("✗").remedy
    assert remedy.endswith("https://api.dublin.ie1.twilio.com knows the keys of its own region only")


@pytest.mark.parametrize("url", ["https://api.ie1.twilio.com", "https://api.example.com", "http://api.twilio.com", ""])
def test_credentials_go_to_no_other_host(target: DoctorTarget, url: str) -> None:
    target.stack.parameters["TwilioApiUrl"] = url

    assert "TWILIO_API_URL: expected https://api.twilio.com or" in diagnose(target, "account").find_only("✗").message


def test_a_name_that_does_not_resolve_is_reported(target: DoctorTarget) -> None:
    target.edge.closed.add("api.twilio.com")

    assert "the name api.twilio.com does not resolve" in diagnose(target, "account").find_only("✗").message


def test_an_api_key_that_works_is_reported(target: DoctorTarget) -> None:
    write(target, "twilio", read(target, "twilio") | KEY)
    target.carrier.credentials[KEY["TWILIO_API_KEY_SID"]] = KEY["TWILIO_API_KEY_SECRET"]

    assert (
        diagnose(target, "account")
        .findings[-1]
        .message.startswith(f"Twilio accepts the API key {KEY['TWILIO_API_KEY_SID']}")
    )


def test_an_api_key_that_does_not_work_is_a_failure(target: DoctorTarget) -> None:
    write(target, "twilio", read(target, "twilio") | KEY)

    finding = diagnose(target, "account").find_only("✗")

    assert finding.message.startswith(f"the API key {KEY['TWILIO_API_KEY_SID']}, with which calls are moved: ")
    assert KEY["TWILIO_API_KEY_SECRET"] not in finding.message
