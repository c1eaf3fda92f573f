"""How a dial ended: by the key of whoever was rung, or by Twilio's word where none is asked for."""

from dataclasses import replace

import pytest
from aws_lambda_powertools import Logger

from call_record import Attempt, CallRecord, Leg
from dial_outcome import ENDED, classify_outcome, count_dial_ended, talked_s
from telemetry import Metrics
from tests.lambdas import Metric, make_count, read_metrics


@pytest.mark.parametrize(
    ("form", "outcome"),
    [
        ({"DialCallStatus": "completed", "DialBridged": "true"}, "bridged"),
        ({"DialCallStatus": "completed", "DialBridged": "true", "CallStatus": "completed"}, "bridged"),
        ({"DialCallStatus": "completed", "DialBridged": "false"}, "declined"),
        ({"DialCallStatus": "completed"}, "declined"),
        ({"DialCallStatus": "answered", "DialBridged": "false"}, "declined"),
        ({"DialCallStatus": "busy", "DialBridged": "false"}, "busy"),
        ({"DialCallStatus": "no-answer", "DialBridged": "false", "CallStatus": "in-progress"}, "no_answer"),
        ({"DialCallStatus": "no-answer", "DialBridged": "false", "CallStatus": "completed"}, "caller_gone"),
        ({"DialCallStatus": "failed", "DialBridged": "TRUE"}, "failed"),
        ({"DialCallStatus": "canceled"}, "failed"),
        ({"QueueResult": "bridged"}, "bridged"),
        ({"QueueResult": "bridged", "CallStatus": "completed"}, "bridged"),
        ({"QueueResult": "leave", "CallStatus": "in-progress"}, "no_answer"),
        ({"QueueResult": "leave", "CallStatus": "completed"}, "caller_gone"),
        ({"QueueResult": "hangup"}, "caller_gone"),
        ({"QueueResult": "queue-full"}, "failed"),
        ({"QueueResult": "system-error"}, "failed"),
        ({}, "failed"),
    ],
)
def test_without_a_key_only_twilio_s_word_that_they_talked_is_a_success(form: dict[str, str], outcome: str) -> None:
    assert classify_outcome(form, CallRecord(), None, by_key=False) == outcome
    assert classify_outcome(form, None, None, by_key=False) == outcome


ANNA, BEN = "CA" + "a" * 32, "CA" + "b" * 32
PICKED_UP = {"DialCallStatus": "completed", "DialBridged": "true", "DialCallSid": ANNA, "CallStatus": "in-progress"}
WHISPER = "Acme Bicycles: a caller for the desk. Press 1 to take the call."
# 63 characters thrice, the pauses between, and the time for a key and for our answers.
WITHOUT_KEY_S = 3 * 6 + 2 * 2 + 5 + 15
OPEN = Attempt("call_1", "desk", status="moved", whisper=WHISPER)
TAKEN = Attempt("call_1", "desk", status="moved", accepted_by=ANNA, accepted_at_ms=1)


@pytest.mark.parametrize("attempt", [OPEN, replace(OPEN, whisper=""), None])
@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"DialCallDuration": "25"}, "not_accepted"),
        ({"DialCallDuration": "soon"}, "not_accepted"),
        ({"DialCallDuration": "39"}, "not_accepted"),
        ({"DialCallDuration": str(WITHOUT_KEY_S + 1)}, "unconfirmed"),
        ({"DialCallDuration": str(WITHOUT_KEY_S + 1), "CallStatus": "completed"}, "unconfirmed"),
        ({"DialCallDuration": "25", "CallStatus": "completed"}, "caller_gone"),
        ({"DialBridged": "false"}, "not_accepted"),
        ({"DialCallStatus": "answered", "DialBridged": "false"}, "not_accepted"),
        ({"DialCallStatus": "busy", "DialBridged": "false"}, "busy"),
        ({"DialCallStatus": "no-answer", "DialBridged": "false"}, "no_answer"),
        ({"DialCallStatus": "no-answer", "DialBridged": "false", "CallStatus": "completed"}, "caller_gone"),
        ({"DialCallStatus": "failed", "DialBridged": "false"}, "failed"),
    ],
)
def test_whoever_picked_up_without_the_key_has_not_taken_the_call(
    attempt: Attempt | None, changes: dict[str, str], outcome: str
) -> None:
    assert classify_outcome(PICKED_UP | changes, CallRecord(), attempt) == outcome


def test_how_long_somebody_may_be_on_the_line_without_a_key_is_as_long_as_what_they_hear() -> None:
    form = PICKED_UP | {"DialCallDuration": str(WITHOUT_KEY_S)}
    longer = replace(OPEN, whisper=WHISPER * 4)

    assert classify_outcome(form, CallRecord(), OPEN) == "not_accepted"
    past = form | {"DialCallDuration": str(WITHOUT_KEY_S + 1)}
    assert classify_outcome(past, CallRecord(), OPEN) == "unconfirmed"
    assert classify_outcome(past, CallRecord(), longer) == "not_accepted"


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "bridged"),
        ({"DialCallDuration": "2"}, "bridged"),
        ({"CallStatus": "completed"}, "bridged"),
        ({"DialBridged": "false"}, "failed"),
        ({"DialBridged": "false", "CallStatus": "completed"}, "caller_gone"),
    ],
)
def test_whoever_pressed_the_key_and_was_connected_has_talked(changes: dict[str, str], outcome: str) -> None:
    assert classify_outcome(PICKED_UP | changes, CallRecord(attempts=(TAKEN,)), TAKEN) == outcome


def test_the_key_of_another_leg_is_no_talk_on_this_one() -> None:
    by_ben = PICKED_UP | {"DialCallSid": BEN, "DialCallDuration": "5"}

    assert classify_outcome(by_ben, CallRecord(), TAKEN) == "not_accepted"
    assert classify_outcome(by_ben | {"DialCallSid": ""}, CallRecord(), TAKEN) == "bridged"  # whose leg is not told


def test_whether_they_were_connected_may_be_left_untold() -> None:
    form = {name: value for name, value in PICKED_UP.items() if name != "DialBridged"}

    assert classify_outcome(form, CallRecord(), TAKEN) == "bridged"
    assert classify_outcome(form | {"CallStatus": "completed"}, CallRecord(), TAKEN) == "bridged"
    assert classify_outcome(form | {"DialCallStatus": "no-answer"}, CallRecord(), TAKEN) == "no_answer"


@pytest.mark.parametrize("bridged", ["true", "false"])
def test_another_key_is_a_person_who_declined(bridged: str) -> None:
    legs = (Leg(BEN, "call_1", key="2"), Leg(ANNA, "call_1"))
    form = PICKED_UP | {"DialBridged": bridged}

    assert classify_outcome(form, CallRecord(legs=legs), OPEN) == "not_accepted"
    assert classify_outcome(form | {"DialCallSid": BEN}, CallRecord(legs=legs), OPEN) == "declined"


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [({}, "unconfirmed"), ({"DialBridged": "false"}, "not_accepted"), ({"DialCallStatus": "busy"}, "unconfirmed")],
)
def test_without_the_record_nothing_counts_as_a_talk(changes: dict[str, str], outcome: str) -> None:
    assert classify_outcome(PICKED_UP | changes, None, None) == outcome


def test_in_a_queue_there_is_no_key() -> None:
    assert classify_outcome({"QueueResult": "bridged"}, CallRecord(), OPEN) == "bridged"


def test_the_words_for_a_call_that_is_over_are_twilio_s() -> None:
    assert set(ENDED) == {"completed", "busy", "failed", "no-answer", "canceled"}


TALK = {"DialCallStatus": "completed", "DialBridged": "true", "DialCallDuration": "42"}


def count_ended(
    outcome: str, form: dict[str, str], attempt: Attempt | None, out: pytest.CaptureFixture[str]
) -> list[Metric]:
    now_s = attempt.settled_at_ms / 1000 if attempt else 50
    talked = talked_s(outcome, form, attempt, now_s)
    count_dial_ended(Metrics("warmline", Logger(service="test_dial_outcome")), outcome, talked, attempt)
    return read_metrics(out.readouterr().out)


def make_settled(seconds: int, waited_ms: int) -> Attempt:
    settled_at_ms = 1_000 + waited_ms + seconds * 1000
    return Attempt("call_1", "desk", claimed_at_ms=1_000, settled_at_ms=settled_at_ms, talked_s=seconds)


def test_the_time_to_a_human_ends_when_the_talk_begins(capsys: pytest.CaptureFixture[str]) -> None:
    assert count_ended("bridged", TALK, make_settled(42, waited_ms=8_500), capsys) == [
        make_count("DialsEnded", outcome="bridged"),
        Metric("TimeToHumanMs", 8_500, "Milliseconds"),
    ]


def test_whole_seconds_make_no_time_negative(capsys: pytest.CaptureFixture[str]) -> None:
    *_, metric = count_ended("bridged", TALK, make_settled(42, waited_ms=-300), capsys)

    assert metric == Metric("TimeToHumanMs", 0, "Milliseconds")


@pytest.mark.parametrize(("seconds", "early"), [(0, True), (9, True), (10, False)])
def test_a_talk_too_short_to_have_helped_ends_early(
    seconds: int, early: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    found = count_ended("bridged", TALK | {"DialCallDuration": str(seconds)}, make_settled(seconds, 1), capsys)

    assert (make_count("EarlyEnds") in found) is early


@pytest.mark.parametrize(("taken_at_ms", "early"), [(12_000, False), (50_000, True)])
def test_a_talk_begins_with_the_key(taken_at_ms: int, early: bool, capsys: pytest.CaptureFixture[str]) -> None:
    attempt = Attempt("call_1", "desk", claimed_at_ms=1_000, settled_at_ms=54_000, accepted_at_ms=taken_at_ms)

    found = count_ended("bridged", TALK, attempt, capsys)

    assert (make_count("EarlyEnds") in found) is early
    assert found[-1] == Metric("TimeToHumanMs", taken_at_ms - 1_000, "Milliseconds")


@pytest.mark.parametrize(
    "outcome", ["busy", "no_answer", "declined", "not_accepted", "unconfirmed", "failed", "caller_gone"]
)
def test_a_dial_that_reached_nobody_has_only_an_outcome(outcome: str, capsys: pytest.CaptureFixture[str]) -> None:
    form = {"DialCallStatus": "busy", "DialCallDuration": "0"}

    assert count_ended(outcome, form, make_settled(0, 20_000), capsys) == [make_count("DialsEnded", outcome=outcome)]


@pytest.mark.parametrize("duration", ["", "soon", "-1", "4.5", "\u0664", "9" * 5000])
def test_a_talk_whose_length_is_not_told_is_neither_short_nor_measured(
    duration: str, capsys: pytest.CaptureFixture[str]
) -> None:
    form = TALK | {"DialCallDuration": duration}

    assert count_ended("bridged", form, make_settled(0, 1), capsys) == [make_count("DialsEnded", outcome="bridged")]


@pytest.mark.parametrize("attempt", [None, Attempt("call_1", claimed_at_ms=1_000, settled_at_ms=50_000)])
def test_an_attempt_that_nobody_claimed_has_no_beginning(
    attempt: Attempt | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert count_ended("bridged", TALK, attempt, capsys) == [make_count("DialsEnded", outcome="bridged")]
