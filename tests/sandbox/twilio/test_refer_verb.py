"""sandbox.twilio.refer_verb: what a SIP device does when it is asked to call somebody else, as the action learns it."""

import pytest

from sandbox.twilio import Carrier
from sandbox.twilio.call_report import CallReport
from sandbox.twilio.events import ErrorLogged, VerbStarted
from sandbox.twilio.phones import Script
from tests.sandbox.twilio.application import VOICE, Application
from tests.sandbox.twilio.scripts import HANG_UP, dial_in, leaves_after, once, stays

REFER = '<Response><Refer action="/after"><Sip>sip:anna@office.test?X-Reason=bill</Sip></Refer></Response>'


@pytest.fixture(autouse=True)
def answering(application: Application) -> None:
    application.answers |= {"/incoming": REFER, "/after": HANG_UP, "/next": HANG_UP}


async def call_by_sip(carrier: Carrier, caller: Script = stays) -> CallReport:
    where = {"from_": "sip:dana@home.test", "to": "sip:desk@shop.sip.twilio.com"}
    call = await carrier.place_call(caller=caller, voice_url=f"{VOICE}/incoming", **where)
    return await call.wait_for_end()


def read_outcome(application: Application) -> tuple[str | None, ...]:
    (form,) = application.list_forms("/after")
    return tuple(form.get(name) for name in ("ReferCallStatus", "ReferSipResponseCode", "NotifySipResponseCode"))


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ((202, 200), ("in-progress", "202", "200")),
        ((202, 486), ("busy", "202", "486")),
        ((202, 404), ("failed", "202", "404")),
        ((202, None), (None, "202", None)),
        ((405, None), ("failed", "405", None)),
    ],
)
async def test_the_action_learns_what_became_of_the_new_call(
    carrier: Carrier, application: Application, answers: tuple[int, int | None], told: tuple[str | None, ...]
) -> None:
    carrier.faults.refer = answers
    report = await call_by_sip(carrier)

    assert read_outcome(application) == told
    assert report.ended_by == "document"


async def test_who_hangs_up_meanwhile_has_cancelled(carrier: Carrier, application: Application) -> None:
    await call_by_sip(carrier, once(carrier, VerbStarted, leaves_after(100)))

    assert read_outcome(application) == ("canceled", "202", "180")


async def test_without_an_action_the_next_verb_follows(carrier: Carrier, application: Application) -> None:
    noun = "<Refer><Sip>sip:anna@office.test</Sip></Refer>"
    application.answers["/incoming"] = f"<Response>{noun}<Redirect>/next</Redirect></Response>"
    await call_by_sip(carrier)

    assert len(application.list_forms("/next")) == 1


async def test_a_call_from_a_telephone_cannot_be_referred(carrier: Carrier, application: Application) -> None:
    report = await (await dial_in(carrier)).wait_for_end()

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [13801]
    assert (report.ended_by, application.list_forms("/after")) == ("failure", [])
