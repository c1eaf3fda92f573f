"""The account's own numbers, asked of Twilio; where it cannot be asked, nothing is known and nothing fails."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import boto3
import pytest

from custom_resource import FailedError
from sandbox.http_stand_in import HttpStandIn, Request, Response
from tests.deploy_check.conftest import TWILIO, Stack, store
from twilio_numbers import list_twilio_numbers, read_api_url

PATH = f"/2010-04-01/Accounts/{TWILIO['TWILIO_ACCOUNT_SID']}/IncomingPhoneNumbers.json"


@dataclass
class Twilio(HttpStandIn):
    pages: list[Response] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def respond(self, request: Request) -> Response:
        username = base64.b64decode(str(request.headers["Authorization"]).removeprefix("Basic ")).decode()
        self.asked.append((request.target, username))
        return self.pages.pop(0)


def make_page(*numbers: str, following: str | None = None) -> Response:
    listed = [{"phone_number": number} for number in numbers]
    return Response(200, json.dumps({"incoming_phone_numbers": listed, "next_page_uri": following}).encode())


@pytest.fixture
def twilio() -> Iterator[Twilio]:
    with Twilio() as twilio:
        yield twilio


@pytest.mark.usefixtures("stack")
def test_all_pages_are_read(twilio: Twilio) -> None:
    twilio.pages = [make_page("+15550100000", following=f"{PATH}?Page=1"), make_page("+15550100009")]

    numbers = list_twilio_numbers(boto3.client("secretsmanager"), "warmline/twilio", twilio.origin)

    assert numbers == ["+15550100000", "+15550100009"]
    credentials = f"{TWILIO['TWILIO_ACCOUNT_SID']}:{TWILIO['TWILIO_AUTH_TOKEN']}"
    assert twilio.asked == [(f"{PATH}?PageSize=1000", credentials), (f"{PATH}?Page=1", credentials)]


@pytest.mark.usefixtures("stack")
def test_an_api_key_is_used_where_there_is_one(twilio: Twilio) -> None:
    key = {"TWILIO_API_KEY_SID": "SK" + "1" * 32, "TWILIO_API_KEY_SECRET": "s"}
    store("warmline/twilio", TWILIO | key)
    twilio.pages = [make_page()]

    assert list_twilio_numbers(boto3.client("secretsmanager"), "warmline/twilio", twilio.origin) == []
    assert [username for _, username in twilio.asked] == [f"{key['TWILIO_API_KEY_SID']}:s"]


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(
    "answer", [Response(401), Response(500), Response(200, b"no json"), Response(200, b"[]"), Response(200, b"{}")]
)
def test_what_twilio_does_not_tell_is_not_known(
    twilio: Twilio, caplog: pytest.LogCaptureFixture, answer: Response
) -> None:
    twilio.pages = [answer]

    assert list_twilio_numbers(boto3.client("secretsmanager"), "warmline/twilio", twilio.origin) == []
    assert "own numbers are not known" in caplog.text
    assert TWILIO["TWILIO_AUTH_TOKEN"] not in caplog.text


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("following", [".example.com/numbers", "@example.com/numbers", "0/numbers", 7, ["/numbers"]])
def test_credentials_are_sent_to_twilio_alone(
    twilio: Twilio, caplog: pytest.LogCaptureFixture, following: object
) -> None:
    body = json.dumps({"incoming_phone_numbers": [], "next_page_uri": following}).encode()
    twilio.pages = [Response(200, body), make_page()]

    assert list_twilio_numbers(boto3.client("secretsmanager"), "warmline/twilio", twilio.origin) == []
    assert "own numbers are not known" in caplog.text
    assert len(twilio.asked) == 1


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("secret_id", [None, "", "warmline/none", "warmline/openai"])
def test_without_credentials_nothing_is_asked(twilio: Twilio, secret_id: object) -> None:
    assert list_twilio_numbers(boto3.client("secretsmanager"), secret_id, twilio.origin) == []
    assert twilio.asked == []


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
