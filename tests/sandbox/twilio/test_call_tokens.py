"""sandbox.twilio.call_tokens: a call by REST that shows the number of who is calling."""

import asyncio
import json
from urllib.parse import unquote

import pytest
from twilio.rest import Client

from sandbox.twilio import Carrier, never_answers
from sandbox.twilio.events import StreamStarted
from tests.sandbox.twilio.application import CALLER, NUMBER, PERSON, VOICE, Application
from tests.sandbox.twilio.scripts import HANG_UP, dial_in, leaves_after, read_refusal, stays

pytestmark = pytest.mark.usefixtures("streams")


async def call_in(carrier: Carrier, application: Application) -> str:
    """The token of a call that lasts."""
    await dial_in(carrier)
    await carrier.events.wait_for(StreamStarted)
    return application.list_forms("/incoming")[0]["CallToken"]


async def test_a_token_lets_a_call_show_the_callers_number(
    carrier: Carrier, client: Client, application: Application
) -> None:
    carrier.people[PERSON] = never_answers()
    token = await call_in(carrier, application)
    created = await asyncio.to_thread(
        lambda: client.calls.create(to=PERSON, from_=CALLER, twiml=HANG_UP, call_token=token)
    )

    assert carrier.calls[created.sid].from_ == CALLER
    assert json.loads(unquote(token)).keys() == {"parentCallInfoToken", "identityHeaderTokens"}


@pytest.mark.parametrize("given", [None, "", "{}", "x" * 5000])
async def test_without_a_valid_token_the_number_is_not_verified(
    carrier: Carrier, client: Client, application: Application, given: str | None
) -> None:
    await call_in(carrier, application)
    parameters = {} if given is None else {"call_token": given}

    create = {"to": PERSON, "from_": CALLER, "twiml": HANG_UP, **parameters}
    assert await read_refusal(lambda: client.calls.create(**create)) == (400, 21210)


async def test_a_token_counts_for_its_caller_only(carrier: Carrier, client: Client, application: Application) -> None:
    token = await call_in(carrier, application)

    create = {"to": PERSON, "from_": "+15550100009", "twiml": HANG_UP, "call_token": token}
    assert await read_refusal(lambda: client.calls.create(**create)) == (400, 21210)


async def test_a_token_ends_with_its_call(carrier: Carrier, client: Client, application: Application) -> None:
    await (await dial_in(carrier, leaves_after(200))).wait_for_end()
    token = application.list_forms("/incoming")[0]["CallToken"]

    create = {"to": PERSON, "from_": CALLER, "twiml": HANG_UP, "call_token": token}
    assert await read_refusal(lambda: client.calls.create(**create)) == (400, 21210)


async def test_a_caller_without_a_number_has_no_token(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = HANG_UP
    for from_ in ("anonymous", "client:anna", "+266696687"):
        await (
            await carrier.place_call(caller=stays, from_=from_, to=NUMBER, voice_url=f"{VOICE}/incoming")
        ).wait_for_end()

    assert ["CallToken" in form for form in application.list_forms("/incoming")] == [False] * 3


async def test_later_webhooks_have_no_token(carrier: Carrier, application: Application) -> None:
    application.answers |= {"/incoming": "<Response><Redirect>/next</Redirect></Response>", "/next": HANG_UP}
    await (await dial_in(carrier)).wait_for_end()

    assert "CallToken" not in application.list_forms("/next")[0]
