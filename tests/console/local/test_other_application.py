"""A call of another application than Warmline, as the pages see it: no record, no model, no log."""

import asyncio

from console.local.local_source import LocalSource
from sandbox.twilio import Carrier, answers
from tests.sandbox.twilio.application import ACCOUNT_SID, AUTH_TOKEN, PERSON, run_application
from tests.sandbox.twilio.dial_calls import dial_document
from tests.sandbox.twilio.scripts import HANG_UP, dial_in

WAIT_S = 45.0


async def test_a_call_of_another_application_is_seen_without_a_record() -> None:
    async with (
        run_application() as application,
        Carrier(account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, routes=application.make_routes(), pace=10) as carrier,
        LocalSource(carrier, names={PERSON: "Maria"}).run() as source,
        asyncio.timeout(WAIT_S),
    ):
        application.answers["/incoming"] = dial_document()
        application.answers["/after"] = HANG_UP
        carrier.people[PERSON] = answers(lambda phone: phone.wait(400))
        call = await dial_in(carrier)
        early = await source.read_call(call.sid)
        view = await source.wait_for_end(call.sid)

    assert early is not None
    assert (early.summary.outcome, early.summary.outcome_text) == ("running", "runs")
    assert view is not None
    assert (view.summary.outcome, view.summary.outcome_text) == ("talked", "talked with Maria")
    assert (view.turns, view.attempts, view.figures.tokens) == ((), (), None)
    assert view.lanes[-1].name == "Your application"
    assert "Twilio requests /incoming of your application. The answer: ring somebody" in [
        entry.title for entry in view.entries
    ]
