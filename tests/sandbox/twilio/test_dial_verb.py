"""sandbox.twilio.dial_verb: who is rung, who hears what, and what the action learns."""

import pytest

from sandbox.speech import mulaw
from sandbox.twilio import Carrier, Phone, answers, busy, declines, never_answers
from sandbox.twilio.events import Answered, Bridged, CallEnded, DialEnded, Ringing
from tests.sandbox.twilio.application import NUMBER, PERSON, Application
from tests.sandbox.twilio.dial_calls import NOUN, OTHER, dial_document, read_outcome, run
from tests.sandbox.twilio.scripts import VOICES, leaves_after, once, presses, says, stays

pytestmark = pytest.mark.usefixtures("dials")


async def test_both_hear_each_other(carrier: Carrier) -> None:
    carrier.people[PERSON] = answers(says(VOICES["person"]), key="1")

    async def caller(phone: Phone) -> None:
        await phone.wait_for_speech()
        await phone.wait_for_silence(100)
        await phone.say(VOICES["caller"])

    report = await run(carrier, caller)

    assert VOICES["person"] in report.heard
    assert VOICES["caller"] in report.legs[0].heard
    assert report.ended_by == "party"


async def test_the_caller_hears_ringback_until_somebody_answers(carrier: Carrier) -> None:
    carrier.people[PERSON] = answers(leaves_after(100), after_ms=3000)
    report = await run(carrier)

    ringing = mulaw.tone(2000, 440, 480, level=0.2)
    assert ringing in report.heard
    assert report.heard.index(ringing) + len(ringing) < report.legs[0].heard_from_ms * 8


async def test_ringback_is_not_taken_for_a_voice(carrier: Carrier) -> None:
    carrier.people[PERSON] = never_answers()
    heard: list[int] = []

    async def caller(phone: Phone) -> None:
        await phone.wait_for_speech()
        heard.append(phone.heard_ms)

    await run(carrier, caller)

    assert heard == []


async def test_a_talk_is_reported_with_its_leg_and_length(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(leaves_after(1500))
    report = await run(carrier)

    (form,) = application.list_forms("/after")
    assert (form["DialCallStatus"], form["DialBridged"]) == ("completed", "true")
    assert form["DialCallSid"] == report.legs[0].sid
    assert int(form["DialCallDuration"]) >= 2
    assert form["CallStatus"] == "in-progress"


@pytest.mark.parametrize(
    ("person", "status"), [(busy(), "busy"), (declines(), "busy"), (never_answers(), "no-answer"), (None, "failed")]
)
async def test_nobody_on_the_line_is_reported_as_twilio_calls_it(
    carrier: Carrier, application: Application, person: object, status: str
) -> None:
    if person is not None:
        carrier.people[PERSON] = person  # type: ignore[assignment]
    report = await run(carrier)

    assert read_outcome(application) == (status, "false")
    assert report.legs[0].status == status
    assert report.legs[0].heard == b""


async def test_without_an_action_the_next_verb_runs(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = busy()
    application.answers["/incoming"] = f"<Response><Dial>{PERSON}</Dial><Redirect>/after</Redirect></Response>"
    await run(carrier)

    assert len(application.list_forms("/after")) == 1


async def test_of_several_the_first_to_pick_up_wins(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(stays, after_ms=3000)
    carrier.people[OTHER] = answers(leaves_after(200), after_ms=500)
    application.answers["/incoming"] = dial_document(f"{NOUN}<Number>{OTHER}</Number>")
    report = await run(carrier)

    assert [(leg.to, leg.status) for leg in report.legs] == [(PERSON, "canceled"), (OTHER, "completed")]
    assert read_outcome(application) == ("completed", "true")


async def test_in_sequence_the_second_is_rung_when_the_first_is_through(
    carrier: Carrier, application: Application
) -> None:
    carrier.people[PERSON] = busy()
    carrier.people[OTHER] = answers(leaves_after(200))
    application.answers["/incoming"] = dial_document(f"{NOUN}<Number>{OTHER}</Number>", 'sequential="true"')
    report = await run(carrier)

    rung = [event.call_sid for event in report.events if isinstance(event.what, Ringing)]
    ended = [event.call_sid for event in report.events if isinstance(event.what, CallEnded)]
    assert rung[1:] == [leg.sid for leg in report.legs]
    assert ended[0] == report.legs[0].sid
    assert read_outcome(application) == ("completed", "true")


async def test_sip_and_clients_can_be_rung(carrier: Carrier, application: Application) -> None:
    carrier.people["sip:desk@office.test"] = busy()
    carrier.people["client:anna"] = answers(leaves_after(100))
    nouns = "<Sip>sip:desk@office.test;transport=tls?X-Reason=help</Sip><Client><Identity>anna</Identity></Client>"
    application.answers["/incoming"] = dial_document(nouns, 'sequential="true"')
    report = await run(carrier)

    assert [(leg.to, leg.status) for leg in report.legs] == [
        ("sip:desk@office.test", "busy"),
        ("client:anna", "completed"),
    ]


async def test_the_time_limit_ends_the_talk(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(stays)
    application.answers["/incoming"] = dial_document(attributes='timeLimit="2"')
    report = await run(carrier)

    assert report.legs[0].ended_by == "dial"
    assert read_outcome(application) == ("completed", "true")


async def test_star_ends_the_talk_if_allowed(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(stays)
    application.answers["/incoming"] = dial_document(attributes='hangupOnStar="true"')
    await run(carrier, once(carrier, Bridged, presses("1*")))

    assert read_outcome(application) == ("completed", "true")


async def test_a_caller_who_hangs_up_while_it_rings_stops_the_ringing(
    carrier: Carrier, application: Application
) -> None:
    carrier.people[PERSON] = never_answers()
    report = await run(carrier, once(carrier, Ringing, leaves_after(500), lambda ringing: ringing.to == PERSON))

    assert (report.ended_by, report.legs[0].status) == ("party", "canceled")
    (form,) = application.list_forms("/after")
    assert (form["DialCallStatus"], form["CallStatus"]) == ("canceled", "completed")


async def test_a_caller_who_hangs_up_in_the_talk_leaves_completed(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(stays)
    await run(carrier, once(carrier, Bridged, leaves_after(300)))

    assert read_outcome(application) == ("completed", "true")
    assert [ended.status for ended in carrier.events.of(DialEnded)] == ["completed"]


async def test_an_inbound_call_is_answered_when_it_is_bridged(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(leaves_after(100))
    application.answers["/incoming"] = dial_document(attributes='answerOnBridge="true"')
    await run(carrier)

    assert [answered.to for answered in carrier.events.of(Answered)] == [PERSON, NUMBER]
