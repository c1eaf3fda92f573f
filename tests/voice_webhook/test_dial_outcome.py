"""How a dialling ended: only what Twilio says about two people on the line is a success."""

import pytest
from aws_lambda_powertools import Logger

from call_record import Attempt
from dial_outcome import ENDED, dial_ended, dial_outcome
from telemetry import Metrics
from tests.lambdas import Metric, counted, metrics_in


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
def test_only_twilio_s_word_that_they_talked_is_a_success(form: dict[str, str], outcome: str) -> None:
    assert dial_outcome(form) == outcome


def test_the_words_for_a_call_that_is_over_are_twilio_s() -> None:
    assert set(ENDED) == {"completed", "busy", "failed", "no-answer", "canceled"}


TALK = {"DialCallStatus": "completed", "DialBridged": "true", "DialCallDuration": "42"}


def ended(outcome: str, form: dict[str, str], attempt: Attempt | None, out: pytest.CaptureFixture[str]) -> list[Metric]:
    dial_ended(Metrics("warmline", Logger(service="test_dial_outcome")), outcome, form, attempt)
    return metrics_in(out.readouterr().out)


def settled(talked_s: int, waited_ms: int) -> Attempt:
    return Attempt(
        "call_1", "desk", claimed_at_ms=1_000, settled_at_ms=1_000 + waited_ms + talked_s * 1000, talked_s=talked_s
    )


def test_the_time_to_a_human_ends_when_the_talk_begins(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("bridged", TALK, settled(42, waited_ms=8_500), capsys) == [
        counted("DialsEnded", outcome="bridged"),
        Metric("TimeToHumanMs", 8_500, "Milliseconds"),
    ]


def test_whole_seconds_make_no_time_negative(capsys: pytest.CaptureFixture[str]) -> None:
    *_, metric = ended("bridged", TALK, settled(42, waited_ms=-300), capsys)

    assert metric == Metric("TimeToHumanMs", 0, "Milliseconds")


@pytest.mark.parametrize(("talked_s", "early"), [(0, True), (9, True), (10, False)])
def test_a_talk_too_short_to_have_helped_ends_early(
    talked_s: int, early: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    found = ended("bridged", TALK | {"DialCallDuration": str(talked_s)}, settled(talked_s, 1), capsys)

    assert (counted("EarlyEnds") in found) is early


@pytest.mark.parametrize("outcome", ["busy", "no_answer", "declined", "failed", "caller_gone"])
def test_a_dialling_that_reached_nobody_has_only_an_outcome(outcome: str, capsys: pytest.CaptureFixture[str]) -> None:
    form = {"DialCallStatus": "busy", "DialCallDuration": "0"}

    assert ended(outcome, form, settled(0, 20_000), capsys) == [counted("DialsEnded", outcome=outcome)]


@pytest.mark.parametrize("duration", ["", "soon", "-1", "4.5", "\u0664", "9" * 5000])
def test_a_talk_whose_length_is_not_told_is_neither_short_nor_measured(
    duration: str, capsys: pytest.CaptureFixture[str]
) -> None:
    form = TALK | {"DialCallDuration": duration}

    assert ended("bridged", form, settled(0, 1), capsys) == [counted("DialsEnded", outcome="bridged")]


@pytest.mark.parametrize("attempt", [None, Attempt("call_1", claimed_at_ms=1_000, settled_at_ms=50_000)])
def test_an_attempt_that_nobody_claimed_has_no_beginning(
    attempt: Attempt | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended("bridged", TALK, attempt, capsys) == [counted("DialsEnded", outcome="bridged")]
