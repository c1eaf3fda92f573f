"""The attempts of a call, in sentences, and what each telephone did."""

from dataclasses import replace

import pytest

from call_rows import Attempt, CallRecord, Goodbye, Leg
from tests.console.record.example_record import BEGAN, LEG, OTHER_LEG, RECORD, find, view_of

ATTEMPT = Attempt("r1", "maria", claimed_at_ms=BEGAN, settled_at_ms=BEGAN + 9000)


def test_an_attempt_says_what_each_telephone_did() -> None:
    (attempt,) = view_of(RECORD).attempts

    assert (attempt.at_ms, attempt.settled_at_ms, attempt.status) == (20_000, 50_000, "not_accepted")
    assert attempt.outcome == "Somebody or something picked up at front desk, and pressed no key."
    assert [(leg.sid, leg.rung_at_ms, leg.answered_at_ms, leg.ended_at_ms, leg.outcome) for leg in attempt.legs] == [
        (LEG, 23_000, 30_000, 49_000, "picked up, pressed no key"),
        (OTHER_LEG, 24_000, None, 49_500, "did not pick up"),
    ]


@pytest.mark.parametrize(
    ("attempt", "sentence"),
    [
        (replace(ATTEMPT, status="claimed"), "Twilio is being asked to ring maria."),
        (replace(ATTEMPT, status="moved"), "Maria is being rung."),
        (replace(ATTEMPT, status="moved", accepted_by=LEG), "Maria took the call, and they talk."),
        (replace(ATTEMPT, status="bridged", talked_s=64), "Maria and the caller talked for 64 s."),
        (replace(ATTEMPT, status="busy"), "Maria was busy."),
        (replace(ATTEMPT, status="declined"), "Maria declined."),
        (replace(ATTEMPT, status="unconfirmed"), "Maria and the caller may have talked; nobody can tell."),
        (replace(ATTEMPT, status="caller_gone"), "The caller hung up before maria took the call."),
        (
            replace(ATTEMPT, status="failed", failure="no_such_number", error_code="13224", sip_code="404"),
            "Maria could not be rung: there is no such number (Twilio's error 13224, SIP 404).",
        ),
        (replace(ATTEMPT, status="failed", detail="HTTP 500"), "Maria could not be rung: HTTP 500."),
        (
            replace(ATTEMPT, status="no_answer", message_s=7, message_url="u"),
            "Nobody picked up at maria. The caller left a message of 7 s.",
        ),
        (
            replace(ATTEMPT, status="no_answer", forwarded_back=2),
            "Nobody picked up at maria. The call came back to our own number 2 times.",
        ),
        (replace(ATTEMPT, status="new_word"), "Maria: new_word."),
    ],
)
def test_an_attempt_has_a_sentence(attempt: Attempt, sentence: str) -> None:
    (shown,) = view_of(CallRecord(attempts=(attempt,))).attempts

    assert shown.outcome == sentence


def test_an_attempt_that_was_left_does_not_ring_for_ever() -> None:
    left = replace(ATTEMPT, status="moved", settled_at_ms=0)
    later = replace(ATTEMPT, request_id="r2", claimed_at_ms=BEGAN + 5000, status="moved", settled_at_ms=0)
    taken = replace(left, accepted_by=LEG)
    said = Goodbye("b1", "moved", claimed_at_ms=BEGAN + 20_000)

    told = [
        [attempt.outcome for attempt in view_of(record, BEGAN + 30_000).attempts]
        for record in (CallRecord(attempts=(left, later)), CallRecord(attempts=(taken,), goodbyes=(said,)))
    ]

    assert told == [
        ["Nobody wrote what became of the call to maria.", "Maria is being rung."],
        ["Maria took the call; nobody wrote how long they talked."],
    ]


@pytest.mark.parametrize(
    ("leg", "told"),
    [
        (Leg(LEG, "r1", BEGAN, BEGAN), ""),
        (Leg(LEG, "r1", key="2", completed_at_ms=BEGAN), "picked up, and declined with the key 2"),
        (Leg(LEG, "r1", completed_at_ms=BEGAN, status="busy"), "the line was busy"),
        (Leg(LEG, "r1", completed_at_ms=BEGAN, status="failed", sip_code="404"), "could not be reached (SIP 404)"),
        (Leg(LEG, "r1", completed_at_ms=BEGAN, status="odd"), "ended as odd"),
        (Leg(LEG, "r1", completed_at_ms=BEGAN), "ended as Twilio did not say"),
        (Leg(LEG, "r1", answered_at_ms=BEGAN, completed_at_ms=BEGAN), "picked up, and was not connected"),
    ],
)
def test_a_telephone_that_was_rung_has_an_outcome(leg: Leg, told: str) -> None:
    (attempt,) = view_of(CallRecord(attempts=(ATTEMPT,), legs=(leg,))).attempts

    assert attempt.legs[0].outcome == told


def test_whoever_took_the_call_talks_until_the_dial_is_over() -> None:
    taken = replace(ATTEMPT, status="moved", settled_at_ms=0, accepted_by=LEG, accepted_at_ms=BEGAN + 5000)
    leg = Leg(LEG, "r1", BEGAN + 1000, BEGAN + 2000, BEGAN + 4000)
    over = replace(taken, status="bridged", settled_at_ms=BEGAN + 65_000, talked_s=60)

    talks = find(view_of(CallRecord(attempts=(taken,), legs=(leg,)), BEGAN + 30_000), "maria and the caller talk")
    talked = find(view_of(CallRecord(attempts=(over,), legs=(leg,))), "maria and the caller talk")

    assert (talks.at_ms, talks.until_ms, talks.open) == (5000, 30_000, True)
    assert (talked.at_ms, talked.until_ms, talked.open) == (5000, 65_000, False)
    assert talks.number == talked.number


def test_a_person_of_whom_only_the_talk_is_known_has_a_lane() -> None:
    talked = replace(ATTEMPT, status="bridged", dial_call_sid=LEG, talked_s=4)

    view = view_of(CallRecord(attempts=(talked,)))

    assert view.lanes[2].id == LEG
    assert (find(view, "maria and the caller talk").at_ms, view.attempts[0].legs[0].outcome) == (5000, "took the call")
