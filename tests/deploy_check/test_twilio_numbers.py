"""The account's own numbers, asked of Twilio; where it cannot be asked, nothing is known and nothing fails."""

import json
from collections.abc import Iterator

import boto3
import pytest

from custom_resource import FailedError
from sandbox.twilio.account import IncomingNumber
from tests.deploy_check.conftest import TWILIO, Stack, store
from tests.twilio_rest_api import KEY, KEY_SECRET, TwilioRestApi, run_twilio_rest_api
from twilio_numbers import list_twilio_numbers, read_api_url


@pytest.fixture(scope="module")
def carrier() -> Iterator[TwilioRestApi]:
    with run_twilio_rest_api() as carrier:
        yield carrier


@pytest.fixture
def twilio(carrier: TwilioRestApi) -> Iterator[TwilioRestApi]:
    yield carrier
    carrier.forget()


@pytest.mark.usefixtures("stack")
def test_all_pages_are_read(twilio: TwilioRestApi) -> None:
    numbers = [f"+1555010{number:04}" for number in range(1001)]
    twilio.account.numbers = [IncomingNumber(number) for number in numbers]

    assert list_twilio_numbers(boto3.client("secretsmanager"), "warmline/twilio", twilio.origin) == numbers


@pytest.mark.usefixtures("stack")
def test_an_api_key_is_used_where_there_is_one(twilio: TwilioRestApi) -> None:
    key = {"TWILIO_AUTH_TOKEN": "only for signatures", "TWILIO_API_KEY_SID": KEY, "TWILIO_API_KEY_SECRET": KEY_SECRET}
    store("warmline/twilio", TWILIO | key)
    twilio.account.numbers = [IncomingNumber("+15550100000")]

    assert list_twilio_numbers(boto3.client("secretsmanager"), "warmline/twilio", twilio.origin) == ["+15550100000"]


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("answer", [(401, b""), (500, b""), (200, b"no json"), (200, b"[]"), (200, b"{}")])
def test_what_twilio_does_not_tell_is_not_known(
    twilio: TwilioRestApi, caplog: pytest.LogCaptureFixture, answer: tuple[int, bytes]
) -> None:
    twilio.account.answers = answer

    assert list_twilio_numbers(boto3.client("secretsmanager"), "warmline/twilio", twilio.origin) == []
    assert "own numbers are not known" in caplog.text
    assert TWILIO["TWILIO_AUTH_TOKEN"] not in caplog.text


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("following", [".example.com/numbers", "@example.com/numbers", "0/numbers", 7, ["/numbers"]])
def test_credentials_are_sent_to_twilio_alone(
    twilio: TwilioRestApi, caplog: pytest.LogCaptureFixture, following: object
) -> None:
    page = {"incoming_phone_numbers": [], "next_page_uri": following}
    twilio.account.answers = 200, json.dumps(page).encode()

    assert list_twilio_numbers(boto3.client("secretsmanager"), "warmline/twilio", twilio.origin) == []
    assert "own numbers are not known: ValueError" in caplog.text  # the page is refused, not a host without an answer


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("secret_id", [None, "", "warmline/none", "warmline/openai"])
def test_without_credentials_nothing_is_known(twilio: TwilioRestApi, secret_id: object) -> None:
    twilio.account.numbers = [IncomingNumber("+15550100000")]

    assert list_twilio_numbers(boto3.client("secretsmanager"), secret_id, twilio.origin) == []


@pytest.mark.usefixtures("stack")
def test_twilio_that_cannot_be_reached_stops_no_deploy() -> None:
    assert list_twilio_numbers(boto3.client("secretsmanager"), "warmline/twilio", "http://127.0.0.1:1") == []


def test_a_stack_without_the_secret_is_checked_without_the_numbers(stack: Stack) -> None:
    assert stack.check("DirectoryCheck")["Status"] == "SUCCESS"
    assert stack.aws.own_numbers is None


@pytest.mark.parametrize(
    ("properties", "url"),
    [
        ({}, "https://api.twilio.com"),
        ({"TwilioApiUrl": "https://api.twilio.com"}, "https://api.twilio.com"),
        ({"TwilioApiUrl": "https://api.sydney.au1.twilio.com"}, "https://api.sydney.au1.twilio.com"),
    ],
)
def test_the_numbers_are_asked_of_the_region_of_the_stack(properties: dict[str, object], url: str) -> None:
    assert read_api_url(properties) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        None,
        7,
        ["https://api.twilio.com"],
        "http://api.twilio.com",
        "https://api.ie1.twilio.com",  # leads to the United States
        "https://api.twilio.com/",
        "https://api.twilio.com.example.com",
        "https://api.twilio.com\n",
        "https://me@api.twilio.com",
    ],
)
def test_the_credentials_go_to_no_host_but_twilios(url: object) -> None:
    with pytest.raises(FailedError, match="Property TwilioApiUrl: expected https://api"):
        read_api_url({"TwilioApiUrl": url})
