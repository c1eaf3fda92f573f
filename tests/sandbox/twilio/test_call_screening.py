"""sandbox.twilio.call_screening: phones that ask who is calling before they ring."""

import asyncio

import pytest
from twilio.rest import Client

from sandbox.twilio import Carrier, Phone, screens_calls
from sandbox.twilio.events import KeyPressed
from tests.sandbox.twilio.application import NUMBER, PERSON, VOICE, Application
from tests.sandbox.twilio.scripts import HANG_UP, dial_in


@pytest.fixture(autouse=True)
async def caller_id(carrier: Carrier, application: Application) -> None:
    """The account has the number, because somebody has dialled it."""
    application.answers |= {"/incoming": HANG_UP, "/key": HANG_UP}
    await (await dial_in(carrier)).wait_for_end()

    async def takes_it(phone: Phone) -> None:
        await phone.press("1")
        await phone.stay()

    carrier.people[PERSON] = screens_calls(takes_it)


async def call_by_rest(carrier: Carrier, client: Client, inside: str) -> None:
    twiml = f"<Response>{inside}</Response>"
    created = await asyncio.to_thread(lambda: client.calls.create(to=PERSON, from_=NUMBER, twiml=twiml))
    await carrier.calls[created.sid].wait_for_end()


async def test_the_person_is_rung_once_the_caller_has_said_something(
    carrier: Carrier, client: Client, application: Application
) -> None:
    say = '<Say loop="3">An urgent job. Press 1 to take it.</Say>'
    ask = f'<Gather numDigits="1" timeout="15" action="{VOICE}/key">{say}</Gather>'
    await call_by_rest(carrier, client, ask)

    assert [form["Digits"] for form in application.list_forms("/key")] == ["1"]


async def test_words_that_are_over_before_the_question_do_not_count(carrier: Carrier, client: Client) -> None:
    await call_by_rest(carrier, client, '<Say>An urgent job.</Say><Pause length="30"/>')

    assert carrier.events.of(KeyPressed) == []


async def test_who_says_nothing_never_reaches_the_person(carrier: Carrier, client: Client) -> None:
    await call_by_rest(carrier, client, '<Pause length="30"/>')

    assert carrier.events.of(KeyPressed) == []
