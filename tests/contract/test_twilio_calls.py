"""Twilio's REST API: calls that ring somebody, by TwiML that is given with the request."""

import asyncio

import pytest

from tests.contract.twilio_account import ENDED, HOLD, TwilioAccount

one_call = pytest.mark.costs(calls=1)
# A call of its own, and the leg that it dials.
two_calls = pytest.mark.costs(calls=2)
GOODBYE = "<Response><Hangup/></Response>"


def make_long_document(length: int) -> str:
    """A document of so many characters that holds the line."""
    bare = HOLD.replace("</Response>", "<!----></Response>")
    return bare.replace("<!---->", f"<!--{'a' * (length - len(bare))}-->")


@one_call
async def test_a_call_is_fetched_as_it_was_made(account: TwilioAccount) -> None:
    sid = await account.create_answered()

    call = await account.fetch(sid)

    assert (call.sid, call.direction, call.status) == (sid, "outbound-api", "in-progress")
    assert (call._from, call.to, call.parent_call_sid) == (account.from_number, account.to_number, None)


@one_call
async def test_a_live_call_takes_other_twiml(account: TwilioAccount) -> None:
    sid = await account.create_answered()

    answer = await account.update(sid, twiml=GOODBYE)

    assert answer.sid == sid
    assert (await account.wait_for_status(sid, ENDED)).status == "completed"


# Never tried on a live call: the transfer function sends both, and leaves the fallback out if it is refused.
@one_call
async def test_a_fallback_beside_inline_twiml_is_taken(account: TwilioAccount) -> None:
    sid = await account.create_answered()

    await account.update(sid, twiml=HOLD, fallback_url="https://example.com/fallback", fallback_method="POST")

    assert (await account.fetch(sid)).status == "in-progress"


# Written on Twilio's pages for a new call; whether it counts for an update is an open question of protocol.md.
@one_call
async def test_inline_twiml_has_four_thousand_characters_at_most(account: TwilioAccount) -> None:
    sid = await account.create_answered()

    assert await account.try_update(sid, twiml=make_long_document(4001)) == (400, 32018)
    assert await account.try_update(sid, twiml=make_long_document(4000)) is None


@one_call
async def test_inline_twiml_with_a_relative_action_is_15004(account: TwilioAccount) -> None:
    sid = await account.create_answered()
    twiml = f'<Response><Dial action="/after"><Number>{account.to_number}</Number></Dial></Response>'

    assert await account.try_update(sid, twiml=twiml) == (400, 15004)


@one_call
async def test_twiml_and_a_url_exclude_each_other(account: TwilioAccount) -> None:
    sid = await account.create_answered()

    refusal = await account.try_update(sid, twiml=HOLD, url="https://example.com/twiml")

    assert refusal is not None
    assert refusal[0] == 400


@one_call
async def test_a_call_that_was_answered_cannot_be_cancelled(account: TwilioAccount) -> None:
    sid = await account.create_answered()

    refusal = await account.try_update(sid, status="canceled")

    assert refusal is not None
    assert refusal[0] == 400


@one_call
async def test_a_call_that_rings_is_cancelled(account: TwilioAccount) -> None:
    sid = await account.create(to=account.ringing_number)

    await account.update(sid, status="canceled")

    assert (await account.wait_for_status(sid, ENDED)).status == "canceled"


@one_call
async def test_an_ended_call_takes_no_twiml(account: TwilioAccount) -> None:
    sid = await account.create_ended()

    assert await account.try_update(sid, twiml=HOLD) == (400, 21220)


# Twilio may take a second hang-up or refuse it as late; whoever hangs up treats both alike.
@one_call
async def test_a_call_can_be_hung_up_twice(account: TwilioAccount) -> None:
    sid = await account.create_ended()

    assert await account.try_update(sid, status="completed") in (None, (400, 21220))
    assert (await account.fetch(sid)).status == "completed"


@one_call
async def test_an_ended_call_has_a_duration(account: TwilioAccount) -> None:
    call = await account.fetch(await account.create_ended())

    assert int(call.duration) >= 0
    assert call.end_time >= call.start_time


@one_call
async def test_a_time_limit_ends_a_call(account: TwilioAccount) -> None:
    sid = await account.create(time_limit=2)

    assert (await account.wait_for_status(sid, ENDED)).status == "completed"


@two_calls
async def test_a_live_call_dials_a_leg_of_its_own(account: TwilioAccount) -> None:
    sid = await account.create_answered()
    account.calls_left -= 1
    dial = f'<Dial timeLimit="30" timeout="20" callerId="{account.from_number}">{account.to_number}</Dial>'

    await account.update(sid, twiml=f"<Response>{dial}</Response>")

    leg = await account.wait_for_leg(sid)
    assert (leg.parent_call_sid, leg.direction, leg.to) == (sid, "outbound-dial", account.to_number)


@two_calls
async def test_calls_are_listed_a_page_at_a_time(account: TwilioAccount) -> None:
    first = await account.create()
    second = await account.create()
    to = account.to_number

    newest = await asyncio.to_thread(lambda: account.client.calls.page(to=to, page_size=1))
    older = await asyncio.to_thread(newest.next_page)

    assert older is not None
    assert {call.sid for page in (newest, older) for call in page} == {first, second}
