"""A carrier that runs ten times as fast, and the application behind its numbers."""

from collections.abc import AsyncIterator

import pytest

from sandbox.carrier import Carrier
from tests.carrier.application import ACCOUNT_SID, AUTH_TOKEN, Application, running_application


@pytest.fixture
async def application() -> AsyncIterator[Application]:
    async with running_application() as application:
        yield application


@pytest.fixture
async def carrier(application: Application) -> AsyncIterator[Carrier]:
    async with Carrier(account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, routes=application.routes(), pace=10) as carrier:
        yield carrier
