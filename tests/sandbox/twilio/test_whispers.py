"""sandbox.twilio.dial_verb: documents that run on a dialled leg before the two are bridged."""

import pytest

from sandbox.speech import mulaw
from sandbox.twilio import Carrier, Person, answers, busy, voicemail
from sandbox.twilio.events import Bridged, DialEnded, ErrorLogged, Ringing
from sandbox.twilio.verbs import Gather
from tests.sandbox.twilio.application import CALLER, PERSON, Application
from tests.sandbox.twilio.dial_calls import OTHER, dial_document, read_outcome, run
from tests.sandbox.twilio.scripts import HANG_UP, VOICES, leaves_after, once, once_verb, says, stays

ASKED = mulaw.tone(60 * len("Press 1"), 180, 360, level=0.3)  # what the carrier makes of these words
KEYED = 'answerOnBridge="true"'


@pytest.fixture(autouse=True)
def screened(application: Application) -> None:
    """A whisper asks for a key; 1 takes the call, any other key or none refuses it."""
    application.answers["/incoming"] = dial_document(make_whispering(f"<Number URL>{PERSON}</Number>"), KEYED)
    application.answers["/whisper"] = (
        '<Response><Gather numDigits="1" timeout="5" action="/key"><Say>Press 1</Say></Gather><Hangup/></Response>'
    )

    async def key(form: dict[str, str]) -> str:
        return "<Response/>" if form["Digits"] == "1" else "<Response><Hangup/></Response>"

    application.answers["/key"] = key
    application.answers["/after"] = HANG_UP


def make_whispering(nouns: str) -> str:
    return nouns.replace("URL", 'url="/whisper"')


async def test_the_whisper_is_heard_by_the_person_alone(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(leaves_after(1000), key="1")
    report = await run(carrier)

    assert ASKED in report.legs[0].heard
    assert ASKED not in report.heard
    (form,) = application.list_forms("/whisper")
    assert (form["CallSid"], form["ParentCallSid"]) == (report.legs[0].sid, report.sid)
    assert (form["From"], form["To"], form["Direction"]) == (CALLER, PERSON, "outbound-dial")
    assert (form["CallStatus"], application.bad_signatures) == ("in-progress", 0)


async def test_whoever_presses_the_key_talks_with_the_caller(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(says(VOICES["person"]), key="1")
    report = await run(carrier, once(carrier, Bridged, leaves_after(1000)))

    (form,) = application.list_forms("/key")
    assert (form["CallSid"], form["Digits"]) == (report.legs[0].sid, "1")
    assert VOICES["person"] in report.heard
    assert read_outcome(application) == ("completed", "true")


async def test_the_caller_hears_ringback_while_the_whisper_runs(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(leaves_after(100), key="1")
    application.answers["/whisper"] = "<Response><Pause length='9'/></Response>"
    report = await run(carrier)

    (bridged_ms,) = [event.at_ms for event in report.events if isinstance(event.what, Bridged)]
    assert mulaw.tone(2000, 440, 480, level=0.2) in report.heard[report.legs[0].heard_from_ms * 8 : bridged_ms * 8]


async def test_without_answer_on_bridge_the_caller_hears_nothing_meanwhile(
    carrier: Carrier, application: Application
) -> None:
    carrier.people[PERSON] = answers(stays, after_ms=100)
    application.answers["/incoming"] = dial_document(make_whispering(f"<Number URL>{PERSON}</Number>"))
    report = await run(carrier)

    whispered_ms = len(report.legs[0].heard) // 8
    assert whispered_ms > 2000
    (ended_ms,) = [event.at_ms for event in report.events if isinstance(event.what, DialEnded)]
    assert set(report.heard[(ended_ms - 1000) * 8 : (ended_ms - 100) * 8]) == {mulaw.SILENCE_BYTE}


@pytest.mark.parametrize(
    ("person", "ended_by"),
    [
        (answers(stays, key="2"), "document"),
        (answers(stays), "document"),
        (voicemail(records_ms=60_000), "document"),
        (answers(leaves_after(300)), "party"),
    ],
    ids=["another key", "no key", "voicemail", "hangs up in it"],
)
async def test_whoever_does_not_take_the_call_is_not_bridged(
    carrier: Carrier, application: Application, person: Person, ended_by: str
) -> None:
    carrier.people[PERSON] = person
    report = await run(carrier)

    assert carrier.events.of(Bridged) == []
    assert (report.legs[0].status, report.legs[0].ended_by) == ("completed", ended_by)
    (form,) = application.list_forms("/after")
    assert (form["DialCallStatus"], form["DialBridged"], form["DialCallSid"]) == (
        "completed",
        "false",
        report.legs[0].sid,
    )
    assert int(form["DialCallDuration"]) == -(-report.legs[0].talked_ms // 1000)


@pytest.mark.parametrize("said", [("completed", True), ("no-answer", False)])
async def test_what_the_action_learns_of_a_refusal_can_be_chosen(
    carrier: Carrier, application: Application, said: tuple[str, bool]
) -> None:
    carrier.faults.refused_whisper = said
    carrier.people[PERSON] = answers(stays, key="2")
    await run(carrier)

    assert read_outcome(application) == (said[0], str(said[1]).lower())
    assert carrier.events.of(Bridged) == []


async def test_a_voicemail_talks_to_whoever_is_there_and_hangs_up(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = voicemail(VOICES["person"], records_ms=1000)
    application.answers["/incoming"] = dial_document()
    report = await run(carrier)

    assert VOICES["person"] in report.heard
    assert report.legs[0].ended_by == "party"
    assert read_outcome(application) == ("completed", "true")


async def test_a_whisper_that_only_says_something_bridges_whoever_picks_up(
    carrier: Carrier, application: Application
) -> None:
    carrier.people[PERSON] = answers(leaves_after(3000))
    application.answers["/whisper"] = "<Response><Say>A call</Say></Response>"
    await run(carrier)

    assert read_outcome(application) == ("completed", "true")


async def test_a_gather_that_times_out_with_nothing_behind_it_bridges(
    carrier: Carrier, application: Application
) -> None:
    carrier.people[PERSON] = voicemail(VOICES["person"], records_ms=5000)
    application.answers["/whisper"] = '<Response><Gather timeout="1" action="/key"><Say>1?</Say></Gather></Response>'
    await run(carrier)

    assert application.list_forms("/key") == []
    assert read_outcome(application) == ("completed", "true")


@pytest.mark.parametrize(
    ("verb", "code"),
    [
        (f"<Dial>{OTHER}</Dial>", 13201),
        ("<Enqueue>support</Enqueue>", 12200),
    ],
)
async def test_a_whisper_may_not_send_the_leg_elsewhere(
    carrier: Carrier, application: Application, verb: str, code: int
) -> None:
    carrier.people[PERSON] = answers(stays)
    application.answers["/whisper"] = f"<Response>{verb}</Response>"
    await run(carrier)

    assert [error.code for error in carrier.events.of(ErrorLogged)] == [code]
    assert read_outcome(application) == ("completed", "false")


async def test_a_whisper_that_cannot_be_had_loses_the_leg(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(stays)
    application.answers["/whisper"] = (500, "")
    report = await run(carrier)

    assert report.legs[0].ended_by == "failure"
    assert read_outcome(application) == ("completed", "false")


async def test_of_several_the_first_to_pick_up_stops_the_others_though_it_refuses(
    carrier: Carrier, application: Application
) -> None:
    carrier.people[PERSON] = answers(stays, after_ms=3000, key="1")
    carrier.people[OTHER] = voicemail(after_ms=500, records_ms=60_000)
    nouns = make_whispering(f"<Number URL>{PERSON}</Number><Number URL>{OTHER}</Number>")
    application.answers["/incoming"] = dial_document(nouns, KEYED)
    report = await run(carrier)

    assert [(leg.to, leg.status) for leg in report.legs] == [(PERSON, "canceled"), (OTHER, "completed")]
    assert read_outcome(application) == ("completed", "false")


async def test_in_sequence_the_next_is_rung_after_a_refusal(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = voicemail(records_ms=60_000)
    carrier.people["client:anna"] = answers(leaves_after(300), key="1")
    nouns = make_whispering(f"<Number URL>{PERSON}</Number><Client URL>anna</Client>")
    application.answers["/incoming"] = dial_document(nouns, f'{KEYED} sequential="true"')
    report = await run(carrier)

    assert [leg.ended_by for leg in report.legs] == ["document", "party"]
    assert [form["To"] for form in application.list_forms("/whisper")] == [PERSON, "client:anna"]
    (form,) = application.list_forms("/after")
    assert (form["DialCallStatus"], form["DialBridged"]) == ("completed", "true")
    assert form["DialCallSid"] == report.legs[1].sid


async def test_in_sequence_the_last_decides(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(stays, key="2")
    carrier.people["sip:desk@office.test"] = busy()
    nouns = make_whispering(f"<Number URL>{PERSON}</Number><Sip URL>sip:desk@office.test</Sip>")
    application.answers["/incoming"] = dial_document(nouns, f'{KEYED} sequential="true"')
    report = await run(carrier)

    rung = [event.call_sid for event in report.events if isinstance(event.what, Ringing)]
    assert rung[1:] == [leg.sid for leg in report.legs]
    assert read_outcome(application) == ("busy", "false")


async def test_a_caller_who_hangs_up_during_the_whisper_ends_it(carrier: Carrier, application: Application) -> None:
    carrier.people[PERSON] = answers(stays)
    report = await run(carrier, once_verb(carrier, Gather, leaves_after(200)))

    assert (report.ended_by, report.legs[0].ended_by) == ("party", "dial")
    assert read_outcome(application) == ("canceled", "false")
