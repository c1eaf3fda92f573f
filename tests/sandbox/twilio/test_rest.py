"""sandbox.twilio.rest through the real twilio client, which must not see a difference."""

import asyncio

import httpx
import pytest
import requests
from twilio.rest import Client

from sandbox.twilio import Carrier, RestFault
from sandbox.twilio.events import Answered, ErrorLogged, RestRequest, StreamStarted
from tests.sandbox.twilio.application import ACCOUNT_SID, AUTH_TOKEN, CALLER, NUMBER, Application
from tests.sandbox.twilio.scripts import HANG_UP, dial_in, read_refusal, rest_client, streams_for

pytestmark = pytest.mark.usefixtures("streams")


async def test_a_live_call_is_fetched_as_twilio_shows_it(carrier: Carrier, client: Client) -> None:
    call = await dial_in(carrier)
    await carrier.events.wait_for(Answered)

    fetched = await asyncio.to_thread(lambda: client.calls(call.sid).fetch())

    assert (fetched.sid, fetched.status, fetched.direction) == (call.sid, "in-progress", "inbound")
    assert (fetched._from, fetched.to, fetched.account_sid) == (CALLER, NUMBER, ACCOUNT_SID)
    assert fetched.date_created.tzinfo is not None
    assert fetched.duration is None


async def test_an_ended_call_has_a_duration(carrier: Carrier, client: Client) -> None:
    call = await dial_in(carrier, streams_for(carrier, 1500))
    await call.wait_for_end()

    fetched = await asyncio.to_thread(lambda: client.calls(call.sid).fetch())

    assert (fetched.status, fetched.end_time.tzinfo is not None) == ("completed", True)
    assert int(fetched.duration) >= 2


async def test_an_unknown_call_is_not_found(client: Client) -> None:
    assert await read_refusal(lambda: client.calls("CA" + "f" * 32).fetch()) == (404, 20404)
    assert await read_refusal(lambda: client.calls("CA" + "f" * 32).update(twiml=HANG_UP)) == (404, 20404)


@pytest.mark.parametrize(("user", "password"), [(ACCOUNT_SID, "wrong"), ("SK" + "1" * 32, AUTH_TOKEN)])
async def test_wrong_credentials_are_20003(carrier: Carrier, user: str, password: str) -> None:
    with rest_client(carrier, user, password) as client:
        assert await read_refusal(lambda: client.calls("CA1").fetch()) == (401, 20003)


async def test_requests_without_credentials_are_20003(carrier: Carrier) -> None:
    url = f"{carrier.api_url}/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/CA1.json"
    async with httpx.AsyncClient() as client:
        answer = await client.get(url)
        garbled = await client.get(url, headers={"Authorization": "Basic %%%"})

    assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    assert (garbled.status_code, garbled.json()["code"]) == (401, 20003)


async def test_another_accounts_calls_are_not_ours(carrier: Carrier) -> None:
    url = f"{carrier.api_url}/2010-04-01/Accounts/AC{'9' * 32}/Calls/CA1.json"
    async with httpx.AsyncClient(auth=(ACCOUNT_SID, AUTH_TOKEN)) as client:
        answer = await client.get(url)

    assert answer.json()["code"] == 20003


async def test_an_api_key_is_as_good_as_the_token(application: Application) -> None:
    async with Carrier(
        account_sid=ACCOUNT_SID,
        auth_token=AUTH_TOKEN,
        api_keys={"SK1": "secret"},
        routes=application.make_routes(),
        pace=10,
    ) as carrier:
        with rest_client(carrier, "SK1", "secret") as client:
            assert await read_refusal(lambda: client.calls("CA1").fetch()) == (404, 20404)


async def test_an_ended_call_can_be_deleted(carrier: Carrier, client: Client) -> None:
    call = await dial_in(carrier)
    await carrier.events.wait_for(StreamStarted)

    assert await read_refusal(lambda: client.calls(call.sid).delete()) == (409, 20009)
    call.hang_up("api")
    await call.wait_for_end()
    assert await asyncio.to_thread(lambda: client.calls(call.sid).delete())

    assert await read_refusal(lambda: client.calls(call.sid).fetch()) == (404, 20404)
    assert await read_refusal(lambda: client.calls(call.sid).delete()) == (404, 20404)
    assert await asyncio.to_thread(client.calls.list) == []


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (500, 20500), (503, 20500)])
async def test_a_fault_is_answered_once_and_not_applied(
    carrier: Carrier, client: Client, status: int, code: int
) -> None:
    call = await dial_in(carrier)
    await carrier.events.wait_for(StreamStarted)
    carrier.faults.rest.append(RestFault(status=status, operation="update"))

    assert await read_refusal(lambda: client.calls(call.sid).update(twiml=HANG_UP)) == (status, code)
    assert call.status == "in-progress"
    await asyncio.to_thread(lambda: client.calls(call.sid).update(twiml=HANG_UP))
    await call.wait_for_end()


async def test_a_fault_can_be_applied_all_the_same(carrier: Carrier, client: Client) -> None:
    call = await dial_in(carrier)
    await carrier.events.wait_for(StreamStarted)
    carrier.faults.rest.append(RestFault(status=503, applied=True))

    assert await read_refusal(lambda: client.calls(call.sid).update(twiml=HANG_UP)) == (503, 20500)
    assert (await call.wait_for_end()).ended_by == "document"


async def test_a_request_can_hang_until_the_client_tires(carrier: Carrier, client: Client) -> None:
    client.http_client.timeout = 0.2
    call = await dial_in(carrier)
    await carrier.events.wait_for(StreamStarted)
    carrier.faults.rest.append(RestFault(hang=True, applied=True))

    with pytest.raises(requests.exceptions.ReadTimeout):
        await asyncio.to_thread(lambda: client.calls(call.sid).update(twiml=HANG_UP))

    await call.wait_for_end()
    assert [request.status for request in carrier.events.of(RestRequest)] == [0]


async def fetch(carrier: Carrier, sid: str) -> httpx.Response:
    url = f"{carrier.api_url}/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/{sid}.json"
    async with httpx.AsyncClient(auth=(ACCOUNT_SID, AUTH_TOKEN)) as client:
        return await client.get(url)


async def test_a_fault_has_the_code_that_it_is_given_in_either_form(carrier: Carrier, client: Client) -> None:
    call = await dial_in(carrier)
    carrier.faults.rest.extend([RestFault(400, 21210), RestFault(400, 21210, problem=True)])

    assert await read_refusal(lambda: client.calls(call.sid).fetch()) == (400, 21210)
    answer = await fetch(carrier, call.sid)
    assert (answer.status_code, answer.json()["code"], answer.json()["type"][:8]) == (400, 21210, "https://")


async def test_a_fault_can_be_somebody_elses_page(carrier: Carrier) -> None:
    call = await dial_in(carrier)
    carrier.faults.rest.append(RestFault(502, body="<html>Bad gateway</html>"))

    answer = await fetch(carrier, call.sid)

    assert (answer.status_code, answer.text) == (502, "<html>Bad gateway</html>")
    assert carrier.events.of(RestRequest, call.sid) == [RestRequest("fetch", (), 502, None, applied=False)]


async def test_a_connection_can_be_closed_in_place_of_an_answer(carrier: Carrier, client: Client) -> None:
    call = await dial_in(carrier)
    carrier.faults.rest.append(RestFault(drop=True))

    with pytest.raises(requests.exceptions.ConnectionError):
        await asyncio.to_thread(lambda: client.calls(call.sid).fetch())

    await asyncio.to_thread(lambda: client.calls(call.sid).fetch())
    assert [request.status for request in carrier.events.of(RestRequest)] == [0, 200]


async def test_faults_wait_for_the_operation_that_they_are_meant_for(carrier: Carrier, client: Client) -> None:
    call = await dial_in(carrier)
    carrier.faults.rest.append(RestFault(status=500, operation="update"))

    await asyncio.to_thread(lambda: client.calls(call.sid).fetch())

    assert len(carrier.faults.rest) == 1


async def test_requests_are_noted_with_their_answers(carrier: Carrier, client: Client) -> None:
    await read_refusal(lambda: client.calls("CA1").update(twiml=HANG_UP))

    assert carrier.events.of(RestRequest) == [RestRequest("update", (("Twiml", HANG_UP),), 404, 20404, applied=False)]
    assert carrier.events.of(ErrorLogged) == []
