"""sandbox.twilio.account_rest through the real twilio client, which must not see a difference."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from sandbox.twilio import Carrier
from sandbox.twilio.account import IncomingNumber
from tests.sandbox.twilio.application import ACCOUNT_SID
from tests.sandbox.twilio.scripts import read_refusal, rest_client


@pytest.fixture
def client(carrier: Carrier) -> Iterator[Client]:
    with rest_client(carrier) as client:
        client.voice.base_url = carrier.api_url
        yield client


async def read_not_listed(act: Callable[[], object]) -> str:
    """The library's own words, in which the code is only quoted."""
    with pytest.raises(TwilioException) as error:
        await asyncio.to_thread(act)
    return str(error.value)


async def test_the_account_says_what_it_is(carrier: Carrier, client: Client) -> None:
    carrier.account.type = "Trial"

    account = await asyncio.to_thread(client.api.v2010.accounts(ACCOUNT_SID).fetch)

    assert (account.sid, account.status, account.type) == (ACCOUNT_SID, "active", "Trial")


async def test_numbers_come_page_by_page(carrier: Carrier, client: Client) -> None:
    carrier.account.numbers += [IncomingNumber(f"+120255501{number:02}", voice=number != 7) for number in range(50, 60)]

    numbers = await asyncio.to_thread(lambda: client.incoming_phone_numbers.list(page_size=4))

    assert [each.phone_number for each in numbers] == [each.phone_number for each in carrier.account.numbers]
    assert numbers[0].capabilities["voice"] is True


async def test_a_numbers_webhooks_can_be_changed(carrier: Carrier, client: Client) -> None:
    number = IncomingNumber("+12025550150", voice_method="GET", voice_fallback_url="https://a.test")
    carrier.account.numbers.append(number)

    changed = await asyncio.to_thread(
        lambda: client.incoming_phone_numbers(number.sid).update(voice_url="https://b.test", voice_method="POST")
    )

    assert (changed.voice_url, changed.voice_method) == (number.voice_url, number.voice_method)
    assert (number.voice_url, number.voice_method) == ("https://b.test", "POST")
    assert number.voice_fallback_url == "https://a.test", "what is not named stays"


async def test_another_numbers_webhooks_are_not_found(client: Client) -> None:
    assert await read_refusal(lambda: client.incoming_phone_numbers("PN1").update(voice_url="https://b.test")) == (
        404,
        20404,
    )


async def test_a_method_that_is_none_is_refused(carrier: Carrier, client: Client) -> None:
    number = IncomingNumber("+12025550150")
    carrier.account.numbers.append(number)

    assert await read_refusal(lambda: client.incoming_phone_numbers(number.sid).update(voice_method="PUT")) == (
        400,
        20001,
    )


async def test_verified_numbers_are_listed(carrier: Carrier, client: Client) -> None:
    carrier.account.verified = ["+12025550160"]

    (verified,) = await asyncio.to_thread(client.outgoing_caller_ids.list)

    assert verified.phone_number == "+12025550160"


async def test_geographic_permissions_are_listed(carrier: Carrier, client: Client) -> None:
    countries = await asyncio.to_thread(client.voice.v1.dialing_permissions.countries.list)

    assert [(each.iso_code, each.country_codes, each.low_risk_numbers_enabled) for each in countries] == [
        (each.iso_code, list(each.country_codes), each.low_risk) for each in carrier.account.countries
    ]
    prefixes = client.voice.v1.dialing_permissions.countries("GB").highrisk_special_prefixes
    assert [each.prefix for each in await asyncio.to_thread(prefixes.list)] == ["+449", "+4487"]
    unknown = client.voice.v1.dialing_permissions.countries("XX").highrisk_special_prefixes
    assert "20404" in await read_not_listed(unknown.list)


async def test_wrong_credentials_are_20003(carrier: Carrier) -> None:
    with rest_client(carrier, password="wrong") as client:
        client.voice.base_url = carrier.api_url
        assert "20003" in await read_not_listed(client.incoming_phone_numbers.list)
        assert "20003" in await read_not_listed(client.voice.v1.dialing_permissions.countries.list)


async def test_a_bad_day_is_everybodys(carrier: Carrier, client: Client) -> None:
    carrier.account.answers = 503, b'{"code": 20500, "message": "Internal Server Error"}'

    assert "20500" in await read_not_listed(client.incoming_phone_numbers.list)
