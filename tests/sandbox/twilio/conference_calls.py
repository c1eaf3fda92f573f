"""Calls that meet in a conference: their documents, and who is in it."""

import asyncio
from collections.abc import Callable

from twilio.rest import Client

from sandbox.twilio import Carrier
from sandbox.twilio.events import ConferenceJoined
from tests.sandbox.twilio.application import NUMBER, PERSON, VOICE

QUIET = 'beep="false" waitUrl=""'


def make_room(attributes: str = QUIET, name: str = "talk", after: str = "") -> str:
    dial = f'<Dial action="{VOICE}/after"><Conference {attributes}>{name}</Conference></Dial>'
    return f"<Response>{dial}{after}</Response>"


def have_joined(carrier: Carrier, members: int) -> Callable[[ConferenceJoined], bool]:
    """Whether so many have joined by now."""
    return lambda _: len(carrier.events.of(ConferenceJoined)) == members


async def ring(client: Client, twiml: str) -> str:
    call = await asyncio.to_thread(lambda: client.calls.create(to=PERSON, from_=NUMBER, twiml=twiml))
    return str(call.sid)
