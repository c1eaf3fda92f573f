"""sandbox.twilio.messages through the real twilio client, which must not see a difference."""

import asyncio

import pytest
from twilio.rest import Client

from sandbox.twilio import Carrier, RestFault
from sandbox.twilio.account import IncomingNumber
from sandbox.twilio.events import ErrorLogged, MessageSent, RestRequest, WebhookAnswered
from tests.sandbox.twilio.application import NUMBER, PERSON, VOICE, Application
from tests.sandbox.twilio.scripts import read_refusal

VERIFIED, WITHOUT_SMS = "+15550100008", "+15550100009"


@pytest.fixture(autouse=True)
def _numbers(carrier: Carrier) -> None:
    carrier.account.numbers += [IncomingNumber(NUMBER), IncomingNumber(WITHOUT_SMS, sms=False)]
    carrier.account.verified.append(VERIFIED)


async def test_a_message_is_accepted_and_kept(carrier: Carrier, client: Client) -> None:
    sent = await asyncio.to_thread(lambda: client.messages.create(from_=NUMBER, to=PERSON, body="Missed call"))

    (kept,) = carrier.messages
    assert (sent.sid, sent.status, sent.num_segments, sent.error_code) == (kept.sid, "queued", "1", None)
    assert (kept.from_, kept.to, kept.body) == (NUMBER, PERSON, "Missed call")
    assert carrier.events.of(MessageSent) == [MessageSent(kept.sid, PERSON, "Missed call")]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to": "5550100002"}, 21211),
        ({"to": "+1 555 010 0002"}, 21211),
        ({"to": ""}, 21604),
        ({"to": NUMBER}, 21266),
        ({"from_": ""}, 21603),
        ({"from_": "Warmline"}, 21212),
        ({"from_": VERIFIED}, 21659),
        ({"from_": WITHOUT_SMS}, 21606),
        ({"body": " "}, 21602),
        ({"body": "a" * 1601}, 21617),
    ],
)
async def test_what_twilio_refuses_is_refused(
    carrier: Carrier, client: Client, changed: dict[str, str], code: int
) -> None:
    form = {"from_": NUMBER, "to": PERSON, "body": "Missed call"} | changed

    assert await read_refusal(lambda: client.messages.create(**form)) == (400, code)
    assert not carrier.messages


async def test_a_trial_account_sends_to_verified_numbers_alone(carrier: Carrier, client: Client) -> None:
    carrier.account.type = "Trial"

    assert await read_refusal(lambda: client.messages.create(from_=NUMBER, to=PERSON, body="a")) == (400, 21608)
    await asyncio.to_thread(lambda: client.messages.create(from_=NUMBER, to=VERIFIED, body="a"))


@pytest.mark.parametrize(
    ("body", "segments"), [("a" * 160, "1"), ("a" * 161, "2"), ("é" * 160, "1"), ("“" * 70, "1"), ("“" * 71, "2")]
)
async def test_one_character_outside_of_gsm_makes_segments_shorter(client: Client, body: str, segments: str) -> None:
    sent = await asyncio.to_thread(lambda: client.messages.create(from_=NUMBER, to=PERSON, body=body))

    assert sent.num_segments == segments


@pytest.mark.parametrize(
    ("undelivered", "statuses", "code"),
    [({}, ["sent", "delivered"], None), ({PERSON: 30034}, ["sent", "undelivered"], "30034")],
)
async def test_its_delivery_is_reported_to_the_callback(
    carrier: Carrier,
    client: Client,
    application: Application,
    undelivered: dict[str, int],
    statuses: list[str],
    code: str | None,
) -> None:
    application.answers["/sms"] = ""
    carrier.faults.undelivered = undelivered

    await asyncio.to_thread(
        lambda: client.messages.create(from_=NUMBER, to=PERSON, body="a", status_callback=f"{VOICE}/sms")
    )
    await carrier.events.wait_for(WebhookAnswered, lambda _: len(application.list_forms("/sms")) == 2)

    forms = application.list_forms("/sms")
    assert [form["MessageStatus"] for form in forms] == statuses
    assert (forms[-1].get("ErrorCode"), forms[-1]["MessageSid"]) == (code, carrier.messages[0].sid)


async def test_a_callback_that_fails_is_logged(carrier: Carrier, client: Client) -> None:
    await asyncio.to_thread(
        lambda: client.messages.create(from_=NUMBER, to=PERSON, body="a", status_callback=f"{VOICE}/none")
    )

    assert (await carrier.events.wait_for(ErrorLogged)).code == 11200


async def test_a_fault_of_the_network_may_leave_the_message_sent(carrier: Carrier, client: Client) -> None:
    carrier.faults.rest.append(RestFault(operation="send", applied=True))

    assert await read_refusal(lambda: client.messages.create(from_=NUMBER, to=PERSON, body="a")) == (503, 20500)
    (request,) = carrier.events.of(RestRequest)
    assert (request.operation, request.status, request.applied, len(carrier.messages)) == ("send", 503, True, 1)
