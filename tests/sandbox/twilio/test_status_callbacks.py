"""sandbox.twilio.status_callbacks: what is told of a call's progress, and what goes wrong on the way."""

import asyncio

import pytest
from twilio.rest import Client

from sandbox.twilio import Carrier, answers, busy
from tests.sandbox.twilio.application import NUMBER, PERSON, VOICE, Application
from tests.sandbox.twilio.dial_calls import dial_document, run
from tests.sandbox.twilio.scripts import HANG_UP, dial_in, leaves_after, stays


@pytest.fixture(autouse=True)
def answering(application: Application) -> None:
    application.answers |= {"/leg": "", "/status": "", "/after": HANG_UP, "/incoming": HANG_UP}


async def test_callbacks_may_overtake_each_other(carrier: Carrier, application: Application) -> None:
    carrier.faults.callbacks_out_of_order = True
    carrier.people[PERSON] = answers(leaves_after(100))
    events = 'statusCallback="/leg" statusCallbackEvent="answered completed"'
    application.answers["/incoming"] = dial_document(f"<Number {events}>{PERSON}</Number>")
    await run(carrier)

    told = [(form["CallStatus"], form["SequenceNumber"]) for form in application.list_forms("/leg")]
    assert told == [("completed", "1"), ("in-progress", "0")]


async def test_a_callback_alone_is_not_held_back(carrier: Carrier, application: Application) -> None:
    carrier.faults.callbacks_out_of_order = True
    carrier.people[PERSON] = busy()
    application.answers["/incoming"] = dial_document(f'<Number statusCallback="/leg">{PERSON}</Number>')
    await run(carrier)

    assert [form["CallStatus"] for form in application.list_forms("/leg")] == ["busy"]


async def test_a_callback_may_come_twice(carrier: Carrier, application: Application) -> None:
    carrier.faults.callbacks_twice = True
    carrier.people[PERSON] = busy()
    application.answers["/incoming"] = dial_document(f'<Number statusCallback="/leg">{PERSON}</Number>')
    await run(carrier)

    twice = [request for request in application.requests if request.path == "/leg"]
    assert [request.form["SequenceNumber"] for request in twice] == ["0", "0"]
    assert len({request.headers["i-twilio-idempotency-token"] for request in twice}) == 1


@pytest.mark.parametrize("out_of_order", [False, True])
async def test_a_callback_may_be_lost(carrier: Carrier, application: Application, out_of_order: bool) -> None:
    carrier.faults.lost_callbacks = frozenset({"completed"})
    carrier.faults.callbacks_out_of_order = out_of_order
    carrier.people[PERSON] = answers(leaves_after(100))
    events = 'statusCallback="/leg" statusCallbackEvent="answered completed"'
    application.answers["/incoming"] = dial_document(f"<Number {events}>{PERSON}</Number>")
    await run(carrier)

    assert [form["CallStatus"] for form in application.list_forms("/leg")] == ["in-progress"]


async def test_of_events_in_one_field_the_first_counts(
    carrier: Carrier, client: Client, application: Application
) -> None:
    carrier.people[PERSON] = answers(stays, after_ms=300)
    await dial_in(carrier)

    create = {"to": PERSON, "from_": NUMBER, "twiml": HANG_UP, "status_callback": f"{VOICE}/status"}
    together = {"status_callback_event": ["initiated ringing answered completed"]}
    created = await asyncio.to_thread(lambda: client.calls.create(**create, **together))
    await carrier.calls[created.sid].wait_for_end()

    assert [form["CallStatus"] for form in application.list_forms("/status")] == ["initiated"]
