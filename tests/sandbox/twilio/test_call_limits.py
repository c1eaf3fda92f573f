"""sandbox.twilio.call_limits: how many calls an account may begin, and have."""

import asyncio
from collections.abc import Callable

import pytest
from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance

from sandbox.twilio import Carrier, answers, never_answers
from sandbox.twilio.call_limits import CallTurns
from sandbox.twilio.events import Bridged, Ringing
from tests.sandbox.twilio.application import NUMBER, PERSON, VOICE, Application
from tests.sandbox.twilio.scripts import HANG_UP, dial_in, leaves_after, read_refusal, stays

OTHER = "+15550100003"


@pytest.fixture(autouse=True)
async def caller_id(carrier: Carrier, application: Application) -> None:
    """The account has the number, because somebody has dialled it."""
    application.answers |= {"/incoming": HANG_UP, "/status": ""}
    await (await dial_in(carrier)).wait_for_end()
    carrier.people |= {PERSON: never_answers(), OTHER: answers(stays, after_ms=100)}


def make_create(client: Client, to: str = PERSON, **parameters: object) -> Callable[[], CallInstance]:
    return lambda: client.calls.create(to=to, from_=NUMBER, twiml=HANG_UP, **parameters)


def list_ringing_ms(carrier: Carrier) -> list[int]:
    return [event.clock_ms for event in carrier.events if event.what == Ringing(PERSON)]


async def test_calls_by_rest_begin_one_a_second(carrier: Carrier, client: Client) -> None:
    before_ms = carrier.now_ms
    created = [await asyncio.to_thread(make_create(client)) for _ in range(3)]
    await carrier.events.wait_for(Ringing, lambda _: len(list_ringing_ms(carrier)) == 3)

    _, second, third = list_ringing_ms(carrier)
    assert (second - before_ms >= 1000, third - before_ms >= 2000) == (True, True)
    assert [call.status for call in created] == ["queued"] * 3
    assert created[0].queue_time == "0"
    assert (int(created[1].queue_time) <= 1000, int(created[2].queue_time) <= 2000) == (True, True)


def test_turns_are_as_far_apart_as_the_account_may() -> None:
    turns = CallTurns()

    assert [turns.take(5000, 1), turns.take(5000, 1), turns.take(5300, 1)] == [0, 1000, 1700]
    assert [turns.take(60_000, 4), turns.take(60_000, 4)] == [0, 250]


async def test_an_account_may_have_more_calls_a_second(carrier: Carrier, client: Client) -> None:
    carrier.account.calls_per_second = 1000
    created = [await asyncio.to_thread(make_create(client)) for _ in range(3)]

    assert [call.queue_time for call in created] == ["0"] * 3


async def test_a_queued_call_reports_nothing_until_it_begins(
    carrier: Carrier, client: Client, application: Application
) -> None:
    carrier.account.calls_per_second = 0.001
    await asyncio.to_thread(make_create(client))
    events = ["initiated", "ringing", "completed"]
    told = make_create(client, status_callback=f"{VOICE}/status", status_callback_event=events)
    queued = await asyncio.to_thread(told)
    assert (await asyncio.to_thread(lambda: client.calls(queued.sid).fetch())).status == "queued"

    await asyncio.to_thread(lambda: client.calls(queued.sid).update(status="canceled"))
    report = await carrier.calls[queued.sid].wait_for_end()

    assert report.status == "canceled"
    assert [form["CallStatus"] for form in application.list_forms("/status")] == ["canceled"]


async def test_a_queued_call_can_be_completed_but_not_redirected(carrier: Carrier, client: Client) -> None:
    carrier.account.calls_per_second = 0.001
    await asyncio.to_thread(make_create(client))
    queued = await asyncio.to_thread(make_create(client))

    assert await read_refusal(lambda: client.calls(queued.sid).update(twiml=HANG_UP)) == (400, 21220)
    await asyncio.to_thread(lambda: client.calls(queued.sid).update(status="completed"))
    assert (await carrier.calls[queued.sid].wait_for_end()).status == "canceled"


async def test_a_call_over_the_limit_is_refused(carrier: Carrier, client: Client) -> None:
    carrier.account.concurrent_calls = 2
    first = await asyncio.to_thread(make_create(client))
    await asyncio.to_thread(make_create(client))
    seen = len(carrier.calls)

    assert await read_refusal(make_create(client)) == (429, 10004)
    assert len(carrier.calls) == seen
    await asyncio.to_thread(lambda: client.calls(first.sid).update(status="canceled"))
    await carrier.calls[first.sid].wait_for_end()
    assert (await asyncio.to_thread(make_create(client))).status == "queued"


async def test_a_call_over_the_limit_may_be_taken_and_fail(
    carrier: Carrier, client: Client, application: Application
) -> None:
    carrier.account.concurrent_calls = 0
    carrier.faults.over_limit_status = None
    created = await asyncio.to_thread(make_create(client, to=OTHER, status_callback=f"{VOICE}/status"))
    report = await carrier.calls[created.sid].wait_for_end()

    (form,) = application.list_forms("/status")
    assert (report.status, form["CallStatus"], form["ErrorCode"]) == ("failed", "failed", "10004")


async def test_a_dialled_leg_counts_too(carrier: Carrier, application: Application) -> None:
    carrier.account.concurrent_calls = 1
    application.answers |= {
        "/incoming": f'<Response><Dial action="/after">{OTHER}</Dial></Response>',
        "/after": HANG_UP,
    }
    await (await dial_in(carrier)).wait_for_end()

    (form,) = application.list_forms("/after")
    assert (form["DialCallStatus"], form["ErrorCode"]) == ("failed", "10004")
    assert carrier.events.of(Bridged) == []


async def test_a_call_may_ring_longer_than_its_timeout(carrier: Carrier, client: Client) -> None:
    carrier.faults.extra_ring_ms = 5000
    carrier.people[PERSON] = answers(leaves_after(100), after_ms=4000)
    created = await asyncio.to_thread(make_create(client, timeout=2))

    assert (await carrier.calls[created.sid].wait_for_end()).status == "completed"
