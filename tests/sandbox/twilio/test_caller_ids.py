"""sandbox.twilio.caller_ids: what a dial may show, and what the action learns where it may not."""

import pytest

from sandbox.twilio import Carrier, answers
from sandbox.twilio.account import IncomingNumber
from sandbox.twilio.call_report import CallReport
from sandbox.twilio.caller_ids import WITHHELD, is_number
from sandbox.twilio.events import Bridged, ErrorLogged
from tests.sandbox.twilio.application import CALLER, NUMBER, PERSON, VOICE, Application
from tests.sandbox.twilio.dial_calls import NOUN, dial_document
from tests.sandbox.twilio.scripts import leaves_after, stays

pytestmark = pytest.mark.usefixtures("dials")

REFUSED = ("failed", "false", "13214")
CLIENT, SIP = "<Client>anna</Client>", "<Sip>sip:desk@office.test</Sip>"


async def place_call_from(carrier: Carrier, from_: str, to: str = NUMBER) -> CallReport:
    for address in (PERSON, "client:anna", "sip:desk@office.test"):
        carrier.people[address] = answers(leaves_after(100), after_ms=100)
    call = await carrier.place_call(caller=stays, from_=from_, to=to, voice_url=f"{VOICE}/incoming")
    return await call.wait_for_end()


def read_learnt(application: Application) -> tuple[str, str, str | None]:
    (form,) = application.list_forms("/after")
    return form["DialCallStatus"], form["DialBridged"], form.get("ErrorCode")


@pytest.mark.parametrize(
    "shown",
    ["+15559999999", "anonymous", "5550100001", "client:anna", "sip:anna@office.test", *WITHHELD],
)
async def test_what_is_no_number_of_the_call_or_the_account_rings_nobody(
    carrier: Carrier, application: Application, shown: str
) -> None:
    application.answers["/incoming"] = dial_document(attributes=f'callerId="{shown}"')
    report = await place_call_from(carrier, CALLER)

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [13214]
    assert (report.legs, read_learnt(application)) == ((), REFUSED)
    (form,) = application.list_forms("/after")
    assert "DialCallSid" not in form


@pytest.mark.parametrize("shown", [CALLER, NUMBER, "+15550100070", "+15550100071"])
async def test_numbers_of_the_call_and_of_the_account_are_shown(
    carrier: Carrier, application: Application, shown: str
) -> None:
    carrier.account.numbers.append(IncomingNumber("+15550100070"))
    carrier.account.verified.append("+15550100071")
    application.answers["/incoming"] = dial_document(attributes=f'callerId="{shown}"')
    report = await place_call_from(carrier, CALLER)

    assert carrier.calls[report.legs[0].sid].from_ == shown
    assert carrier.people[PERSON].phones[0].shown == shown
    assert read_learnt(application) == ("completed", "true", None)


@pytest.mark.parametrize("caller", ["client:alice", "sip:alice@office.test"])
@pytest.mark.parametrize("noun", [NOUN, CLIENT, SIP])
async def test_of_a_call_that_came_from_no_telephone_a_caller_id_is_demanded(
    carrier: Carrier, application: Application, caller: str, noun: str
) -> None:
    application.answers["/incoming"] = dial_document(noun)
    report = await place_call_from(carrier, caller, to="")

    assert (report.legs, read_learnt(application)) == ((), REFUSED)
    (form,) = application.list_forms("/after")
    assert form["ErrorMessage"] == "callerId must be provided for TwilioClient and SIP calls when using Dial"


async def test_with_a_number_of_the_account_such_a_call_rings(carrier: Carrier, application: Application) -> None:
    carrier.account.numbers.append(IncomingNumber(NUMBER))
    application.answers["/incoming"] = dial_document(attributes=f'callerId="{NUMBER}"')
    await place_call_from(carrier, "client:alice", to="")

    assert read_learnt(application) == ("completed", "true", None)
    (form,) = application.list_forms("/incoming")
    assert (form["From"], form["To"], "StirVerstat" in form, "FromCity" in form) == ("client:alice", "", False, False)


async def test_a_client_may_be_shown_a_client(carrier: Carrier, application: Application) -> None:
    application.answers["/incoming"] = dial_document(CLIENT, 'callerId="client:warmline"')
    await place_call_from(carrier, "client:alice", to="")

    assert read_learnt(application) == ("completed", "true", None)


@pytest.mark.parametrize("caller", ["anonymous", *WITHHELD])
async def test_a_telephone_network_takes_no_call_that_shows_a_withheld_number(
    carrier: Carrier, application: Application, caller: str
) -> None:
    report = await place_call_from(carrier, caller)

    assert [leg.status for leg in report.legs] == ["failed"]
    assert carrier.events.of(Bridged) == []
    assert read_learnt(application) == REFUSED


async def test_a_network_may_refuse_any_number(carrier: Carrier, application: Application) -> None:
    carrier.faults.refused_caller_ids = frozenset({CALLER})
    await place_call_from(carrier, CALLER)

    assert read_learnt(application) == REFUSED


@pytest.mark.parametrize("noun", [CLIENT, SIP])
async def test_other_networks_do(carrier: Carrier, application: Application, noun: str) -> None:
    application.answers["/incoming"] = dial_document(noun)
    await place_call_from(carrier, "anonymous")

    assert read_learnt(application) == ("completed", "true", None)


def test_what_spells_a_word_is_no_number() -> None:
    assert is_number("+15550100000")
    assert not any(
        is_number(each) for each in (*WITHHELD, "", "anonymous", "15550100000", "+0155501", "client:+155501")
    )
