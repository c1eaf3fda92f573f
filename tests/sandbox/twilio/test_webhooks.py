"""sandbox.twilio.webhooks: signed as Twilio signs, and asked again when Twilio would."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from twilio.request_validator import RequestValidator

from sandbox.not_simulated import NotSimulatedError
from sandbox.twilio.errors import WebhookError
from sandbox.twilio.events import ErrorLogged, Event, WebhookAnswered, WebhookPosted
from sandbox.twilio.routes import Routes
from sandbox.twilio.webhooks import Webhooks
from tests.sandbox.twilio.application import AUTH_TOKEN, VOICE, Application

PARAMETERS = {"CallSid": "CA1", "CallerName": "", "From": "+15550100001"}


@pytest.fixture
async def webhooks(application: Application) -> AsyncIterator[Webhooks]:
    application.answers["/voice"] = "<Response/>"
    async with httpx.AsyncClient(trust_env=False) as client:
        routes = Routes(application.make_routes() | {"https://down.test": "http://127.0.0.1:9"})
        yield Webhooks(client, routes, RequestValidator(AUTH_TOKEN), budget_s=0.3)


@pytest.fixture
def noted() -> list[Event]:
    return []


async def test_a_request_is_signed_blank_parameters_included(
    webhooks: Webhooks, application: Application, noted: list[Event]
) -> None:
    answer = await webhooks.request("POST", f"{VOICE}/voice?a=1&b=%20", PARAMETERS, noted.append)

    (request,) = application.requests
    assert (answer.status, answer.body) == (200, b"<Response/>")
    assert (request.path, request.form) == ("/voice?a=1&b=%20", PARAMETERS)
    assert request.headers["host"] == "voice.warmline.test"
    assert request.headers["x-forwarded-proto"] == "https"
    assert request.headers["content-type"].startswith("application/x-www-form-urlencoded")
    assert len(request.headers["i-twilio-idempotency-token"]) == 36


async def test_get_puts_the_parameters_into_the_query(
    webhooks: Webhooks, application: Application, noted: list[Event]
) -> None:
    await webhooks.request("GET", f"{VOICE}/voice?a=1", PARAMETERS, noted.append)

    (request,) = application.requests
    assert (request.method, request.form) == ("GET", {})
    assert request.path == "/voice?a=1&CallSid=CA1&CallerName=&From=%2B15550100001"


async def test_a_redirect_is_not_simulated(webhooks: Webhooks, application: Application, noted: list[Event]) -> None:
    application.answers["/voice"] = (302, "")

    with pytest.raises(NotSimulatedError, match="redirect"):
        await webhooks.request("POST", f"{VOICE}/voice", PARAMETERS, noted.append)


async def test_what_happened_is_noted(webhooks: Webhooks, noted: list[Event]) -> None:
    await webhooks.request("POST", f"{VOICE}/voice", PARAMETERS, noted.append)

    match noted:
        case [WebhookPosted() as posted, WebhookAnswered() as answered]:
            assert (posted.parameters, posted.attempt) == (tuple(PARAMETERS.items()), 1)
            assert (answered.status, answered.body) == (200, "<Response/>")
        case _:
            pytest.fail(f"noted {noted}")


async def test_a_lost_answer_is_asked_for_again_with_the_same_token(
    webhooks: Webhooks, application: Application, noted: list[Event]
) -> None:
    await webhooks.request("POST", f"{VOICE}/voice", PARAMETERS, noted.append, lose_first=True)

    first, second = application.requests
    assert first.headers["i-twilio-idempotency-token"] == second.headers["i-twilio-idempotency-token"]
    assert [each.attempt for each in noted if isinstance(each, WebhookPosted)] == [1, 2]


@pytest.mark.parametrize(
    ("url", "requests"),
    [
        (f"{VOICE}/broken", 1),  # only failed connections are repeated unless the URL says otherwise
        (f"{VOICE}/broken#rp=5xx", 2),
        (f"{VOICE}/broken#rp=all&rc=3", 4),
        (f"{VOICE}/broken#rp=4xx,rt", 1),
        (f"{VOICE}/unknown#rp=4xx", 2),
    ],
)
async def test_an_error_is_repeated_as_the_overrides_say(
    webhooks: Webhooks, application: Application, noted: list[Event], url: str, requests: int
) -> None:
    application.answers["/broken"] = (500, "")

    with pytest.raises(WebhookError) as failure:
        await webhooks.request("POST", url, PARAMETERS, noted.append)

    assert (failure.value.code, len(application.requests)) == (11200, requests)


async def test_a_server_that_is_down_is_tried_twice(webhooks: Webhooks, noted: list[Event]) -> None:
    with pytest.raises(WebhookError) as failure:
        await webhooks.request("POST", "https://down.test/voice", PARAMETERS, noted.append)

    assert failure.value.code == 11205
    assert [type(each) for each in noted] == [WebhookPosted, ErrorLogged, WebhookPosted]


async def test_an_unknown_host_is_reached_by_nobody(webhooks: Webhooks, noted: list[Event]) -> None:
    with pytest.raises(WebhookError) as failure:
        await webhooks.request("POST", "https://elsewhere.test/", PARAMETERS, noted.append)

    assert failure.value.code == 11205


@pytest.mark.parametrize(("url", "requests"), [(f"{VOICE}/slow", 1), (f"{VOICE}/slow#rp=rt&rt=100", 2)])
async def test_a_slow_server_runs_out_of_budget(
    webhooks: Webhooks, application: Application, noted: list[Event], url: str, requests: int
) -> None:
    released = asyncio.Event()

    async def slow(_: dict[str, str]) -> str:
        await released.wait()
        return "<Response/>"

    application.answers["/slow"] = slow
    with pytest.raises(WebhookError) as failure:
        await webhooks.request("POST", url, PARAMETERS, noted.append)
    released.set()

    assert (failure.value.code, len(application.requests)) == (11205, requests)
