"""Telephones on a carrier, behind whose number is an application that a test plays."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from starlette.applications import Starlette

from console.play.page_socket import make_route
from console.play.telephone import Telephone
from console.play.telephones import Dial, Render, Telephones
from sandbox.speech import mulaw
from sandbox.twilio.calls import Call
from sandbox.twilio.carrier import Carrier
from sandbox.twilio.loopback_server import serve
from sandbox.twilio.phones import Phone, Script
from tests.sandbox.twilio.application import (
    ACCOUNT_SID,
    AUTH_TOKEN,
    CALLER,
    NUMBER,
    PERSON,
    VOICE,
    Application,
    run_application,
)

CALLS, PERSON_1 = 0, 1  # ids of telephones
SPOKEN = mulaw.tone(400, 300)  # whatever is typed


@dataclass(frozen=True, slots=True)
class Setting:
    """A carrier, the application behind its number, and where a page finds the telephones."""

    carrier: Carrier
    application: Application
    telephones: Telephones
    origin: str

    @property
    def call(self) -> Call:
        """The one that was placed first."""
        return next(iter(self.carrier.calls.values()))


@asynccontextmanager
async def run_setting(
    *, gone_s: float = 60, pace: float = 1, dial: Dial | None = None, render: Render | None = None
) -> AsyncIterator[Setting]:
    async with (
        run_application() as application,
        Carrier(account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, routes=application.make_routes(), pace=pace) as carrier,
    ):

        def find_call(phone: Phone) -> Call:
            return next(call for call in carrier.calls.values() if call.phone is phone)

        async def place(script: Script) -> str:
            call = await carrier.place_call(caller=script, from_=CALLER, to=NUMBER, voice_url=f"{VOICE}/incoming")
            return call.sid

        async def speak(_who: str, _text: str) -> bytes:
            return SPOKEN

        person = Telephone("person", "Anna", PERSON, find_call)
        carrier.people[PERSON] = person.person
        caller = Telephone("caller", "Caller", CALLER, find_call)
        telephones = Telephones(caller, dial or place, render or speak, gone_s=gone_s)
        telephones.show_people([person])
        running = asyncio.ensure_future(telephones.run())
        try:
            async with serve(Starlette(routes=[make_route(telephones)])) as origin:
                yield Setting(carrier, application, telephones, origin)
        finally:
            running.cancel()


@pytest.fixture
async def setting() -> AsyncIterator[Setting]:
    async with run_setting() as setting:
        yield setting
