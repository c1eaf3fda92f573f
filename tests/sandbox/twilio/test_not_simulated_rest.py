"""sandbox.twilio.not_simulated: all requests of the REST API are simulated, or are in the table."""

import asyncio
import re

import httpx
import msgspec
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from sandbox.twilio import Carrier, account_rest, applications, call_lists, call_requests, messages, recordings
from sandbox.twilio.events import RestRequest
from sandbox.twilio.not_simulated import REST
from sandbox.twilio.rest_features import list_names
from tests.sandbox.twilio.application import ACCOUNT_SID, AUTH_TOKEN, NUMBER, PERSON
from tests.sandbox.twilio.official_rest import SID, list_requests
from tests.sandbox.twilio.scripts import HANG_UP, dial_in

pytestmark = pytest.mark.usefixtures("streams")

PAGING = frozenset({"Page", "PageSize", "PageToken"})
"""Documented for every list; the library follows the addresses of the pages."""

SIMULATED: dict[str, type[msgspec.Struct] | None] = {
    "GET Accounts/*": None,
    "GET Applications": account_rest.ByName,
    "POST Applications": applications.Change,
    "DELETE Applications/*": None,
    "GET Applications/*": None,
    "POST Applications/*": applications.Change,
    "GET Calls": call_lists.Query,
    "POST Calls": call_requests.Create,
    "DELETE Calls/*": None,
    "GET Calls/*": None,
    "POST Calls/*": call_requests.Update,
    "GET Countries": account_rest.Paged,
    "GET Countries/*/HighRiskSpecialPrefixes": account_rest.Paged,
    "GET IncomingPhoneNumbers": account_rest.Paged,
    "POST IncomingPhoneNumbers/*": account_rest.Update,
    "POST Messages": messages.Create,
    "GET OutgoingCallerIds": account_rest.Paged,
    "GET Recordings": recordings.Query,
    "DELETE Recordings/*": None,
}
"""And the types of their parameters."""

REQUESTS = list_requests()


def name_operation(method: str, path: str) -> str:
    return re.sub(rf"\b{SID}\b", "*", list(list_names(method, path))[-2])


def test_every_request_of_the_library_is_simulated_or_in_the_table() -> None:
    asked = {name_operation(method, path): set(list_names(method, path)) for method, path, _ in REQUESTS}
    in_table = {operation for operation, names in asked.items() if names & REST}

    assert asked.keys() - in_table == SIMULATED.keys()


def test_nothing_is_in_the_table_that_the_library_does_not_ask_for() -> None:
    asked = {name for method, path, _ in REQUESTS for name in list_names(method, path)}

    assert {feature for feature in REST if feature.partition("?")[0] not in asked} == set()


@pytest.mark.parametrize(("operation", "shape"), SIMULATED.items())
def test_every_parameter_is_simulated_or_in_the_table(operation: str, shape: type[msgspec.Struct] | None) -> None:
    (official,) = {names for method, path, names in REQUESTS if name_operation(method, path) == operation}
    simulated = {field.encode_name for field in msgspec.structs.fields(shape)} if shape else set()
    in_table = {feature.partition("?")[2] for feature in REST if feature.startswith(f"{operation}?")}
    in_table = {feature for feature in in_table if "=" not in feature}

    assert simulated | in_table == official | (simulated & PAGING)
    assert simulated & in_table == set()


async def test_a_request_that_is_not_simulated_gets_the_sandboxs_own_answer(carrier: Carrier) -> None:
    asked = {(method, path) for method, path, _ in REQUESTS if name_operation(method, path) not in SIMULATED}
    answers: dict[str, tuple[int, object]] = {}
    async with httpx.AsyncClient(auth=(ACCOUNT_SID, AUTH_TOKEN)) as client:
        for method, path in asked:
            own = path.replace(f"Accounts/{SID}/", f"Accounts/{ACCOUNT_SID}/")
            answer = await client.request(method, carrier.api_url + own)
            answers[f"{method} {path}"] = (answer.status_code, answer.json().get("code"))

    assert {asked: answer for asked, answer in answers.items() if answer != (501, None)} == {}
    assert len(answers) > 150


async def test_a_request_that_twilio_does_not_know_is_not_found(carrier: Carrier) -> None:
    async with httpx.AsyncClient(auth=(ACCOUNT_SID, AUTH_TOKEN)) as client:
        answer = await client.get(f"{carrier.api_url}/2010-04-01/Accounts/{ACCOUNT_SID}/Telegrams.json")

    assert (answer.status_code, answer.json()["code"]) == (404, 20404)


async def test_a_parameter_that_is_not_simulated_has_no_code_of_twilios(carrier: Carrier, client: Client) -> None:
    create = {"to": PERSON, "from_": NUMBER, "twiml": HANG_UP, "byoc": "BY0"}
    with pytest.raises(TwilioRestException, match=r"not simulated by the sandbox: POST Calls\?Byoc") as refused:
        await asyncio.to_thread(lambda: client.calls.create(**create))

    assert (refused.value.status, refused.value.code) == (501, 501)
    assert list(carrier.calls) == []


async def test_twiml_that_is_not_simulated_moves_no_call(carrier: Carrier) -> None:
    call = await dial_in(carrier)
    update = {"Twiml": "<Response><Echo/></Response>"}
    async with httpx.AsyncClient(auth=(ACCOUNT_SID, AUTH_TOKEN)) as http:
        path = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/{call.sid}.json"
        answer = await http.post(carrier.api_url + path, data=update)

    assert answer.status_code == 501
    assert answer.json() == {"message": "not simulated by the sandbox: Echo", "status": 501}
    assert carrier.events.of(RestRequest)[-1] == RestRequest("update", tuple(update.items()), 501, None, applied=False)
