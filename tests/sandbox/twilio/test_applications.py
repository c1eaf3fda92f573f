"""sandbox.twilio.applications through the real twilio client."""

import asyncio

import pytest
from twilio.rest import Client

from sandbox.twilio import Carrier
from sandbox.twilio.account import TwimlApp
from tests.sandbox.twilio.scripts import read_refusal


async def test_an_app_is_made_changed_and_deleted(carrier: Carrier, client: Client) -> None:
    made = await asyncio.to_thread(
        lambda: client.applications.create(friendly_name="desk", voice_url="https://a.test", voice_method="GET")
    )
    await asyncio.to_thread(lambda: client.applications(made.sid).update(voice_url="https://b.test"))
    fetched = await asyncio.to_thread(client.applications(made.sid).fetch)

    assert (fetched.sid, fetched.friendly_name, fetched.voice_url) == (made.sid, "desk", "https://b.test")
    assert fetched.voice_method == "GET", "what is not named stays"
    assert [each.sid for each in carrier.account.applications] == [made.sid]
    assert await asyncio.to_thread(client.applications(made.sid).delete)
    assert carrier.account.applications == []


async def test_apps_are_listed_by_name_page_by_page(carrier: Carrier, client: Client) -> None:
    carrier.account.applications += [TwimlApp(friendly_name=name) for name in ("a & b", "c", "a & b", "a & b")]

    everything = await asyncio.to_thread(lambda: client.applications.list(page_size=3))
    named = await asyncio.to_thread(lambda: client.applications.list(friendly_name="a & b", page_size=2))

    assert [each.sid for each in everything] == [each.sid for each in carrier.account.applications]
    assert [each.friendly_name for each in named] == ["a & b"] * 3


async def test_an_app_that_is_none_is_not_found(client: Client) -> None:
    unknown = client.applications("AP1")

    assert await read_refusal(unknown.fetch) == (404, 20404)
    assert await read_refusal(unknown.delete) == (404, 20404)
    assert await read_refusal(lambda: unknown.update(voice_url="https://b.test")) == (404, 20404)


@pytest.mark.parametrize("wrong", [{"voice_method": "PUT"}, {"friendly_name": "x" * 65}])
async def test_a_value_that_is_none_is_refused(carrier: Carrier, client: Client, wrong: dict[str, str]) -> None:
    assert await read_refusal(lambda: client.applications.create(**wrong)) == (400, 20001)
    assert carrier.account.applications == []
