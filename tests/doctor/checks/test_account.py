"""doctor.checks.account: does Twilio believe us, and what may the account do?"""

import re

import pytest

from sandbox.doctor_target.target import Examined
from tests.doctor.runs import read, visit, write

KEY = {"TWILIO_API_KEY_SID": "SK" + "1" * 32, "TWILIO_API_KEY_SECRET": "k" * 32}


def test_a_wrong_auth_token_is_refused(whole: Examined) -> None:
    write(whole, "twilio", read(whole, "twilio") | {"TWILIO_AUTH_TOKEN": "0" * 32})

    finding = visit(whole, "account").one("✗")

    assert whole.house.account_sid in finding.says
    assert "HTTP 401, code 20003" in finding.says
    assert "make secrets" in finding.cure


@pytest.mark.parametrize(
    ("step", "cure"), [("begun", "`make secrets ROTATE=switch`"), ("switched", "Account > API keys")]
)
def test_a_next_token_that_twilio_takes_alone_is_told(whole: Examined, step: str, cure: str) -> None:
    values = read(whole, "twilio")
    following = {"TWILIO_AUTH_TOKEN": "0" * 32, "TWILIO_AUTH_TOKEN_NEXT": values["TWILIO_AUTH_TOKEN"]}
    write(whole, "twilio", values | following | {"ROTATION": step})

    seen = visit(whole, "account")

    assert "Twilio accepts TWILIO_AUTH_TOKEN_NEXT in place of TWILIO_AUTH_TOKEN" in seen.one("!").says
    assert cure in seen.one("!").cure
    assert "✗" not in seen.signs


@pytest.mark.parametrize("status", ["suspended", "closed"])
def test_an_account_that_is_not_active_connects_nobody(whole: Examined, status: str) -> None:
    whole.carrier.account.status = status

    assert f"the account is {status}: no call is connected" in visit(whole, "account").one("✗").says


def test_a_trial_account_is_good_to_know(whole: Examined) -> None:
    whole.carrier.account.type = "Trial"

    assert "rings verified numbers only" in visit(whole, "account").one("!").says


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
def test_a_bad_day_of_twilios_is_a_line(whole: Examined, status: int, body: bytes, said: str) -> None:
    whole.carrier.account.answers = status, body

    finding = visit(whole, "account").one("✗")

    assert re.search(said, finding.says)


def test_a_name_that_does_not_resolve_is_a_line(whole: Examined) -> None:
    whole.edge.closed.add("api.twilio.com")

    assert "the name api.twilio.com does not resolve" in visit(whole, "account").one("✗").says


def test_an_api_key_that_works_is_named(whole: Examined) -> None:
    write(whole, "twilio", read(whole, "twilio") | KEY)
    whole.carrier.credentials[KEY["TWILIO_API_KEY_SID"]] = KEY["TWILIO_API_KEY_SECRET"]

    assert visit(whole, "account").found[-1].says.startswith(f"Twilio accepts the API key {KEY['TWILIO_API_KEY_SID']}")


def test_an_api_key_that_does_not_work_is_found_before_a_caller_needs_it(whole: Examined) -> None:
    write(whole, "twilio", read(whole, "twilio") | KEY)

    finding = visit(whole, "account").one("✗")

    assert finding.says.startswith(f"the API key {KEY['TWILIO_API_KEY_SID']}, with which calls are moved: ")
    assert KEY["TWILIO_API_KEY_SECRET"] not in finding.says
