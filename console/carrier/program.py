"""The parts of `make carrier`: a telephone in the page, the carrier, and behind its number the user's application.

Nothing of Warmline runs here. Whoever the application rings gets a telephone in the page, whatever their number.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from console.carrier.settings import Settings
from console.local.local_source import LocalSource
from console.play.page_messages import About, mask_address
from console.play.pages import make_extension
from console.play.spoken_text import NO_VOICE, Speak, find_speak, make_render, make_say
from console.play.telephone import Telephone
from console.play.telephones import Telephones
from console.web.app import make_app
from console.web.serve import serve_for_ever
from sandbox.environment import CALLER, WARMLINE
from sandbox.twilio.account import IncomingNumber
from sandbox.twilio.calls import Call
from sandbox.twilio.carrier import Carrier
from sandbox.twilio.phones import Person, Phone, Script

NUMBER = WARMLINE
"""The number that the caller dials, and that belongs to the account."""
MOST_TELEPHONES = 20

type Say = Callable[[str], None]


async def run_carrier(settings: Settings, environment: Mapping[str, str], say: Say) -> None:
    """Serve the page until cancelled. Raises ServeError."""
    async with run_calling(settings) as calling:
        for line in describe(settings, calling.carrier.api_url):
            say(line)
        app = make_app(calling.source, make_extension(calling.telephones))
        await serve_for_ever(app, settings.port, environment, say=say)


def describe(settings: Settings, api_url: str) -> list[str]:
    """What the user's application needs to know."""
    known = f"{settings.origin}{settings.path}, which sees itself as {settings.voice_url}"
    token = f" and auth token {settings.auth_token}" if settings.made_up else " and the auth token of the environment"
    return [
        f"Calls of {NUMBER} go to {known}.",
        f"REST: {api_url}, with account {settings.account_sid}{token}.",
    ]


@dataclass(frozen=True, slots=True)
class Calling:
    """What runs."""

    carrier: Carrier
    source: LocalSource
    telephones: Telephones


@contextlib.asynccontextmanager
async def run_calling(settings: Settings) -> AsyncIterator[Calling]:
    """Everything but the page."""
    speak = await asyncio.to_thread(find_speak)
    carrier = Carrier(
        account_sid=settings.account_sid,
        auth_token=settings.auth_token,
        routes=settings.routes,
        numbers={NUMBER},
        say=make_say(speak),
    )
    carrier.account.numbers.append(IncomingNumber(NUMBER, voice_url=settings.voice_url))
    telephones = _make_telephones(carrier, settings, speak)
    async with carrier, asyncio.TaskGroup() as group:
        source = LocalSource(carrier, name=f"the application at {settings.origin}")
        async with source.run():
            running = group.create_task(telephones.run())
            try:
                yield Calling(carrier, source, telephones)
            finally:
                running.cancel()


def _make_telephones(carrier: Carrier, settings: Settings, speak: Speak | None) -> Telephones:
    async def dial(script: Script) -> str:
        call = await carrier.place_call(caller=script, from_=CALLER, to=NUMBER, voice_url=settings.voice_url)
        return call.sid

    def find_call(phone: Phone) -> Call:
        return next(call for call in carrier.calls.values() if call.phone is phone)

    telephones = Telephones(Telephone("caller", "Caller", CALLER, find_call), dial, make_render(speak))
    telephones.tell_about(About(notes=() if speak else (NO_VOICE,)))

    def find_person(address: str) -> Person | None:
        """A telephone for whoever is rung for the first time."""
        if len(telephones.people) == MOST_TELEPHONES:
            telephones.report(f"The page has {MOST_TELEPHONES} telephones; nobody answers at {address}.")
            return None
        found = Telephone("person", mask_address(address), address, find_call)
        carrier.people[address] = found.person
        telephones.show_people([*telephones.people, found])
        return found.person

    carrier.find_unlisted = find_person
    return telephones
