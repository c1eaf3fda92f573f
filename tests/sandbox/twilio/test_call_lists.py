"""sandbox.twilio.call_lists through the real twilio client: filters, pages, and what is refused."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from twilio.rest import Client

from sandbox.twilio import Carrier
from sandbox.twilio.calls import Call
from sandbox.twilio.events import CallStarted, RestRequest, Ringing
from sandbox.twilio.phones import never_answers
from tests.sandbox.twilio.application import ACCOUNT_SID, AUTH_TOKEN, CALLER, PERSON, Application
from tests.sandbox.twilio.scripts import dial_in

RING = f"<Response><Dial>{PERSON}</Dial></Response>"
LIST = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls.json"


pytestmark = pytest.mark.usefixtures("streams")


async def list_sids(act: Callable[[], list[object]]) -> list[str]:
    """Of the calls that the client lists, in its order."""
    return [str(vars(each)["sid"]) for each in await asyncio.to_thread(act)]


async def ask(carrier: Carrier, **parameters: str) -> httpx.Response:
    async with httpx.AsyncClient(auth=(ACCOUNT_SID, AUTH_TOKEN)) as client:
        return await client.get(f"{carrier.api_url}{LIST}", params=parameters)


async def make_ringing_call(carrier: Carrier, application: Application) -> tuple[Call, Call]:
    """A call, and the leg that it rings."""
    application.answers["/incoming"] = RING
    carrier.people[PERSON] = never_answers()
    call = await dial_in(carrier)
    await carrier.events.wait_for(Ringing, lambda what: what.to == PERSON)
    return call, call.children[0]


async def test_the_legs_of_a_call_are_listed_by_their_status(
    carrier: Carrier, client: Client, application: Application
) -> None:
    call, leg = await make_ringing_call(carrier, application)

    assert await list_sids(lambda: client.calls.list(parent_call_sid=call.sid, status="ringing", limit=20)) == [leg.sid]
    assert await list_sids(lambda: client.calls.list(parent_call_sid=call.sid, status="completed")) == []
    assert await list_sids(lambda: client.calls.list(parent_call_sid=leg.sid)) == []
    assert await list_sids(lambda: client.calls.list(to=PERSON)) == [leg.sid]
    assert await list_sids(lambda: client.calls.list(from_=CALLER, limit=1)) == [leg.sid]


async def test_all_calls_are_listed_newest_first_however_long_a_page_is(carrier: Carrier, client: Client) -> None:
    calls = [await dial_in(carrier) for _ in range(5)]
    newest_first = [call.sid for call in reversed(calls)]

    assert await list_sids(lambda: client.calls.list(page_size=1)) == newest_first
    assert await list_sids(lambda: client.calls.list(page_size=2)) == newest_first
    assert await list_sids(lambda: client.calls.list(page_size=5)) == newest_first
    assert await list_sids(lambda: client.calls.list()) == newest_first


async def test_a_page_says_where_it_is(carrier: Carrier) -> None:
    first, second, third = [await dial_in(carrier) for _ in range(3)]

    page = (await ask(carrier, PageSize="2", From=CALLER)).json()
    after = {"PageSize": "2", "From": CALLER, "Page": "1", "PageToken": f"PA{second.sid}"}
    last = (await ask(carrier, **after)).json()

    assert [each["sid"] for each in page.pop("calls")] == [third.sid, second.sid]
    start = f"{LIST}?From=%2B15550100001&PageSize=2&Page="
    assert page == {
        "first_page_uri": f"{start}0",
        "next_page_uri": f"{start}1&PageToken=PA{second.sid}",
        "previous_page_uri": None,
        "page": 0,
        "page_size": 2,
        "start": 0,
        "end": 1,
        "uri": f"{LIST}?PageSize=2&From=%2B15550100001",
    }
    assert [each["sid"] for each in last["calls"]] == [first.sid]
    assert (last["next_page_uri"], last["previous_page_uri"]) == (None, f"{start}0")
    assert (last["page"], last["start"], last["end"]) == (1, 2, 2)


async def test_a_call_that_begins_meanwhile_moves_no_page(carrier: Carrier) -> None:
    first, second = [await dial_in(carrier) for _ in range(2)]
    page = (await ask(carrier, PageSize="1")).json()
    await dial_in(carrier)

    async with httpx.AsyncClient(auth=(ACCOUNT_SID, AUTH_TOKEN)) as client:
        following = (await client.get(f"{carrier.api_url}{page['next_page_uri']}")).json()

    assert [each["sid"] for each in page["calls"]] == [second.sid]
    assert [each["sid"] for each in following["calls"]] == [first.sid]


async def test_calls_are_listed_by_when_they_began_and_ended(carrier: Carrier, client: Client) -> None:
    ended, live = await dial_in(carrier), await dial_in(carrier)
    ended.hang_up("api")
    await ended.wait_for_end()
    start, end = ended.times.created_at, ended.times.ended_at
    assert end is not None
    later, tomorrow = end + timedelta(seconds=2), (end + timedelta(days=1)).date()

    assert await list_sids(lambda: client.calls.list(start_time_before=start - timedelta(seconds=1))) == []
    assert await list_sids(lambda: client.calls.list(start_time_after=later)) == []
    assert await list_sids(lambda: client.calls.list(start_time_after=start.date())) == [live.sid, ended.sid]
    assert await list_sids(lambda: client.calls.list(start_time=tomorrow)) == []
    assert await list_sids(lambda: client.calls.list(end_time_before=later)) == [ended.sid]
    assert await list_sids(lambda: client.calls.list(end_time=end, start_time=start)) == [ended.sid]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("PageSize", "1001", 20007),
        ("PageSize", "0", 20001),
        ("PageSize", "many", 20001),
        ("Page", "1", 20001),
        ("PageToken", "PA1", 20001),
        ("Status", "talking", 20001),
        ("StartTime", "yesterday", 20001),
        ("EndTime<", "", 20001),
    ],
)
async def test_what_no_list_can_be_asked_is_refused(carrier: Carrier, name: str, value: str, code: int) -> None:
    answer = await ask(carrier, **{name: value})

    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_a_list_of_legs_is_noted_on_the_call_that_has_them(carrier: Carrier, client: Client) -> None:
    call = await dial_in(carrier)
    await carrier.events.wait_for(CallStarted)

    await asyncio.to_thread(lambda: client.calls.list(parent_call_sid=call.sid, page_size=7))

    asked = (("ParentCallSid", call.sid), ("PageSize", "7"))
    assert carrier.events.of(RestRequest, call.sid) == [RestRequest("list", asked, 200, None)]
