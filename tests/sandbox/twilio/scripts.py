"""What callers and people do in these tests, and the REST client that an application would use."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from sandbox.speech import mulaw
from sandbox.twilio import Carrier, Phone
from sandbox.twilio.calls import Call
from sandbox.twilio.events import StreamStarted, VerbStarted
from sandbox.twilio.phones import Script
from sandbox.twilio.verbs import Verb
from tests.sandbox.twilio.application import ACCOUNT_SID, AUTH_TOKEN, CALLER, NUMBER, VOICE

HANG_UP = "<Response><Hangup/></Response>"
VOICES = {name: mulaw.tone(400, hz) for name, hz in {"caller": 300, "person": 700, "server": 1100}.items()}


async def stays(phone: Phone) -> None:
    await phone.stay()


def leaves_after(ms: int) -> Script:
    async def script(phone: Phone) -> None:
        await phone.wait(ms)

    return script


def once[T](carrier: Carrier, kind: type[T], then: Script, where: Callable[[T], bool] | None = None) -> Script:
    """Follows `then` as soon as an event of `kind` was noted."""

    async def script(phone: Phone) -> None:
        await carrier.events.wait_for(kind, where)
        await then(phone)

    return script


def once_verb(carrier: Carrier, verb: type[Verb], then: Script) -> Script:
    """Follows `then` as soon as a verb of that type runs."""
    return once(carrier, VerbStarted, then, lambda started: isinstance(started.verb, verb))


def streams_for(carrier: Carrier, ms: int) -> Script:
    """Hangs up `ms` after a media stream has begun."""
    return once(carrier, StreamStarted, leaves_after(ms))


def presses(digits: str) -> Script:
    """Presses keys and holds the line."""

    async def script(phone: Phone) -> None:
        await phone.press(digits)
        await phone.stay()

    return script


def says(sound: bytes) -> Script:
    """Speaks once, then holds the line."""

    async def script(phone: Phone) -> None:
        await phone.say(sound)
        await phone.stay()

    return script


def dial_in(carrier: Carrier, caller: Script = stays, **webhooks: str) -> Coroutine[None, None, Call]:
    """Somebody rings the application's number, whose webhook is /incoming."""
    return carrier.place_call(caller=caller, from_=CALLER, to=NUMBER, voice_url=f"{VOICE}/incoming", **webhooks)


@contextmanager
def rest_client(carrier: Carrier, user: str = ACCOUNT_SID, password: str = AUTH_TOKEN) -> Iterator[Client]:
    http_client = TwilioHttpClient(timeout=2)
    account_sid = user if user.startswith("AC") else ACCOUNT_SID  # an API key names no account
    client = Client(user, password, account_sid=account_sid, http_client=http_client)
    client.api.base_url = carrier.api_url
    try:
        yield client
    finally:
        http_client.session.close()  # the library leaves its connections to the garbage collector


async def read_refusal(act: Callable[[], object]) -> tuple[int, int]:
    """Status and code with which Twilio's REST client is refused."""
    with pytest.raises(TwilioRestException) as error:
        await asyncio.to_thread(act)
    return error.value.status, error.value.code
