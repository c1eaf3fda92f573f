"""Twilio's REST API: what can be asked and refused without ringing anybody."""

import asyncio

import pytest

from tests.contract.twilio_account import HOLD, TwilioAccount

UNKNOWN = "CA" + "f" * 32
TOO_LONG = f"<Response><Say>{'a' * 4000}</Say></Response>"


async def test_an_unknown_call_is_20404(account: TwilioAccount) -> None:
    assert await account.try_request(account.client.calls(UNKNOWN).fetch) == (404, 20404)
    assert await account.try_update(UNKNOWN, twiml=HOLD) == (404, 20404)
    assert await account.try_update(UNKNOWN, status="completed") == (404, 20404)


async def test_a_wrong_password_is_20003(account: TwilioAccount) -> None:
    assert await account.try_request(account.stranger.calls(UNKNOWN).fetch) == (401, 20003)
    assert await account.try_request(lambda: account.stranger.calls.list(limit=1)) == (401, 20003)


async def test_the_number_that_is_shown_is_the_account_s(account: TwilioAccount) -> None:
    numbers = await asyncio.to_thread(lambda: account.client.incoming_phone_numbers.list(limit=200))

    assert account.from_number in [number.phone_number for number in numbers]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": ""}, 21201),
        ({"from_": ""}, 21213),
        ({"to": "+1"}, 21211),
        ({"from_": "+1"}, 21212),
        ({"twiml": TOO_LONG}, 32018),
        ({"url": "no URL", "twiml": None}, 21205),
    ],
    ids=["no To", "no From", "To is no number", "From is no number", "TwiML too long", "Url is none"],
)
async def test_a_call_that_cannot_be_is_refused(
    account: TwilioAccount, change: dict[str, str | None], code: int
) -> None:
    asked: dict[str, str | None] = {"to": account.to_number, "from_": account.from_number, "twiml": HOLD}
    given = {name: value for name, value in {**asked, **change}.items() if value is not None}

    assert await account.try_request(lambda: account.client.calls.create(**given)) == (400, code)


async def test_a_page_of_more_than_a_thousand_is_refused(account: TwilioAccount) -> None:
    def page() -> object:
        return account.client.calls.page(page_size=1001)

    assert await account.try_request(page) == (400, 20007)
