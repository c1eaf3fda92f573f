"""A carrier that runs ten times as fast, and the application behind its numbers."""

from collections.abc import AsyncIterator, Iterator

import pytest
from twilio.rest import Client

from sandbox.twilio import Carrier
from tests.sandbox.twilio.application import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    STREAM_STATUS,
    Application,
    connect,
    run_application,
)
from tests.sandbox.twilio.dial_calls import dial_document
from tests.sandbox.twilio.scripts import HANG_UP, rest_client


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    async with run_application() as application:
        yield application


@pytest.fixture
async def carrier(application: Application) -> AsyncIterator[Carrier]:
    async with Carrier(
        account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, routes=application.make_routes(), pace=10
    ) as carrier:
        yield carrier


@pytest.fixture
def client(carrier: Carrier) -> Iterator[Client]:
    """The twilio library's REST client with the account's own credentials."""
    with rest_client(carrier) as client:
        yield client


@pytest.fixture
def streams(application: Application) -> None:
    """A caller gets a media stream."""
    application.answers["/incoming"] = connect()


@pytest.fixture
def reported_streams(application: Application) -> None:
    """A caller gets a media stream whose status is told."""
    application.answers["/incoming"] = connect('<Parameter name="token" value="t"/>', stream=STREAM_STATUS)
    application.answers["/stream-status"] = ""


@pytest.fixture
def dials(application: Application) -> None:
    """A caller gets a person."""
    application.answers["/incoming"] = dial_document()
    application.answers["/after"] = HANG_UP
