"""sandbox.twilio.webhook_faults: webhooks that come late, twice or not at all."""

import pytest

from sandbox.twilio import Carrier, WebhookFault, busy
from sandbox.twilio.events import ErrorLogged, WebhookAnswered, WebhookPosted
from tests.sandbox.twilio.application import PERSON, VOICE, Application
from tests.sandbox.twilio.dial_calls import dial_document, run
from tests.sandbox.twilio.scripts import HANG_UP, dial_in

REDIRECT = "<Response><Redirect>/next</Redirect></Response>"


@pytest.fixture(autouse=True)
def answering(application: Application) -> None:
    application.answers |= {"/incoming": REDIRECT, "/next": HANG_UP, "/fallback": HANG_UP}


def read_tokens(application: Application, path: str) -> list[str]:
    return [asked.headers["i-twilio-idempotency-token"] for asked in application.requests if asked.path == path]


async def test_a_lost_webhook_never_arrives(carrier: Carrier, application: Application) -> None:
    carrier.faults.webhooks.append(WebhookFault("/next", lost=True))
    report = await (await dial_in(carrier, fallback_url=f"{VOICE}/fallback")).wait_for_end()

    assert application.list_forms("/next") == []
    assert [form["ErrorCode"] for form in application.list_forms("/fallback")] == ["11205"]
    assert report.ended_by == "document"


async def test_a_lost_answer_is_asked_for_again(carrier: Carrier, application: Application) -> None:
    carrier.faults.webhooks.append(WebhookFault("/next", answer_lost=True))
    report = await (await dial_in(carrier)).wait_for_end()

    first, second = read_tokens(application, "/next")
    assert first == second
    assert report.ended_by == "document"


async def test_a_webhook_may_arrive_twice_at_once(carrier: Carrier, application: Application) -> None:
    carrier.faults.webhooks.append(WebhookFault("/next", twice=True))
    report = await (await dial_in(carrier)).wait_for_end()

    first, second = read_tokens(application, "/next")
    assert first == second
    of_next = [what for what in (event.what for event in report.events)
               if isinstance(what, WebhookPosted | WebhookAnswered) and what.url.endswith("/next")]  # fmt: skip
    assert [type(what) for what in of_next[:2]] == [WebhookPosted, WebhookPosted]
    assert report.ended_by == "document"


async def test_a_webhook_may_come_late(carrier: Carrier) -> None:
    carrier.faults.webhooks.append(WebhookFault("/next", delay_ms=3000))
    report = await (await dial_in(carrier)).wait_for_end()

    assert report.talked_ms >= 3000


async def test_a_status_callback_may_be_lost_late_or_twice(carrier: Carrier, application: Application) -> None:
    events = 'statusCallback="/leg" statusCallbackEvent="initiated ringing completed"'
    application.answers |= {
        "/incoming": dial_document(f"<Number {events}>{PERSON}</Number>"),
        "/after": HANG_UP,
        "/leg": "",
    }
    carrier.people[PERSON] = busy()
    carrier.faults.webhooks += [
        WebhookFault("/leg", lost=True),
        WebhookFault("/leg", delay_ms=15_000),
        WebhookFault("/leg", twice=True),
    ]
    await run(carrier)

    assert [form["CallStatus"] for form in application.list_forms("/leg")] == ["busy", "busy", "ringing"]
    assert [error.code for error in carrier.events.of(ErrorLogged)] == [11205]


async def test_without_a_path_the_next_webhook_is_meant(carrier: Carrier, application: Application) -> None:
    carrier.faults.webhooks.append(WebhookFault(twice=True))
    await (await dial_in(carrier)).wait_for_end()

    assert (len(application.list_forms("/incoming")), len(application.list_forms("/next"))) == (2, 1)
    assert carrier.faults.webhooks == []
